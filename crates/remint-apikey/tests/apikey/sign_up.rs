#![expect(clippy::unwrap_used, reason = "a test may panic")]

use remint_apikey::NewUser;
use remint_core::{
    AuditAction, AuditActor, Effect, Environment, ExternalIdentity, IssuerId, Page, Roles, StoreError, Subject, Target,
    TenantChange, TenantId, UserChange,
};
use remint_core::{AuditLog, DeniedKind, UserId};

use crate::support::{Bench, alice};

fn at_acme(subject: &str) -> ExternalIdentity {
    ExternalIdentity { issuer: IssuerId::new("https://acme.example").unwrap(), subject: Subject::new(subject).unwrap() }
}

async fn actions(bench: &Bench) -> Vec<AuditAction> {
    bench.store.events(Page::all()).await.unwrap().into_iter().map(|(_, event)| event.action).collect()
}

#[tokio::test]
async fn a_user_comes_with_a_key_of_each_environment_asked_for() {
    let bench = Bench::new();
    let new = NewUser::new(alice()).with_scopes("read".parse().unwrap());
    let signed_up = bench.keys.sign_up(new.issuing([Environment::Live, Environment::Test])).await.unwrap();
    let environments: Vec<_> = signed_up.keys.iter().map(|(_, key)| key.environment).collect();
    assert_eq!(environments, [Environment::Live, Environment::Test]);
    for (key, record) in &signed_up.keys {
        let answer = bench.accepted(key).await;
        assert_eq!((answer.identity.subject.as_str(), answer.identity.environment), ("alice", record.environment));
    }
    let expected = [AuditAction::UserCreated, AuditAction::KeyIssued, AuditAction::KeyIssued];
    assert_eq!(actions(&bench).await, expected);
}

#[tokio::test]
async fn a_sign_up_of_which_the_caches_cannot_be_told_leaves_no_user() {
    let bench = Bench::new();
    bench.revoker.set_out(true);
    let new = NewUser::new(alice()).issuing([Environment::Live]);
    assert!(matches!(bench.keys.sign_up(new).await, Err(StoreError::Unavailable(_))));
    assert_eq!(bench.keys.user(&alice()).await.unwrap(), None);
    assert_eq!(bench.keys.list(&alice()).await.unwrap(), []);
}

#[tokio::test]
async fn disabling_a_tenant_stops_all_its_users_and_enabling_brings_them_back() {
    let bench = Bench::new();
    let acme = TenantId::new("acme").unwrap();
    let mut keys = Vec::new();
    for name in ["alice", "bob"] {
        let new = NewUser::new(UserId::new(name).unwrap()).with_tenant(acme.clone());
        keys.extend(bench.keys.sign_up(new.issuing([Environment::Live])).await.unwrap().keys);
    }
    let elsewhere = NewUser::new(UserId::new("carol").unwrap()).issuing([Environment::Live]);
    let elsewhere = bench.keys.sign_up(elsewhere).await.unwrap().keys;
    let _ = bench.revoker.take();

    let enabled = |enabled| TenantChange { enabled: Some(enabled), plan: None };
    assert!(!bench.keys.change_tenant(&acme, &enabled(false)).await.unwrap().unwrap().enabled);
    for (key, _) in &keys {
        assert_eq!(bench.denied(key.expose_secret()).await, DeniedKind::TenantDisabled);
    }
    bench.accepted(&elsewhere[0].0).await;
    let rows = bench.revoker.take();
    assert_eq!((&rows[0].target, rows[0].effect), (&Target::Tenant(acme.clone()), Effect::Ended));

    bench.keys.change_tenant(&acme, &enabled(true)).await.unwrap();
    for (key, _) in &keys {
        bench.accepted(key).await;
    }
    assert_eq!(bench.revoker.take()[0].effect, Effect::Changed);
    let nobody = TenantId::new("nobody").unwrap();
    assert_eq!(bench.keys.change_tenant(&nobody, &enabled(false)).await.unwrap(), None);
}

