use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::{Router, routing::get};
use remint::{
    Algorithm, Caller, Clock, Environment, IssuerId, KeyId, MemoryStore, Remint, Target, Timestamp, TokenId, Trust,
    UserId,
};
use remint_jwt::JwkSet;
use serde_json::json;
use tower::ServiceExt;

use crate::support::{IDP, Provider, app, ask, builder, key_of, now};

#[tokio::test]
async fn a_jwt_and_a_key_reach_the_service_as_the_same_kind_of_token() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDSA] {
        let provider = Provider::new(algorithm);
        let edge = builder(&provider, MemoryStore::new()).build().await.unwrap();
        let app = app(&edge).await;
        let token = provider.token("alice", 60);
        for _ in 0..2 {
            let (status, caller) = ask(&app, "authorization", &format!("Bearer {token}")).await;
            assert_eq!(status, StatusCode::OK, "{caller}");
            assert_eq!(caller["subject"], "idp.example|alice");
            assert_eq!(caller["scopes"], json!(["jobs:write"]), "remint:* never comes from outside");
            assert_eq!(caller["credential"]["kind"], "jwt");
        }
        for environment in [Environment::Live, Environment::Test] {
            let (key, id) = key_of(&edge, "bob", environment).await;
            for (header, value) in [("x-api-key", key.clone()), ("authorization", format!("Token {key}"))] {
                let (status, caller) = ask(&app, header, &value).await;
                assert_eq!(status, StatusCode::OK, "{caller}");
                assert_eq!((&caller["subject"], &caller["env"]), (&json!("bob"), &json!(environment.as_str())));
                assert_eq!(caller["credential"], json!({ "kind": "api_key", "id": id.as_str() }));
            }
        }
    }
}

#[tokio::test]
async fn what_ends_is_refused_at_once_warm_or_cold() {
    let provider = Provider::new(Algorithm::Es256);
    let edge = builder(&provider, MemoryStore::new()).build().await.unwrap();
    let app = app(&edge).await;
    let (first, first_id) = key_of(&edge, "bob", Environment::Live).await;
    let (second, _) = key_of(&edge, "bob", Environment::Live).await;
    for key in [&first, &second] {
        assert_eq!(ask(&app, "x-api-key", key).await.0, StatusCode::OK);
    }
    let keys = edge.api_keys().unwrap();
    keys.revoke(&first_id).await.unwrap();
    assert_eq!(ask(&app, "x-api-key", &first).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&app, "x-api-key", &second).await.0, StatusCode::OK);
    let bob = UserId::new("bob").unwrap();
    keys.set_user_enabled(&bob, false).await.unwrap();
    assert_eq!(ask(&app, "x-api-key", &second).await.0, StatusCode::UNAUTHORIZED);
    keys.set_user_enabled(&bob, true).await.unwrap();
    assert_eq!(ask(&app, "x-api-key", &second).await.0, StatusCode::OK);
    keys.delete_user(&bob).await.unwrap();
    key_of(&edge, "bob", Environment::Live).await;
    assert_eq!(ask(&app, "x-api-key", &second).await.0, StatusCode::UNAUTHORIZED, "a user re-created inherits no key");
}

