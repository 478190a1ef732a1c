//! Who acts for the subject (RFC 8693 §4.1).

use remint_core::DeniedKind;
use serde_json::json;

use crate::support::{ISSUER, OWN, Provider};

#[tokio::test]
async fn a_chain_is_carried_over_with_the_issuer_of_each_link() {
    let provider = Provider::new();
    let act =
        json!({ "sub": "worker", "act": { "sub": "queue", "iss": "https://other.example", "act": { "sub": "app" } } });
    let found = provider.edge(provider.trust()).accepts(&provider.sign(&provider.with(json!({ "act": act })))).await;
    assert_eq!(
        json!(found.identity.actor),
        json!({ "sub": "worker", "iss": ISSUER, "act":
            { "sub": "queue", "iss": "https://other.example", "act": { "sub": "app", "iss": ISSUER } } })
    );
}

#[tokio::test]
async fn a_chain_of_eight_is_the_longest() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    let chain = |links: usize| (1..links).fold(json!({ "sub": "a" }), |act, _| json!({ "sub": "a", "act": act }));
    edge.accepts(&provider.sign(&provider.with(json!({ "act": chain(8) })))).await;
    let token = provider.sign(&provider.with(json!({ "act": chain(9) })));
    assert_eq!(edge.denies(&token).await, DeniedKind::Claim);
}

#[tokio::test]
async fn a_chain_that_is_none_or_speaks_for_us_is_refused_and_never_dropped() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    for act in [
        json!([]),
        json!({}),
        json!({ "sub": "" }),
        json!({ "sub": 1 }),
        json!({ "sub": "worker", "iss": 1 }),
        json!({ "sub": "worker", "iss": "" }),
        json!({ "sub": "worker", "iss": OWN }),
        json!({ "sub": "worker", "act": { "iss": ISSUER } }),
        json!({ "sub": "worker", "act": { "sub": "x", "iss": OWN } }),
    ] {
        let token = provider.sign(&provider.with(json!({ "act": act })));
        assert_eq!(edge.denies(&token).await, DeniedKind::Claim, "{act}");
    }
}

#[tokio::test]
async fn how_an_actor_came_is_nothing_that_an_issuer_says() {
    let provider = Provider::new();
    let cred = json!({ "kind": "api_key", "id": "key_1" });
    let act =
        json!({ "sub": "worker", "cred": cred, "sid": "s-1", "tenant": "acme", "act": { "sub": "app", "cred": cred } });
    let found = provider.edge(provider.trust()).accepts(&provider.sign(&provider.with(json!({ "act": act })))).await;
    let expected = json!({ "sub": "worker", "iss": ISSUER, "act": { "sub": "app", "iss": ISSUER } });
    assert_eq!(json!(found.identity.actor), expected);
    // Nor is it read where nobody could: it is no reason to refuse a token.
    let odd = provider.with(json!({ "act": { "sub": "worker", "cred": 7, "sid": [], "tenant": {} } }));
    let found = provider.edge(provider.trust()).accepts(&provider.sign(&odd)).await;
    assert_eq!(json!(found.identity.actor), json!({ "sub": "worker", "iss": ISSUER }));
}
