//! When a token is good, to the millisecond.

use std::time::Duration;

use remint_core::{Clock, DeniedKind};
use serde_json::json;

use crate::support::Provider;

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
async fn times_that_are_missing_or_no_whole_numbers_are_refused() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    let now = provider.clock.now().as_secs();
    for claims in [
        json!({ "exp": null }),
        json!({ "iat": null }),
        json!({ "exp": (now + 300).to_string() }),
        json!({ "exp": 1.5e9 }),
        json!({ "exp": -1 }),
        json!({ "exp": u64::MAX }),
        json!({ "iat": now.to_string() }),
        json!({ "iat": -1 }),
        json!({ "nbf": "0" }),
        json!({ "nbf": 0.5 }),
        json!({ "nbf": [0] }),
    ] {
        assert_eq!(edge.denies(&provider.sign(&provider.with(claims.clone()))).await, DeniedKind::Claim, "{claims}");
    }
}

#[tokio::test]
async fn the_finding_is_bounded_by_the_tokens_own_times() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    let found = edge.accepts(&provider.sign(&provider.claims())).await;
    assert_eq!(found.issued_at, provider.clock.now());
    assert_eq!(found.expires_at, provider.clock.now().saturating_add(Duration::from_secs(300)));
}
