use std::time::Duration;

use remint_issuer::{IssuerBuilder, IssuerError, JWKS_MAX_AGE};
use remint_jwt::Algorithm;
use remint_testkit::ManualClock;

use crate::support::builder;

fn refused(set: impl FnOnce(IssuerBuilder) -> IssuerBuilder) -> bool {
    matches!(set(builder(&ManualClock::default())).build(), Err(IssuerError::Setting(_)))
}

#[test]
fn settings_that_cannot_work_are_refused() {
    for algorithm in
        [Algorithm::Rs384, Algorithm::Rs512, Algorithm::Ps384, Algorithm::Ps512, Algorithm::Es384, Algorithm::Es512]
    {
        assert!(refused(|builder| builder.algorithm(algorithm)), "{algorithm}");
    }
    assert!(refused(|builder| builder.ttl(Duration::from_millis(999))));
    assert!(refused(|builder| builder.ttl(Duration::from_secs(86_401))));
    assert!(!refused(|builder| builder.ttl(Duration::from_secs(86_400))));
    assert!(refused(|builder| builder.publish_ahead(2 * JWKS_MAX_AGE - Duration::from_secs(1))));
    assert!(refused(|builder| builder.rotate_every(Duration::from_secs(600))));
    assert!(!refused(|builder| builder.rotate_every(Duration::from_secs(601)).ttl(Duration::from_secs(1))));
}

#[test]
fn the_key_set_says_how_long_it_may_be_kept() {
    let issuer = builder(&ManualClock::default()).build().unwrap();
    let response = issuer.jwks_response();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/jwk-set+json");
    let cache_control = format!("public, max-age={}", JWKS_MAX_AGE.as_secs());
    assert_eq!(response.headers()["cache-control"], cache_control.as_str());
    let json: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    let key = &json["keys"][0];
    assert_eq!((&key["use"], &key["alg"], &key["crv"]), (&"sig".into(), &"ES256".into(), &"P-256".into()));
    assert!(key.get("d").is_none());
}
