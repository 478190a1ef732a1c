use std::time::Duration;

use proptest::prelude::*;
use remint_jwt::{Algorithm, SigningKey};
use serde_json::{Value, json};

use super::support::{AUDIENCE, ISSUER, Mint, bare_builder, reason};
use crate::VerifierErrorKind;

#[tokio::test]
async fn each_claim_that_is_wrong_is_refused_for_its_own_reason() {
    let mint = Mint::new();
    let verifier = mint.verifier().await;
    let now = mint.now();
    for (changes, expected) in [
        (json!({ "iss": "https://auth.internal/" }), "untrusted_issuer"),
        (json!({ "iss": [ISSUER] }), "claim"),
        (json!({ "iss": null }), "claim"),
        (json!({ "aud": "internal2" }), "audience"),
        (json!({ "aud": ["intern", "al"] }), "audience"),
        (json!({ "aud": [] }), "claim"),
        (json!({ "aud": null }), "claim"),
        (json!({ "exp": now }), "expired"),
        (json!({ "exp": null }), "claim"),
        (json!({ "exp": now as f64 + 300.5 }), "claim"),
        (json!({ "exp": (now + 300).to_string() }), "claim"),
        (json!({ "exp": u64::MAX }), "claim"),
        (json!({ "iat": now + 31 }), "not_yet_valid"),
        (json!({ "iat": now + 31, "nbf": null }), "not_yet_valid"),
        (json!({ "iat": null }), "claim"),
        (json!({ "nbf": now + 31 }), "not_yet_valid"),
        (json!({ "nbf": "0" }), "claim"),
        (json!({ "cnf": { "jkt": "x" } }), "sender_constrained"),
        (json!({ "jti": null }), "claim"),
        (json!({ "jti": "" }), "claim"),
        (json!({ "jti": 1 }), "claim"),
        (json!({ "sub": null }), "claim"),
        (json!({ "sub": "" }), "claim"),
        (json!({ "client_id": null }), "claim"),
        (json!({ "env": null }), "claim"),
        (json!({ "env": "prod" }), "claim"),
        (json!({ "cred": null }), "claim"),
        (json!({ "cred": { "kind": "password" } }), "claim"),
        (json!({ "cred": { "kind": "api_key" } }), "claim"),
        (json!({ "tenant": 1 }), "claim"),
        (json!({ "scope": ["a"] }), "claim"),
        (json!({ "scope": "a\"b" }), "claim"),
        (json!({ "sid": "" }), "claim"),
        (json!({ "act": "worker" }), "claim"),
        (json!({ "act": {} }), "claim"),
        (json!({ "auth_time": -1 }), "claim"),
        (json!({ "acr": 2 }), "claim"),
        (json!({ "amr": "pwd" }), "claim"),
        (json!({ "roles": "admin" }), "claim"),
        (json!({ "groups": [1] }), "claim"),
        (json!({ "entitlements": {} }), "claim"),
        (json!({ "ext": [] }), "claim"),
        (json!({ "ext": { "sub": "root" } }), "claim"),
    ] {
        assert_eq!(reason(&verifier, &mint.token_with(changes.clone())).await, expected, "{changes}");
    }
}

#[tokio::test]
async fn null_is_not_absence() {
    let mint = Mint::new();
    let verifier = mint.verifier().await;
    for name in [
        "tenant",
        "scope",
        "sid",
        "act",
        "may_act",
        "auth_time",
        "acr",
        "amr",
        "roles",
        "groups",
        "entitlements",
        "ext",
    ] {
        let mut claims = mint.claims();
        claims[name] = Value::Null;
        assert_eq!(reason(&verifier, &mint.sign("at+jwt", &claims)).await, "claim", "{name}");
    }
}

#[tokio::test]
async fn leeway_is_for_the_beginning_and_never_for_the_end() {
    let mint = Mint::new();
    let verifier = mint.verifier().await;
    let ahead = mint.now() + 30;
    assert!(verifier.verify(&mint.token_with(json!({ "iat": ahead, "nbf": ahead }))).await.is_ok());
    let ends = mint.token_with(json!({ "exp": mint.now() + 1 }));
    mint.clock.advance(Duration::from_millis(999));
    assert!(verifier.verify(&ends).await.is_ok());
    mint.clock.advance(Duration::from_millis(1));
    assert_eq!(reason(&verifier, &ends).await, "expired", "warm");
    assert_eq!(reason(&mint.verifier().await, &ends).await, "expired", "cold");
}

#[tokio::test]
async fn another_kind_of_token_from_the_same_issuer_and_key_is_refused() {
    let mint = Mint::new();
    let verifier = mint.verifier().await;
    for typ in ["JWT", "", "jwt", "dpop+jwt", "logout+jwt", "secevent+jwt", "remint-grant+jwt", "at+jwt ", "at"] {
        assert_eq!(reason(&verifier, &mint.sign(typ, &mint.claims())).await, "token_type", "{typ}");
    }
}

