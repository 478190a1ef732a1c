#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use remint_apikey::{ApiKeys, JustInTimeProvisioning, KeyDelivery, LinkedAuthenticator, NewUser, Peppers, SignedUp};
use remint_core::{
    Authentication, Authenticator, Confirmation, Credential, CredentialForm, CredentialRef, DeniedKind, Environment,
    ExternalIdentity, IssuerId, Refusal, Revocation, Revoker, Roles, Slot, Stamp, TenantChange, TenantId, Timestamp,
    Unavailable, UnavailableKind, UserChange,
};
use remint_testkit::RecordingRevoker;
use remint_testkit::fakes::{FakeAuthenticator, jwt_of};

use crate::support::{Bench, alice, pepper};

const TOKEN: &str = "a.b.c";

/// A token of `alice's subject`, and who she is elsewhere.
fn token() -> (Authentication, ExternalIdentity) {
    let authentication = jwt_of("ext-alice", Timestamp::from_secs(1), Timestamp::MAX);
    let CredentialRef::Jwt { issuer, subject, .. } = &authentication.identity.credential else { unreachable!() };
    let external = ExternalIdentity { issuer: issuer.clone(), subject: subject.clone() };
    (authentication, external)
}

fn over(bench: &Bench, answer: Authentication) -> LinkedAuthenticator {
    let inner = FakeAuthenticator::new();
    inner.answer(TOKEN, Ok(answer));
    LinkedAuthenticator::new(Arc::new(inner), bench.keys.clone())
}

async fn ask(linked: &LinkedAuthenticator) -> Result<Authentication, Refusal> {
    let credential = Credential::new(Slot::Bearer, CredentialForm::Jwt, TOKEN);
    Ok(linked.authenticate(credential).await?.unwrap().into_inner())
}

async fn denied(linked: &LinkedAuthenticator) -> DeniedKind {
    match ask(linked).await {
        Err(Refusal::Denied(denied)) => denied.kind(),
        other => unreachable!("{other:?}"),
    }
}

fn acme() -> TenantId {
    TenantId::new("acme").unwrap()
}

#[tokio::test]
async fn a_jwt_and_an_api_key_of_one_person_have_one_subject() {
    let bench = Bench::new();
    let (answer, external) = token();
    let scopes = answer.identity.scopes.clone();
    let new = NewUser::new(alice()).with_external(external).with_scopes("remint:admin".parse().unwrap());
    let keys = bench.keys.sign_up(new.issuing([Environment::Live])).await.unwrap().keys;
    let linked = ask(&over(&bench, answer)).await.unwrap();
    assert_eq!(linked.identity.subject, bench.accepted(&keys[0].0).await.identity.subject);
    assert_eq!(linked.identity.subject.as_str(), "alice");
    assert_eq!(linked.identity.scopes, scopes, "the token's own, not the user's");
}

#[tokio::test]
async fn a_link_by_the_plain_subject_stays_and_one_by_the_name_comes_first() {
    let bench = Bench::new();
    let (mut answer, plain) = token();
    let CredentialRef::Jwt { subject, .. } = &mut answer.identity.credential else { unreachable!() };
    *subject = "upn:alice@acme.example".parse().unwrap();
    let named = ExternalIdentity { subject: subject.clone(), ..plain.clone() };
    answer.plain_subject = Some(plain.subject.clone());
    bench.keys.sign_up(NewUser::new(alice()).with_external(plain)).await.unwrap();
    // Nor is a second user made of them.
    let linked = over(&bench, answer.clone()).with_just_in_time(JustInTimeProvisioning::of_any_issuer());
    assert_eq!(ask(&linked).await.unwrap().identity.subject.as_str(), "alice");

    bench.keys.sign_up(NewUser::new("bob".parse().unwrap()).with_external(named)).await.unwrap();
    assert_eq!(ask(&over(&bench, answer.clone())).await.unwrap().identity.subject.as_str(), "bob");
    answer.plain_subject = None;
    assert_eq!(ask(&over(&bench, answer)).await.unwrap().identity.subject.as_str(), "bob");
}

#[tokio::test]
async fn an_unlinked_subject_stays_who_it_is() {
    let bench = Bench::new();
    let (answer, _) = token();
    assert_eq!(ask(&over(&bench, answer.clone())).await.unwrap(), answer);
}

#[tokio::test]
async fn a_disabled_user_does_not_get_in_by_the_other_door() {
    let bench = Bench::new();
    let (answer, external) = token();
    bench.keys.sign_up(NewUser::new(alice()).with_external(external)).await.unwrap();
    bench.keys.set_user_enabled(&alice(), false).await.unwrap();
    assert_eq!(denied(&over(&bench, answer)).await, DeniedKind::UserDisabled);
}

