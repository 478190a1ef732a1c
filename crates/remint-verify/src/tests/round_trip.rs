use remint_core::{Actor, CredentialRef, Environment, Ext, Identity, Timestamp};
use remint_jwt::Algorithm;
use serde_json::json;

use super::support::Mint;

#[tokio::test]
async fn every_algorithm_of_the_issuer_is_accepted() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDSA, Algorithm::Rs256, Algorithm::Ps256] {
        let mint = Mint::with(algorithm);
        let verified = mint.verifier().await.verify(&mint.token()).await.unwrap();
        assert_eq!(verified.get().subject.as_str(), "alice", "{algorithm}");
    }
}

#[tokio::test]
async fn every_claim_of_an_identity_comes_back() {
    let mint = Mint::new();
    let token = mint.token_with(json!({
        "sub": "acme|alice", "tenant": "acme", "env": "test", "scope": "b a", "client_id": "web", "sid": "s-1",
        "cred": { "kind": "jwt", "iss": "https://idp.example", "sub": "alice", "jti": "x" },
        "act": { "sub": "worker", "act": { "sub": "edge", "iss": "https://idp.example" } },
        "auth_time": 1_700_000_000_u64, "acr": "urn:2", "amr": ["pwd", "otp"],
        "roles": ["admin"], "groups": ["ops"], "entitlements": ["export"],
        "ext": { "plan": "gold", "limits": { "jobs": 3 } },
        "rev": { "log": "l", "pos": 7 }, "unknown": [1, 2],
    }));
    let verified = mint.verifier().await.verify(&token).await.unwrap();
    let mut expected = Identity::new(
        "acme|alice".parse().unwrap(),
        Environment::Test,
        "web".parse().unwrap(),
        CredentialRef::Jwt {
            issuer: "https://idp.example".parse().unwrap(),
            subject: "alice".parse().unwrap(),
            id: Some("x".parse().unwrap()),
            digest: None,
        },
    );
    expected.tenant = Some("acme".parse().unwrap());
    expected.scopes = "a b".parse().unwrap();
    expected.session = Some("s-1".parse().unwrap());
    let edge = Actor::new("edge".parse().unwrap(), Some("https://idp.example".parse().unwrap()));
    expected.actor = Some(Actor { actor: Some(Box::new(edge)), ..Actor::new("worker".parse().unwrap(), None) });
    expected.auth_time = Some(Timestamp::from_secs(1_700_000_000));
    expected.acr = Some("urn:2".to_owned());
    expected.amr = vec!["pwd".to_owned(), "otp".to_owned()];
    expected.roles = vec!["admin".to_owned()];
    expected.groups = vec!["ops".to_owned()];
    expected.entitlements = vec!["export".to_owned()];
    expected.ext = Ext::new();
    expected.ext.insert("plan", "gold").unwrap();
    expected.ext.insert("limits", json!({ "jobs": 3 })).unwrap();
    assert_eq!(**verified.get(), expected);
}

#[tokio::test]
async fn a_token_may_name_us_among_its_audiences_or_alone() {
    let mint = Mint::new();
    let verifier = mint.verifier().await;
    for audience in [json!("internal"), json!(["other", "internal"])] {
        assert!(verifier.verify(&mint.token_with(json!({ "aud": audience }))).await.is_ok());
    }
}

#[tokio::test]
async fn the_type_may_be_written_in_full_and_in_any_case() {
    let mint = Mint::new();
    let verifier = mint.verifier().await;
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+jwt"] {
        assert!(verifier.verify(&mint.sign(typ, &mint.claims())).await.is_ok(), "{typ}");
    }
}
