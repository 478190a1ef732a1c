//! What is logged, in a process of its own: tracing remembers per process who listens.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use remint_core::{Audience, Clock as _, IssuerId};
use remint_jwt::{Algorithm, JwkSet, SigningKey};
use remint_testkit::{CapturedLog, ManualClock};
use remint_verify::{Verifier, VerifierBuilder, VerifyLayer};
use serde_json::{Value, json};
use tower::{Layer as _, ServiceExt as _, service_fn};

const ISSUER: &str = "https://auth.internal";

fn builder(clock: &ManualClock) -> VerifierBuilder {
    let builder = Verifier::builder(IssuerId::new(ISSUER).unwrap(), Audience::new("internal").unwrap());
    builder.clock(clock.clone())
}

/// What the issuer writes for a key's caller, with some claims replaced.
fn token(key: &SigningKey, clock: &ManualClock, changes: Value) -> String {
    let now = clock.now().as_secs();
    let mut claims = json!({
        "iss": ISSUER, "aud": ["internal"], "sub": "alice", "jti": "t-1", "client_id": "k-1",
        "iat": now, "nbf": now, "exp": now + 300,
        "env": "live", "cred": { "kind": "api_key", "id": "k-1" }, "scope": "jobs:read",
    });
    claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    key.sign("at+jwt", &claims).unwrap()
}

async fn answer(layer: &VerifyLayer, token: &str) -> Response<Bytes> {
    let passed = service_fn(|_: Request<()>| async { Ok::<_, std::convert::Infallible>(Response::new(Bytes::new())) });
    let request = Request::get("/").header("authorization", format!("Bearer {token}")).body(()).unwrap();
    layer.layer(passed).oneshot(request).await.unwrap()
}

#[tokio::test]
async fn nothing_of_a_token_is_in_the_log_or_in_an_answer() {
    let log = CapturedLog::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.writer())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let (key, clock) = (SigningKey::generate(Algorithm::Es256).unwrap(), ManualClock::default());
    let keys = Arc::new(JwkSet::try_from(vec![key.public_jwk().clone()]).unwrap());
    let verifier = builder(&clock).local_keys(move || Arc::clone(&keys)).build().await.unwrap();
    let nowhere = builder(&clock).jwks_file("/nonexistent/jwks.json").build().await.unwrap();
    let mut answers = String::new();
    for layer in [verifier, nowhere].map(VerifyLayer::new) {
        for changes in [json!({}), json!({ "aud": "canary" }), json!({ "exp": 1 }), json!({ "env": "canary" })] {
            let token = token(&key, &clock, changes);
            for text in [token.clone(), format!("{token}x"), format!("canary.{token}"), format!("{token},canary")] {
                answers += &format!("{:?}", answer(&layer, &text).await);
            }
        }
    }
    let log = log.text();
    assert!(log.contains("audience") && log.contains("key_set"), "{log}");
    for canary in ["canary", "eyJ"] {
        assert!(!log.contains(canary), "{log}");
        assert!(!answers.contains(canary), "{answers}");
    }
}