#[tokio::test]
async fn a_disabled_tenant_is_refused_linked_or_not() {
    let bench = Bench::new();
    let (mut answer, external) = token();
    bench.keys.sign_up(NewUser::new(alice()).with_external(external.clone()).with_tenant(acme())).await.unwrap();
    let disable = TenantChange { enabled: Some(false), plan: None };
    bench.keys.change_tenant(&acme(), &disable).await.unwrap();
    assert_eq!(denied(&over(&bench, answer.clone())).await, DeniedKind::TenantDisabled);

    bench.keys.delete_user(&alice()).await.unwrap();
    answer.identity.tenant = Some(acme());
    assert_eq!(denied(&over(&bench, answer.clone())).await, DeniedKind::TenantDisabled);
    let just_in_time = over(&bench, answer).with_just_in_time(JustInTimeProvisioning::of_any_issuer());
    assert_eq!(denied(&just_in_time).await, DeniedKind::TenantDisabled);
    assert_eq!(bench.keys.linked(&external).await.unwrap(), None, "nor is a user made for it");
}

#[tokio::test]
async fn a_plan_is_the_users_or_else_the_tenants_linked_or_not() {
    let bench = Bench::new();
    let (mut answer, external) = token();
    bench.keys.sign_up(NewUser::new(alice()).with_external(external).with_tenant(acme())).await.unwrap();
    let gold = TenantChange { enabled: None, plan: Some(Some("gold".parse().unwrap())) };
    bench.keys.change_tenant(&acme(), &gold).await.unwrap();
    let plan = async |answer: &Authentication| ask(&over(&bench, answer.clone())).await.unwrap().identity.plan;
    assert_eq!(plan(&answer).await, Some("gold".parse().unwrap()), "the tenant's");
    let own = UserChange { plan: Some(Some("silver".parse().unwrap())), ..UserChange::default() };
    bench.keys.change_user(&alice(), &own).await.unwrap();
    assert_eq!(plan(&answer).await, Some("silver".parse().unwrap()), "their own");

    bench.keys.delete_user(&alice()).await.unwrap();
    assert_eq!(plan(&answer).await, None);
    answer.identity.tenant = Some(acme());
    assert_eq!(plan(&answer).await, Some("gold".parse().unwrap()), "of a subject that is linked to nobody");
}

/// A revoker that knows every token to be ended.
#[derive(Debug)]
struct Ended(RecordingRevoker);

#[async_trait]
impl Revoker for Ended {
    async fn revoke(&self, revocation: Revocation) -> Result<Stamp, Unavailable> {
        self.0.revoke(revocation).await
    }

    async fn announce(&self, rows: &[Revocation]) -> Result<(), Unavailable> {
        self.0.announce(rows).await
    }

    fn refuses(&self, _: &Authentication) -> bool {
        true
    }
}

#[tokio::test]
async fn a_token_that_was_ended_provisions_no_user() {
    let mut bench = Bench::new();
    let revoker = Arc::new(Ended(bench.revoker.clone()));
    bench.keys = ApiKeys::new(Arc::new(bench.store.clone()), Peppers::new(pepper("first")), revoker);
    let (answer, external) = token();
    let linked = over(&bench, answer).with_just_in_time(JustInTimeProvisioning::of_any_issuer());
    assert_eq!(denied(&linked).await, DeniedKind::Revoked);
    assert_eq!(bench.keys.linked(&external).await.unwrap(), None);
}

#[tokio::test]
async fn a_token_that_speaks_for_another_tenant_than_its_users_is_refused() {
    let bench = Bench::new();
    let (mut answer, external) = token();
    bench.keys.sign_up(NewUser::new(alice()).with_external(external).with_tenant(acme())).await.unwrap();
    assert_eq!(ask(&over(&bench, answer.clone())).await.unwrap().identity.tenant, Some(acme()));
    answer.identity.tenant = Some(TenantId::new("other").unwrap());
    assert_eq!(denied(&over(&bench, answer)).await, DeniedKind::Tenant);
}

