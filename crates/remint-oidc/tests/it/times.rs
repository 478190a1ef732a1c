//! When a token is good, to the millisecond.

use std::time::Duration;

use remint_core::{Clock, DeniedKind, Revocation, Revoker, Slot, Target, Timestamp};
use remint_revocation::Revocations;
use serde_json::json;

use crate::support::{ISSUER, Provider};

const MILLISECOND: Duration = Duration::from_millis(1);

#[tokio::test]
async fn a_token_ends_exactly_at_exp_without_leeway() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    let token = provider.sign(&provider.claims());
    provider.clock.advance(Duration::from_secs(300) - MILLISECOND);
    edge.accepts(&token).await;
    provider.clock.advance(MILLISECOND);
    assert_eq!(edge.denies(&token).await, DeniedKind::Expired);
}

#[tokio::test]
async fn iat_and_nbf_may_be_ahead_by_the_leeway_and_no_more() {
    for claim in ["iat", "nbf"] {
        let provider = Provider::new();
        let edge = provider.edge(provider.trust());
        let now = provider.clock.now().as_secs();
        let mut claims = provider.with(json!({ "iat": now, "nbf": now }));
        claims[claim] = json!(now + 30);
        let token = provider.sign(&claims);
        edge.accepts(&token).await;
        provider.clock.set(provider.clock.now().saturating_sub(MILLISECOND));
        assert_eq!(edge.denies(&token).await, DeniedKind::NotYetValid, "{claim}");
        let strict = provider.edge(provider.trust().leeway(Duration::ZERO));
        provider.clock.advance(MILLISECOND);
        assert_eq!(strict.denies(&token).await, DeniedKind::NotYetValid, "{claim}");
    }
}

#[tokio::test]
async fn a_lifetime_over_the_maximum_is_refused() {
    let provider = Provider::new();
    let now = provider.clock.now().as_secs();
    let day = 24 * 60 * 60;
    let edge = provider.edge(provider.trust());
    edge.accepts(&provider.sign(&provider.with(json!({ "exp": now + day })))).await;
    let token = provider.sign(&provider.with(json!({ "exp": now + day + 1 })));
    assert_eq!(edge.denies(&token).await, DeniedKind::Lifetime);
    let patient = provider.edge(provider.trust().max_lifetime(Duration::from_secs(day + 1)));
    patient.accepts(&token).await;
    let forever = provider.sign(&provider.with(json!({ "exp": 9_007_199_254_740_991_u64 })));
    assert_eq!(edge.denies(&forever).await, DeniedKind::Lifetime);
    let old = provider.sign(&provider.with(json!({ "iat": 0, "exp": now + 1 })));
    assert_eq!(edge.denies(&old).await, DeniedKind::Lifetime);
}

#[tokio::test]
async fn times_that_are_no_numbers_are_refused_and_so_is_a_token_without_an_end() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    let now = provider.clock.now().as_secs();
    for claims in [
        json!({ "exp": null }),
        json!({ "exp": (now + 300).to_string() }),
        json!({ "exp": -1 }),
        json!({ "exp": -0.5 }),
        json!({ "exp": u64::MAX }),
        json!({ "exp": 1e300 }),
        json!({ "iat": now.to_string() }),
        json!({ "iat": -1 }),
        json!({ "nbf": "0" }),
        json!({ "nbf": [0] }),
    ] {
        assert_eq!(edge.denies(&provider.sign(&provider.with(claims.clone()))).await, DeniedKind::Claim, "{claims}");
    }
}

#[tokio::test]
async fn a_fraction_of_a_second_shortens_an_access_token_and_is_no_time_of_an_assertion() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    let now = provider.clock.now().as_secs();
    let (now_f64, second) = (now as f64, Duration::from_secs(1));
    let token =
        provider.sign(&provider.with(json!({ "iat": now_f64 - 0.5, "nbf": now_f64 - 0.5, "exp": now_f64 + 2.9 })));
    let found = edge.accepts(&token).await;
    assert_eq!((found.issued_at.as_secs(), found.expires_at.as_secs()), (now, now + 2));
    assert_eq!(edge.denies_in(Slot::Assertion, &token).await, DeniedKind::Claim);
    provider.clock.advance(second * 2);
    assert_eq!(edge.denies(&token).await, DeniedKind::Expired);
    for claim in ["iat", "nbf"] {
        let now = provider.clock.now().as_secs() as f64;
        edge.accepts(&provider.sign(&provider.with(json!({ claim: now + 29.5 })))).await;
        let token = provider.sign(&provider.with(json!({ claim: now + 30.5 })));
        assert_eq!(edge.denies(&token).await, DeniedKind::NotYetValid, "{claim}");
    }
}

#[tokio::test]
async fn without_iat_a_token_counts_as_issued_before_every_revocation_and_lives_no_longer() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    let (now, day) = (provider.clock.now().as_secs(), 24 * 60 * 60);
    for absent in [provider.with(json!({ "iat": null })), provider.plus(json!({ "iat": null }))] {
        let token = provider.sign(&absent);
        let found = edge.accepts(&token).await;
        assert_eq!(found.issued_at.as_secs(), 0);
        let revocations = Revocations::in_memory(provider.clock.clone()).unwrap();
        let target = Target::Subject { issuer: ISSUER.parse().unwrap(), subject: "alice".parse().unwrap() };
        let earlier = Timestamp::from_secs(now - 60);
        revocations.revoke(Revocation::ended(target, earlier)).await.unwrap();
        assert!(revocations.refuses(&found));
        let dated = edge.accepts(&provider.sign(&provider.claims())).await;
        assert!(!revocations.refuses(&dated));
        assert_eq!(edge.denies_in(Slot::Assertion, &token).await, DeniedKind::Claim);
        let strict = provider.edge(provider.trust().require_issued_at());
        assert_eq!(strict.denies(&token).await, DeniedKind::Claim);
    }
    edge.accepts(&provider.sign(&provider.with(json!({ "iat": null, "exp": now + day })))).await;
    let token = provider.sign(&provider.with(json!({ "iat": null, "exp": now + day + 1 })));
    assert_eq!(edge.denies(&token).await, DeniedKind::Lifetime);
}

#[tokio::test]
async fn the_finding_is_bounded_by_the_tokens_own_times() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    let found = edge.accepts(&provider.sign(&provider.claims())).await;
    assert_eq!(found.issued_at, provider.clock.now());
    assert_eq!(found.expires_at, provider.clock.now().saturating_add(Duration::from_secs(300)));
}