#[tokio::test]
async fn an_external_token_under_the_same_key_is_not_an_internal_one() {
    let mint = Mint::new();
    let verifier = mint.verifier().await;
    let now = mint.now();
    // RFC 9068 to the letter, for our audience.
    let mut external = json!({
        "iss": "https://idp.example", "aud": AUDIENCE, "sub": "alice", "client_id": "web", "jti": "1",
        "iat": now, "exp": now + 300, "scope": "jobs:write",
    });
    assert_eq!(reason(&verifier, &mint.sign("at+jwt", &external)).await, "untrusted_issuer");
    external["iss"] = ISSUER.into();
    assert_eq!(reason(&verifier, &mint.sign("at+jwt", &external)).await, "claim");
}

#[tokio::test]
async fn a_key_that_is_not_the_issuers_is_refused() {
    let mint = Mint::new();
    let stranger = SigningKey::generate(Algorithm::Es256).unwrap();
    let token = stranger.sign("at+jwt", &mint.claims()).unwrap();
    assert_eq!(reason(&mint.verifier().await, &token).await, "unknown_key_id");
}

#[tokio::test]
async fn an_algorithm_outside_the_allow_list_is_refused() {
    let mint = Mint::with(Algorithm::Es384);
    assert_eq!(reason(&mint.verifier().await, &mint.token()).await, "algorithm");
    let only = mint.builder().algorithms([Algorithm::Es384]).build().await.unwrap();
    assert!(only.verify(&mint.token()).await.is_ok());
}

#[tokio::test]
async fn a_token_that_names_no_key_is_refused() {
    let mint = Mint::new();
    let token = mint.token();
    let (_, rest) = token.split_once('.').unwrap();
    // {"typ":"at+jwt","alg":"ES256"}
    let token = format!("eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiJ9.{rest}");
    assert_eq!(reason(&mint.verifier().await, &token).await, "structure");
}

#[tokio::test]
async fn a_token_over_the_limit_is_not_looked_at() {
    let mint = Mint::new();
    let token = mint.token_with(json!({ "ext": { "x": "x".repeat(8192) } }));
    assert!(mint.verifier().await.verify(&token).await.is_ok());
    let narrow = mint.builder().max_length(8192).build().await.unwrap();
    assert_eq!(reason(&narrow, &token).await, "too_long");
    let longer = mint.token_with(json!({ "ext": { "x": "x".repeat(16384) } }));
    assert_eq!(reason(&mint.verifier().await, &longer).await, "too_long");
}

#[tokio::test]
async fn every_single_byte_edit_is_refused_warm_and_cold() {
    let mint = Mint::with(Algorithm::EdDSA);
    let token = mint.token();
    let warm = mint.verifier().await;
    warm.verify(&token).await.unwrap();
    for at in 0..token.len() {
        let mut edited = token.clone().into_bytes();
        edited[at] = if edited[at] == b'A' { b'B' } else { b'A' };
        let edited = String::from_utf8(edited).unwrap();
        assert!(warm.verify(&edited).await.is_err(), "byte {at}");
        assert!(warm.verify(&token[..at]).await.is_err(), "prefix of {at}");
    }
    assert!(warm.verify(&format!("{token}A")).await.is_err());
    assert!(warm.verify(&token).await.is_ok());
}

#[tokio::test]
async fn a_verifier_without_sense_is_not_built() {
    let mint = Mint::new();
    let kind = async |builder: crate::VerifierBuilder| builder.build().await.unwrap_err().kind();
    assert_eq!(kind(mint.builder().algorithms([])).await, VerifierErrorKind::Setting);
    assert_eq!(kind(mint.builder().max_length(0)).await, VerifierErrorKind::Setting);
    assert_eq!(kind(bare_builder(&mint).jwks_uri("not a url")).await, VerifierErrorKind::Address);
    assert_eq!(kind(bare_builder(&mint).jwks_uri("http://auth.example/jwks")).await, VerifierErrorKind::Address);
}

#[tokio::test]
async fn debug_shows_no_token() {
    let mint = Mint::new();
    let verifier = mint.verifier().await;
    verifier.verify(&mint.token()).await.unwrap();
    let shown = format!("{verifier:?}");
    assert!(shown.contains(ISSUER) && !shown.contains("eyJ") && !shown.contains("alice"), "{shown}");
}

proptest! {
    #[test]
    fn no_input_panics(token in ".{0,200}|[A-Za-z0-9_=-]{0,80}\\.[A-Za-z0-9_=-]{0,80}\\.[A-Za-z0-9_=-]{0,80}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            prop_assert!(Mint::new().verifier().await.verify(&token).await.is_err());
            Ok(())
        })?;
    }
}
