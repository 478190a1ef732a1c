//! Tokens that are bound to their sender: what the sender must prove goes on with the identity.

use remint_core::{Confirmation, DeniedKind};
use serde_json::{Value, json};

use crate::support::Provider;

/// Thirty-two bytes of 0 and of 255 in base64url.
const ZEROS: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const ONES: &str = "__________________________________________8";

#[tokio::test]
async fn what_a_token_is_bound_to_goes_on_with_it() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    for (cnf, confirmation) in [
        (json!({ "jkt": ZEROS }), Some(Confirmation::Jkt([0; 32]))),
        (json!({ "jkt": ONES }), Some(Confirmation::Jkt([255; 32]))),
        (json!({ "x5t#S256": ONES }), Some(Confirmation::X5tS256([255; 32]))),
        (Value::Null, None),
    ] {
        let token = provider.sign(&provider.with(json!({ "cnf": cnf })));
        assert_eq!(edge.accepts(&token).await.confirmation, confirmation, "{cnf}");
    }
}

#[tokio::test]
async fn a_token_that_is_bound_to_what_nobody_can_be_asked_for_is_refused() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    for cnf in [
        json!({ "jkt": "x" }),
        json!({ "jkt": format!("{ZEROS}=") }),
        json!({ "jkt": ZEROS.replace('A', "B") }),
        json!({ "jkt": [ZEROS] }),
        json!({ "x5t#S256": "x" }),
        json!({ "jkt": ZEROS, "x5t#S256": ZEROS }),
        json!({ "jkt": ZEROS, "jwk": {} }),
        json!({ "kid": "k" }),
        json!({}),
        json!([]),
        json!("x"),
        json!(false),
    ] {
        let token = provider.sign(&provider.with(json!({ "cnf": cnf })));
        assert_eq!(edge.denies(&token).await, DeniedKind::SenderConstrained, "{cnf}");
    }
}
