//! What a token costs that was verified before. One test, in a process of its own: its allocator counts.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Request, Response};
use remint_jwt::{Algorithm, JwkSet, SigningKey};
use remint_verify::{Identity, Verifier, VerifyLayer};
use serde_json::json;
use tower::{Layer as _, Service as _, service_fn};

#[test]
fn a_token_that_was_verified_before_costs_no_allocation_but_the_extensions() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let keys = JwkSet::try_from(vec![key.public_jwk().clone()]).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({
        "iss": "https://auth.internal", "aud": "internal", "sub": "alice", "jti": "1", "client_id": "k",
        "iat": now, "exp": now + 60, "env": "live", "cred": { "kind": "api_key", "id": "k" },
    });
    let token = key.sign("at+jwt", &claims).unwrap();
    let builder = Verifier::builder("https://auth.internal".parse().unwrap(), "internal".parse().unwrap());
    let verifier = builder.local_keys(move || keys.clone()).build().now_or_never().unwrap().unwrap();
    verifier.verify(&token).now_or_never().unwrap().unwrap();

    // The cache puts its books in order now and then.
    let by_itself = (0..5).map(|_| {
        let verify = || assert!(verifier.verify(&token).now_or_never().unwrap().is_ok());
        allocation_counter::measure(verify).count_total
    });
    assert_eq!(by_itself.min(), Some(0));

    let inner = service_fn(async |request: Request<()>| {
        assert!(request.extensions().get::<Arc<Identity>>().is_some());
        Ok::<_, Infallible>(Response::new(Bytes::new()))
    });
    let mut service = VerifyLayer::new(verifier.clone()).layer(inner);
    let through_the_layer = (0..5).map(|_| {
        let mut request = Request::get("/").header("authorization", format!("Bearer {token}")).body(()).unwrap();
        request.extensions_mut().insert(()); // the map of the extensions is there
        let call = || assert!(service.call(request).now_or_never().unwrap().is_ok());
        allocation_counter::measure(call).count_total
    });
    assert_eq!(through_the_layer.min(), Some(1), "the identity's place in the extensions");
}