#[tokio::test]
async fn an_outage_of_the_store_is_no_unlinked_subject() {
    let bench = Bench::new();
    let (answer, _) = token();
    bench.store.sever();
    let outcome = ask(&over(&bench, answer)).await;
    assert!(matches!(outcome, Err(Refusal::Unavailable(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_user_is_provisioned_once_and_only_where_the_policy_says_so() {
    let bench = Bench::new();
    let (answer, external) = token();
    let elsewhere = JustInTimeProvisioning::of([IssuerId::new("https://elsewhere.example").unwrap()]);
    assert_eq!(ask(&over(&bench, answer.clone()).with_just_in_time(elsewhere)).await.unwrap(), answer);
    assert_eq!(bench.keys.linked(&external).await.unwrap(), None);

    let policy = JustInTimeProvisioning::of([external.issuer.clone()]).with_scopes("read".parse().unwrap());
    let linked = over(&bench, answer).with_just_in_time(policy);
    let (first, second) = tokio::join!(ask(&linked), ask(&linked));
    let (first, second) = (first.unwrap().identity.subject, second.unwrap().identity.subject);
    assert_eq!(first, second);
    let user = bench.keys.linked(&external).await.unwrap().unwrap().user;
    assert_eq!((user.id.as_str(), user.scopes.to_string().as_str()), (first.as_str(), "read"));
    assert!(first.as_str().starts_with("usr_"));
}

#[tokio::test]
async fn a_provisioned_user_is_of_the_tenant_that_the_token_speaks_for() {
    let bench = Bench::new();
    let (mut answer, external) = token();
    answer.identity.tenant = Some(acme());
    let made = ask(&over(&bench, answer).with_just_in_time(JustInTimeProvisioning::of_any_issuer())).await.unwrap();
    assert_eq!(made.identity.tenant, Some(acme()));
    assert_eq!(bench.keys.linked(&external).await.unwrap().unwrap().user.tenant, Some(acme()));
}

#[tokio::test]
async fn a_linked_token_carries_the_roles_that_its_trust_lets_pass_and_the_users_own_each_once() {
    let bench = Bench::new();
    let (mut answer, external) = token();
    answer.identity.roles = vec!["buyer".to_owned(), "editor".to_owned()];
    let own = Roles::new(["editor", "viewer"]).unwrap();
    bench.keys.sign_up(NewUser::new(alice()).with_external(external).with_roles(own)).await.unwrap();
    let found = ask(&over(&bench, answer.clone())).await.unwrap();
    assert_eq!(found.identity.roles, ["buyer", "editor", "viewer"]);
    // What is taken away here goes, and what the provider says stays.
    let change = UserChange { roles: Some(Roles::none()), ..UserChange::default() };
    bench.keys.change_user(&alice(), &change).await.unwrap().unwrap();
    assert_eq!(ask(&over(&bench, answer)).await.unwrap().identity.roles, ["buyer", "editor"]);
}

#[tokio::test]
async fn a_linked_token_that_is_restricted_carries_no_roles_of_the_user() {
    let bench = Bench::new();
    let (mut answer, external) = token();
    answer.restrict();
    let own = Roles::new(["editor"]).unwrap();
    let new = NewUser::new(alice()).with_external(external).with_roles(own).with_entitlements(vec!["gpu".to_owned()]);
    bench.keys.sign_up(new).await.unwrap();
    let found = ask(&over(&bench, answer)).await.unwrap();
    assert_eq!((found.identity.subject.as_str(), found.restricted), ("alice", true));
    assert_eq!((found.identity.roles, found.identity.entitlements), (vec![], vec![]));
}

#[tokio::test]
async fn an_entitlement_that_the_token_and_the_user_have_is_there_once() {
    let bench = Bench::new();
    let (mut answer, external) = token();
    answer.identity.entitlements = vec!["gpu".to_owned()];
    let new =
        NewUser::new(alice()).with_external(external).with_entitlements(vec!["gpu".to_owned(), "beta".to_owned()]);
    bench.keys.sign_up(new).await.unwrap();
    assert_eq!(ask(&over(&bench, answer)).await.unwrap().identity.entitlements, ["gpu", "beta"]);
}

#[derive(Debug, Clone, Default)]
struct Post {
    sent: Arc<AtomicUsize>,
    closed: bool,
}

#[async_trait]
impl KeyDelivery for Post {
    async fn deliver(&self, signed_up: SignedUp) -> Result<(), Unavailable> {
        if self.closed {
            return Err(Unavailable::new(UnavailableKind::Internal));
        }
        self.sent.fetch_add(signed_up.keys.len(), Ordering::SeqCst);
        Ok(())
    }
}

#[tokio::test]
async fn the_first_keys_are_handed_over_or_the_user_is_not_made() {
    let bench = Bench::new();
    let (answer, external) = token();
    let closed = Post { closed: true, ..Post::default() };
    let policy = JustInTimeProvisioning::of_any_issuer().issuing([Environment::Live], closed);
    let outcome = ask(&over(&bench, answer.clone()).with_just_in_time(policy)).await;
    assert!(matches!(outcome, Err(Refusal::Unavailable(_))));
    assert_eq!(bench.keys.linked(&external).await.unwrap(), None);

    let post = Post::default();
    let policy = JustInTimeProvisioning::of_any_issuer().issuing([Environment::Live, Environment::Test], post.clone());
    let linked = over(&bench, answer).with_just_in_time(policy);
    ask(&linked).await.unwrap();
    ask(&linked).await.unwrap();
    assert_eq!(post.sent.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_token_that_is_bound_to_its_sender_makes_a_user_without_keys() {
    for confirmation in [Confirmation::Jkt([1; 32]), Confirmation::X5tS256([2; 32])] {
        let bench = Bench::new();
        let (answer, external) = token();
        let post = Post::default();
        let policy = JustInTimeProvisioning::of_any_issuer().issuing([Environment::Live], post.clone());
        let answer = Authentication { confirmation: Some(confirmation), ..answer };
        ask(&over(&bench, answer).with_just_in_time(policy)).await.unwrap();
        let user = bench.keys.linked(&external).await.unwrap().unwrap().user;
        assert_eq!(bench.keys.list(&user.id).await.unwrap(), []);
        assert_eq!(post.sent.load(Ordering::SeqCst), 0);
    }
}
