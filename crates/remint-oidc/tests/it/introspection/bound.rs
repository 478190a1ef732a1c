//! Tokens that are bound to their sender, as their issuer says or as they say themselves.

use remint_core::{Confirmation, Credential, CredentialForm, DeniedKind, Refusal, Slot};
use serde_json::{Value, json};

use super::support::{Server, TOKEN};
use crate::support::Provider;

/// Thirty-two bytes of 0 and of 255 in base64url.
const ZEROS: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const ONES: &str = "__________________________________________8";

/// What comes of a token of this kind, of which its issuer says this and it says that.
async fn of(opaque: bool, issuer_says: Value, token_says: Value) -> Result<Option<Confirmation>, DeniedKind> {
    let server = Server::saying(issuer_says).await;
    let edge = server.edge();
    let provider = Provider::new();
    let jwt = provider.sign(&provider.with(json!({ "cnf": token_says })));
    let (form, text) = if opaque { (CredentialForm::ApiKey, TOKEN) } else { (CredentialForm::Jwt, &*jwt) };
    use remint_core::Authenticator as _;
    match edge.0.authenticate(Credential::new(Slot::Dpop, form, text)).await {
        Ok(found) => Ok(found.unwrap().into_inner().confirmation),
        Err(Refusal::Denied(denied)) => Err(denied.kind()),
        Err(outage) => panic!("{outage:?}"),
    }
}

#[tokio::test]
async fn what_the_issuer_says_a_token_is_bound_to_goes_on_with_it() {
    for opaque in [true, false] {
        let of = |says: Value| of(opaque, says, Value::Null);
        assert_eq!(of(json!({})).await, Ok(None));
        let jkt = Ok(Some(Confirmation::Jkt([0; 32])));
        assert_eq!(of(json!({ "cnf": { "jkt": ZEROS } })).await, jkt);
        assert_eq!(of(json!({ "cnf": { "jkt": ZEROS }, "token_type": "DPoP" })).await, jkt);
        let certificate = Ok(Some(Confirmation::X5tS256([0; 32])));
        assert_eq!(of(json!({ "cnf": { "x5t#S256": ZEROS } })).await, certificate);
        for bad in [
            json!({ "token_type": "DPoP" }),
            json!({ "token_type": "DPoP", "cnf": { "x5t#S256": ZEROS } }),
            json!({ "cnf": { "jkt": "x" } }),
            json!({ "cnf": { "jkt": ZEROS, "x5t#S256": ZEROS } }),
            json!({ "cnf": {} }),
            json!({ "cnf": "x" }),
        ] {
            assert_eq!(of(bad.clone()).await, Err(DeniedKind::SenderConstrained), "{bad}");
        }
    }
}

#[tokio::test]
async fn a_jwt_is_no_less_bound_than_it_says_itself() {
    let [zeros, ones] = [ZEROS, ONES].map(|jkt| json!({ "jkt": jkt }));
    let jkt = Ok(Some(Confirmation::Jkt([0; 32])));
    assert_eq!(of(false, json!({}), zeros.clone()).await, jkt);
    assert_eq!(of(false, json!({ "cnf": zeros }), zeros.clone()).await, jkt);
    assert_eq!(of(false, json!({ "cnf": ones }), zeros).await, Err(DeniedKind::SenderConstrained));
    assert_eq!(of(false, json!({}), json!({ "jwk": {} })).await, Err(DeniedKind::SenderConstrained));
}