#[tokio::test]
async fn moving_to_another_tenant_ends_what_was_made_and_other_changes_make_caches_forget() {
    let bench = Bench::new();
    bench.sign_up().await;
    let acme = Some(Some(TenantId::new("acme").unwrap()));
    let changes = [
        (UserChange { tenant: acme, ..UserChange::default() }, Effect::Ended),
        (UserChange { enabled: Some(false), ..UserChange::default() }, Effect::Ended),
        (UserChange { enabled: Some(true), ..UserChange::default() }, Effect::Changed),
        (UserChange { scopes: Some("read".parse().unwrap()), ..UserChange::default() }, Effect::Changed),
        (UserChange { roles: Some(Roles::new(["editor"]).unwrap()), ..UserChange::default() }, Effect::Changed),
        (UserChange { roles: Some(Roles::none()), ..UserChange::default() }, Effect::Changed),
        (UserChange { entitlements: Some(vec!["gpu".into()]), ..UserChange::default() }, Effect::Changed),
    ];
    for (change, effect) in changes {
        let _ = bench.revoker.take();
        bench.keys.change_user(&alice(), &change).await.unwrap().unwrap();
        let rows = bench.revoker.take();
        assert_eq!((&rows[0].target, rows[0].effect), (&Target::User(alice()), effect), "{change:?}");
    }
}

#[tokio::test]
async fn the_audit_trail_names_the_roles_that_a_user_was_given() {
    let bench = Bench::new();
    bench.sign_up().await;
    for roles in [Roles::new(["b", "a"]).unwrap(), Roles::none()] {
        let change = UserChange { roles: Some(roles.clone()), ..UserChange::default() };
        bench.keys.change_user(&alice(), &change).await.unwrap().unwrap();
        let (_, event) = bench.store.events(Page::all()).await.unwrap().pop().unwrap();
        let detail = serde_json::json!({ "roles": roles });
        assert_eq!((event.action, serde_json::Value::Object(event.detail)), (AuditAction::UserChanged, detail));
    }
}

#[tokio::test]
async fn links_that_come_and_go_make_caches_forget_both() {
    let bench = Bench::new();
    bench.keys.sign_up(NewUser::new(alice()).with_external(at_acme("a"))).await.unwrap();
    let _ = bench.revoker.take();
    let change = UserChange { external: Some(vec![at_acme("b")]), ..UserChange::default() };
    bench.keys.change_user(&alice(), &change).await.unwrap();
    let rows = bench.revoker.take();
    for subject in ["a", "b"] {
        let ExternalIdentity { issuer, subject } = at_acme(subject);
        let target = Target::Subject { issuer, subject };
        assert!(rows.iter().any(|row| row.target == target && row.effect == Effect::Changed), "{target:?}");
    }
}

#[tokio::test]
async fn deleting_a_user_ends_what_their_external_identities_got() {
    let bench = Bench::new();
    bench.keys.sign_up(NewUser::new(alice()).with_external(at_acme("a"))).await.unwrap();
    let _ = bench.revoker.take();
    assert!(bench.keys.delete_user(&alice()).await.unwrap());
    let ExternalIdentity { issuer, subject } = at_acme("a");
    let rows = bench.revoker.take();
    for target in [Target::User(alice()), Target::Subject { issuer, subject }] {
        assert!(rows.iter().any(|row| row.target == target && row.effect == Effect::Ended), "{target:?}");
    }
    assert_eq!(bench.keys.linked(&at_acme("a")).await.unwrap(), None);
}

#[tokio::test]
async fn what_is_done_is_recorded_as_whom_the_handle_acts() {
    let bench = Bench::new();
    let operator = AuditActor::Operator { account: Some("root".into()) };
    bench.keys.acting_as(operator.clone()).create_user(NewUser::new(alice())).await.unwrap();
    bench.keys.delete_user(&alice()).await.unwrap();
    let events = bench.store.events(Page::all()).await.unwrap();
    let by: Vec<_> = events.iter().map(|(_, event)| (event.action, event.actor.clone())).collect();
    let expected = [(AuditAction::UserCreated, operator), (AuditAction::UserDeleted, AuditActor::System)];
    assert_eq!(by, expected);
    assert!(events.iter().all(|(_, event)| event.user == Some(alice())));
}