#[tokio::test]
async fn a_revoked_token_stays_refused_as_its_twin_too() {
    let provider = Provider::new(Algorithm::Es256);
    let edge = builder(&provider, MemoryStore::new()).build().await.unwrap();
    let app = app(&edge).await;
    let token = provider.token("alice", 60);
    let bearer = |token: &str| format!("Bearer {token}");
    assert_eq!(ask(&app, "authorization", &bearer(&token)).await.0, StatusCode::OK);
    let twin = twin_of(&token);
    assert_ne!(token, twin);
    assert_eq!(ask(&app, "authorization", &bearer(&twin)).await.0, StatusCode::OK, "the twin verifies");
    let signed: [u8; 32] = {
        use sha2::Digest;
        sha2::Sha256::digest(token.rsplit_once('.').unwrap().0).into()
    };
    edge.revoke(Target::SigningInput(signed)).await.unwrap();
    for text in [&token, &twin] {
        assert_eq!(ask(&app, "authorization", &bearer(text)).await.0, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(ask(&app, "authorization", &bearer(&provider.token("carol", 60))).await.0, StatusCode::OK);
}

/// ECDSA: where (r, s) verifies, (r, n − s) does.
fn twin_of(token: &str) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    const N: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
        0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let (input, signature) = token.rsplit_once('.').unwrap();
    let mut signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut borrow = 0;
    for (s, n) in signature.iter_mut().skip(32).zip(N).rev() {
        let difference = i16::from(n) - i16::from(*s) - borrow;
        borrow = i16::from(difference < 0);
        *s = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn an_issuer_can_be_added_and_removed_at_run_time() {
    let provider = Provider::new(Algorithm::EdDSA);
    let edge = Remint::builder("https://auth.internal", "internal").api_keys(MemoryStore::new()).ephemeral_keys();
    let edge = edge.build().await.unwrap();
    let app = app(&edge).await;
    let bearer = format!("Bearer {}", provider.token("alice", 60));
    assert_eq!(ask(&app, "authorization", &bearer).await.0, StatusCode::UNAUTHORIZED);
    edge.trust(provider.trust()).await.unwrap();
    assert_eq!(ask(&app, "authorization", &bearer).await.0, StatusCode::OK, "the refusal was not remembered");
    assert!(edge.distrust(&IssuerId::new(IDP).unwrap()).await.unwrap());
    assert_eq!(ask(&app, "authorization", &bearer).await.0, StatusCode::UNAUTHORIZED, "also from the cache");
}

#[tokio::test]
async fn distrusting_an_issuer_of_many_tenants_ends_what_came_from_each() {
    const TEMPLATE: &str = "https://login.example/{tenantid}/v2.0";
    let provider = Provider::new(Algorithm::EdDSA);
    let set = JwkSet::try_from(vec![provider.0.public_jwk().clone()]).unwrap();
    let trust = || Trust::oidc(TEMPLATE, "api").named("entra").key_set(set.clone()).any_tenant();
    let edge = Remint::builder("https://auth.internal", "internal").trust(trust()).ephemeral_keys();
    let edge = edge.build().await.unwrap();
    let app = app(&edge).await;
    let claims = json!({
        "iss": "https://login.example/t-1/v2.0", "tid": "t-1", "aud": "api", "sub": "alice", "iat": now(), "exp": now() + 60,
    });
    let bearer = format!("Bearer {}", provider.0.sign("at+jwt", &claims).unwrap());
    assert_eq!(ask(&app, "authorization", &bearer).await.0, StatusCode::OK);
    assert!(edge.distrust(&IssuerId::new(TEMPLATE).unwrap()).await.unwrap());
    assert_eq!(ask(&app, "authorization", &bearer).await.0, StatusCode::UNAUTHORIZED, "also from the cache");
    edge.trust(trust()).await.unwrap();
    assert_eq!(ask(&app, "authorization", &bearer).await.0, StatusCode::UNAUTHORIZED, "what was ended stays so");
}

#[tokio::test]
async fn a_revocation_holds_for_a_token_from_a_clock_as_far_ahead_as_the_trust_allows() {
    let provider = Provider::new(Algorithm::Es256);
    let trust = provider.trust().leeway(Duration::from_secs(120));
    let edge = Remint::builder("https://auth.internal", "internal").trust(trust).ephemeral_keys();
    let edge = edge.build().await.unwrap();
    let app = app(&edge).await;
    let claims = json!({ "iss": IDP, "aud": "api", "sub": "alice", "iat": now() + 90, "exp": now() + 600 });
    let bearer = format!("Bearer {}", provider.0.sign("at+jwt", &claims).unwrap());
    assert_eq!(ask(&app, "authorization", &bearer).await.0, StatusCode::OK);
    let alice = Target::Subject { issuer: IssuerId::new(IDP).unwrap(), subject: "alice".parse().unwrap() };
    edge.revoke(alice).await.unwrap();
    assert_eq!(ask(&app, "authorization", &bearer).await.0, StatusCode::UNAUTHORIZED);
}

/// The system's clock, so many seconds ahead.
#[derive(Debug, Clone, Default)]
struct Ahead(Arc<AtomicU64>);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(u64::try_from(now()).unwrap() + self.0.load(Ordering::Relaxed))
    }
}

#[tokio::test]
async fn a_revoked_token_is_refused_for_as_long_as_its_issuer_lets_it_live() {
    const DAY: u64 = 24 * 3600;
    let (provider, clock) = (Provider::new(Algorithm::Es256), Ahead::default());
    let week = Duration::from_secs(7 * DAY);
    let edge = Remint::builder("https://auth.internal", "internal").trust(provider.trust().max_lifetime(week));
    let edge = edge.clock(clock.clone()).ephemeral_keys().build().await.unwrap();
    let me = |caller: Caller| async move { serde_json::to_string(&caller).unwrap() };
    let app = Router::new().route("/me", get(me)).layer(edge.layer());
    let bearer = format!("Bearer {}", provider.token("alice", 7 * 24 * 3600));
    edge.revoke(Target::Token { issuer: IssuerId::new(IDP).unwrap(), id: TokenId::new("t1").unwrap() }).await.unwrap();
    assert_eq!(ask(&app, "authorization", &bearer).await.0, StatusCode::UNAUTHORIZED);
    clock.0.store(6 * DAY, Ordering::Relaxed);
    for id in 0..3000 {
        edge.revoke(Target::Key(KeyId::new(format!("key_{id}")).unwrap())).await.unwrap();
    }
    assert_eq!(ask(&app, "authorization", &bearer).await.0, StatusCode::UNAUTHORIZED, "six days later");
}

#[tokio::test]
async fn a_user_or_key_revoked_by_its_target_is_ended_in_the_store() {
    let provider = Provider::new(Algorithm::Es256);
    let edge = builder(&provider, MemoryStore::new()).build().await.unwrap();
    let app = app(&edge).await;
    let (first, first_id) = key_of(&edge, "bob", Environment::Live).await;
    let (second, _) = key_of(&edge, "bob", Environment::Live).await;
    for key in [&first, &second] {
        assert_eq!(ask(&app, "x-api-key", key).await.0, StatusCode::OK);
    }
    edge.revoke(Target::Key(first_id)).await.unwrap();
    assert_eq!(ask(&app, "x-api-key", &first).await.0, StatusCode::UNAUTHORIZED);
    assert!(edge.api_keys().unwrap().verify(&first).await.is_err(), "the store says so, whatever the table forgets");
    assert_eq!(ask(&app, "x-api-key", &second).await.0, StatusCode::OK);
    edge.revoke(Target::User(UserId::new("bob").unwrap())).await.unwrap();
    assert_eq!(ask(&app, "x-api-key", &second).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn our_own_token_is_not_accepted_at_the_edge_nor_an_external_one_behind_it() {
    let provider = Provider::new(Algorithm::Es256);
    let edge = builder(&provider, MemoryStore::new()).build().await.unwrap();
    let echo = |headers: http::HeaderMap| async move { headers["authorization"].to_str().unwrap().to_owned() };
    let echoing = Router::new().route("/me", get(echo)).layer(edge.layer());
    let token = provider.token("alice", 60);
    let request = Request::get("/me").header("authorization", format!("Bearer {token}")).body(Body::empty()).unwrap();
    let answer = echoing.oneshot(request).await.unwrap();
    let internal = axum::body::to_bytes(answer.into_body(), 1 << 16).await.unwrap();
    let internal = String::from_utf8(internal.to_vec()).unwrap();
    assert_ne!(internal, format!("Bearer {token}"));
    let app = app(&edge).await;
    assert_eq!(ask(&app, "authorization", &internal).await.0, StatusCode::UNAUTHORIZED);

    let own = Remint::builder(IDP, "internal").trust(provider.trust()).ephemeral_keys().build().await;
    assert!(own.is_err(), "a trust that names our own issuer is a configuration error");
}

#[tokio::test]
async fn a_last_use_is_written_without_a_write_for_each_request() {
    let provider = Provider::new(Algorithm::Es256);
    let edge = builder(&provider, MemoryStore::new()).build().await.unwrap();
    let app = app(&edge).await;
    let (key, _) = key_of(&edge, "bob", Environment::Live).await;
    ask(&app, "x-api-key", &key).await;
    let keys = edge.api_keys().unwrap();
    let bob = UserId::new("bob").unwrap();
    assert_eq!(keys.list(&bob).await.unwrap()[0].last_used_at, None);
    edge.close().await.unwrap();
    assert!(keys.list(&bob).await.unwrap()[0].last_used_at.is_some());
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn keys_and_users_survive_a_restart_beside_their_pepper() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let provider = Provider::new(Algorithm::Es256);
    let start = async || {
        let store = remint::Sqlite::open(path("keys.db").to_str().unwrap()).await.unwrap();
        let edge = Remint::builder("https://auth.internal", "internal").trust(provider.trust()).api_keys(store);
        edge.keys_in(path("keys")).ttl(Duration::from_secs(60)).build().await.unwrap()
    };
    let first = start().await;
    let (key, _) = key_of(&first, "bob", Environment::Test).await;
    let published = first.issuer().jwks();
    drop(first);
    let second = start().await;
    assert_eq!(second.issuer().jwks(), published);
    assert_eq!(ask(&app(&second).await, "x-api-key", &key).await.0, StatusCode::OK);
}

#[derive(Debug)]
struct Paseto;

#[remint::async_trait]
impl remint::Authenticator for Paseto {
    async fn authenticate(
        &self,
        credential: remint::Credential<'_>,
    ) -> Result<Option<remint::Verified<remint::Authentication>>, remint::Refusal> {
        let ours = credential.expose_secret().starts_with("v4.public.");
        if ours { Err(remint::DeniedKind::UserDisabled.into()) } else { Ok(None) }
    }
}

#[tokio::test]
async fn an_authenticator_of_the_users_own_is_asked_first() {
    let provider = Provider::new(Algorithm::Es256);
    let edge = builder(&provider, MemoryStore::new()).authenticator(Paseto).build().await.unwrap();
    let request = |value: String| Request::get("/").header("authorization", value).body(()).unwrap();
    let reason = async |value: String| match edge.normalizer().begin((&request(value)).into()) {
        remint_normalize::Progress::Miss(exchange, _) => exchange.await.err().map(|refusal| refusal.reason()),
        other => panic!("{other:?}"),
    };
    assert_eq!(reason("Bearer v4.public.abc".to_owned()).await, Some("user_disabled"));
    assert_eq!(reason(format!("Bearer {}", provider.token("alice", 60))).await, None);
}
