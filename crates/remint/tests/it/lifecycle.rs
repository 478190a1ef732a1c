use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use remint::{
    Algorithm, Authenticator, Clock, Credential, CredentialForm, DeniedKind, Environment, ExternalIdentity, IssuerId,
    JustInTimeProvisioning, KeyId, MemoryStore, NewKey, NewUser, Refusal, Remint, RotateKey, Slot, Subject, Target,
    TenantChange, TenantId, Timestamp, UserId,
};
use serde_json::json;
use tokio::sync::watch;

use crate::support::{IDP, Provider, app, ask, builder, key_of, now};

/// A clock that a test turns. Clones share it.
#[derive(Debug, Clone)]
struct Turned(Arc<AtomicU64>);

impl Turned {
    fn new() -> Self {
        Self(Arc::new(AtomicU64::new(remint::SystemClock.now().as_millis())))
    }

    fn advance(&self, by: Duration) {
        self.0.fetch_add(u64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for Turned {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_key_is_rotated_under_load_without_a_refused_request() {
    let edge = builder(&Provider::new(Algorithm::Es256), MemoryStore::new()).build().await.unwrap();
    let app = app(&edge).await;
    let (key, mut id) = key_of(&edge, "alice", Environment::Live).await;
    // What a fleet of workers is told, each of them a little later than the others.
    let (tell, told) = watch::channel(key);
    let done = Arc::new(AtomicBool::new(false));
    let workers: Vec<_> = (0..8)
        .map(|_| {
            let (app, told, done) = (app.clone(), told.clone(), Arc::clone(&done));
            tokio::spawn(async move {
                let mut served = 0_u32;
                while !done.load(Ordering::SeqCst) {
                    let key = told.borrow().clone();
                    for _ in 0..20 {
                        let (status, caller) = ask(&app, "x-api-key", &key).await;
                        assert_eq!((status, &caller["subject"]), (StatusCode::OK, &json!("alice")));
                        served += 1;
                    }
                    tokio::task::yield_now().await;
                }
                served
            })
        })
        .collect();
    for _ in 0..25 {
        let rotated = edge.api_keys().unwrap().rotate(RotateKey::new(id).overlapping(Duration::from_secs(60))).await;
        let rotated = rotated.unwrap();
        id = rotated.new.id;
        tokio::task::yield_now().await;
        tell.send(rotated.key.expose_secret().to_owned()).unwrap();
        for _ in 0..5 {
            assert_eq!(ask(&app, "x-api-key", rotated.key.expose_secret()).await.0, StatusCode::OK);
        }
    }
    done.store(true, Ordering::SeqCst);
    for worker in workers {
        assert!(worker.await.unwrap() > 0);
    }
}

#[tokio::test]
async fn a_cached_entry_of_a_rotated_key_keeps_to_the_deadline() {
    let clock = Turned::new();
    let edge =
        builder(&Provider::new(Algorithm::Es256), MemoryStore::new()).clock(clock.clone()).build().await.unwrap();
    let layer = tower::ServiceBuilder::new().layer(edge.layer());
    let app = axum::Router::new().route("/me", axum::routing::get(async || "{}")).layer(layer);
    let (old, id) = key_of(&edge, "alice", Environment::Live).await;
    assert_eq!(ask(&app, "x-api-key", &old).await.0, StatusCode::OK, "warm");
    let overlap = Duration::from_secs(40);
    let rotated = edge.api_keys().unwrap().rotate(RotateKey::new(id).overlapping(overlap)).await.unwrap();
    let new = rotated.key.expose_secret();
    for _ in 0..2 {
        assert_eq!(ask(&app, "x-api-key", &old).await.0, StatusCode::OK, "warm again");
        assert_eq!(ask(&app, "x-api-key", new).await.0, StatusCode::OK);
    }
    clock.advance(overlap - Duration::from_millis(1001));
    assert_eq!(ask(&app, "x-api-key", &old).await.0, StatusCode::OK);
    clock.advance(Duration::from_millis(1001));
    assert_eq!(ask(&app, "x-api-key", &old).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&app, "x-api-key", new).await.0, StatusCode::OK);
}

#[tokio::test]
async fn one_person_has_one_subject_by_both_doors_and_loses_both_at_once() {
    let provider = Provider::new(Algorithm::Es256);
    let edge = builder(&provider, MemoryStore::new()).build().await.unwrap();
    let (app, keys) = (app(&edge).await, edge.api_keys().unwrap());
    let external =
        ExternalIdentity { issuer: IssuerId::new(IDP).unwrap(), subject: Subject::new("ext-alice").unwrap() };
    let bearer = format!("Bearer {}", provider.token("ext-alice", 60));
    assert_eq!(ask(&app, "authorization", &bearer).await.1["subject"], "idp.example|ext-alice");

    let alice = UserId::new("alice").unwrap();
    let new = NewUser::new(alice.clone()).with_external(external).issuing([Environment::Live]);
    let signed_up = keys.sign_up(new).await.unwrap();
    let key = signed_up.keys[0].0.expose_secret();
    assert_eq!(
        ask(&app, "authorization", &bearer).await.1["subject"],
        "alice",
        "the link shows at once, cached or not"
    );
    assert_eq!(ask(&app, "x-api-key", key).await.1["subject"], "alice");

    keys.set_user_enabled(&alice, false).await.unwrap();
    assert_eq!(ask(&app, "authorization", &bearer).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&app, "x-api-key", key).await.0, StatusCode::UNAUTHORIZED);
    keys.set_user_enabled(&alice, true).await.unwrap();
    assert_eq!(ask(&app, "authorization", &bearer).await.0, StatusCode::OK);

    keys.delete_user(&alice).await.unwrap();
    assert_eq!(ask(&app, "authorization", &bearer).await.0, StatusCode::UNAUTHORIZED, "not the bare subject either");
    assert_eq!(ask(&app, "x-api-key", key).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_that_was_ended_provisions_no_user() {
    let provider = Provider::new(Algorithm::Es256);
    let policy = JustInTimeProvisioning::of_any_issuer();
    let edge = builder(&provider, MemoryStore::new()).just_in_time(policy).build().await.unwrap();
    let (app, keys) = (app(&edge).await, edge.api_keys().unwrap());
    let external =
        ExternalIdentity { issuer: IssuerId::new(IDP).unwrap(), subject: Subject::new("ext-alice").unwrap() };
    let bearer = format!("Bearer {}", provider.token("ext-alice", 60));
    assert_eq!(ask(&app, "authorization", &bearer).await.0, StatusCode::OK);
    let user = keys.linked(&external).await.unwrap().unwrap().user.id;
    keys.delete_user(&user).await.unwrap();
    assert_eq!(ask(&app, "authorization", &bearer).await.0, StatusCode::UNAUTHORIZED);
    assert!(keys.linked(&external).await.unwrap().is_none(), "nobody logged in since");
}

#[tokio::test]
async fn a_user_created_again_inherits_no_key_and_no_cached_entry() {
    let edge = builder(&Provider::new(Algorithm::Es256), MemoryStore::new()).build().await.unwrap();
    let (app, keys) = (app(&edge).await, edge.api_keys().unwrap());
    let (old, _) = key_of(&edge, "alice", Environment::Live).await;
    assert_eq!(ask(&app, "x-api-key", &old).await.0, StatusCode::OK);
    keys.delete_user(&UserId::new("alice").unwrap()).await.unwrap();
    let (new, _) = key_of(&edge, "alice", Environment::Live).await;
    assert_eq!(ask(&app, "x-api-key", &old).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&app, "x-api-key", &new).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_tenant_that_is_revoked_or_disabled_stops_its_cached_users() {
    let edge = builder(&Provider::new(Algorithm::Es256), MemoryStore::new()).build().await.unwrap();
    let (app, keys) = (app(&edge).await, edge.api_keys().unwrap());
    let acme = TenantId::new("acme").unwrap();
    let new = NewUser::new(UserId::new("alice").unwrap()).with_tenant(acme.clone()).issuing([Environment::Live]);
    let signed_up = keys.sign_up(new).await.unwrap();
    let key = signed_up.keys[0].0.expose_secret();
    for _ in 0..2 {
        assert_eq!(ask(&app, "x-api-key", key).await.0, StatusCode::OK);
        edge.revoke(Target::Tenant(acme.clone())).await.unwrap();
        assert_eq!(ask(&app, "x-api-key", key).await.0, StatusCode::UNAUTHORIZED);
        keys.change_tenant(&acme, &TenantChange { enabled: Some(true), plan: None }).await.unwrap();
    }
}

#[tokio::test]
async fn unknown_expired_revoked_and_disabled_keys_get_one_body() {
    let clock = Turned::new();
    let edge =
        builder(&Provider::new(Algorithm::Es256), MemoryStore::new()).clock(clock.clone()).build().await.unwrap();
    let (app, keys) = (app(&edge).await, edge.api_keys().unwrap());
    let stranger = builder(&Provider::new(Algorithm::Es256), MemoryStore::new()).build().await.unwrap();
    let (unknown, _) = key_of(&stranger, "alice", Environment::Live).await;
    let (revoked, id) = key_of(&edge, "alice", Environment::Live).await;
    keys.revoke(&id).await.unwrap();
    let (disabled, _) = key_of(&edge, "bob", Environment::Live).await;
    keys.set_user_enabled(&UserId::new("bob").unwrap(), false).await.unwrap();
    let short = NewKey::new(UserId::new("alice").unwrap(), Environment::Live).expiring_in(Duration::from_secs(1));
    let expired = keys.create(short).await.unwrap().0.expose_secret().to_owned();
    clock.advance(Duration::from_secs(2));
    let mut malformed = unknown.clone();
    malformed.pop();
    let mut answers = Vec::new();
    for key in [&unknown, &revoked, &disabled, &expired, &malformed, &format!("{malformed}!")] {
        answers.push(ask(&app, "x-api-key", key).await);
    }
    let last = answers.pop().unwrap();
    assert_eq!(last.0, StatusCode::BAD_REQUEST, "not even a text of a credential's alphabet");
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0].0, StatusCode::UNAUTHORIZED);
    assert!(keys.key(&KeyId::new("key_unknown").unwrap()).await.unwrap().is_none());
}

#[tokio::test]
async fn an_id_token_is_the_user_it_is_linked_to_and_gets_nobody_past_the_edge() {
    let provider = Provider::new(Algorithm::Es256);
    let builder = Remint::builder("https://auth.internal", "internal").api_keys(MemoryStore::new()).ephemeral_keys();
    let edge = builder.trust(provider.trust().id_tokens(["web"])).build().await.unwrap();
    let alice = UserId::new("alice").unwrap();
    let external =
        ExternalIdentity { issuer: IssuerId::new(IDP).unwrap(), subject: Subject::new("ext-alice").unwrap() };
    let keys = edge.api_keys().unwrap();
    keys.create_user(NewUser::new(alice.clone()).with_external(external)).await.unwrap();

    let claims = json!({ "iss": IDP, "aud": "web", "sub": "ext-alice", "iat": now(), "exp": now() + 60, "nonce": "n" });
    let token = provider.0.sign("JWT", &claims).unwrap();
    let credential = Credential::new(Slot::Bearer, CredentialForm::Jwt, &token);
    let verified = edge.id_tokens().authenticate(credential).await.unwrap().unwrap().into_inner();
    assert_eq!(verified.identity.subject.as_str(), "alice");
    assert_eq!(ask(&app(&edge).await, "authorization", &format!("Bearer {token}")).await.0, StatusCode::UNAUTHORIZED);

    keys.set_user_enabled(&alice, false).await.unwrap();
    match edge.id_tokens().authenticate(credential).await {
        Err(Refusal::Denied(denied)) => assert_eq!(denied.kind(), DeniedKind::UserDisabled),
        other => panic!("{other:?}"),
    }
}
