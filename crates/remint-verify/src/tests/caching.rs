use std::sync::{Arc, Mutex};
use std::time::Duration;

use remint_jwt::{Algorithm, JwkSet};
use serde_json::json;

use super::support::{Mint, bare_builder, reason};

#[tokio::test]
async fn the_second_request_with_a_token_costs_no_signature() {
    let mint = Mint::new();
    let verifier = mint.verifier().await;
    let token = mint.token();
    let first = verifier.verify(&token).await.unwrap();
    let second = verifier.verify(&token).await.unwrap();
    assert_eq!(first.get(), second.get());
    assert_eq!(mint.signatures(), 1);
}

#[tokio::test]
async fn a_verified_token_is_verified_anew_after_the_limit() {
    let mint = Mint::new();
    let verifier = mint.verifier().await;
    let token = mint.token();
    verifier.verify(&token).await.unwrap();
    mint.clock.advance(Duration::from_millis(59_999));
    verifier.verify(&token).await.unwrap();
    assert_eq!(mint.signatures(), 1);
    mint.clock.advance(Duration::from_millis(1));
    verifier.verify(&token).await.unwrap();
    assert_eq!(mint.signatures(), 2);
}

#[tokio::test]
async fn nothing_is_kept_where_the_limit_is_zero() {
    let mint = Mint::new();
    let verifier = mint.builder().max_ttl(Duration::ZERO).build().await.unwrap();
    let token = mint.token();
    verifier.verify(&token).await.unwrap();
    verifier.verify(&token).await.unwrap();
    assert_eq!(mint.signatures(), 2);
}

#[tokio::test]
async fn a_token_dies_with_its_key_within_the_limit() {
    let mint = Mint::new();
    let keys = Arc::new(Mutex::new(mint.key_set()));
    let current = Arc::clone(&keys);
    let verifier = bare_builder(&mint).local_keys(move || current.lock().unwrap().clone()).build().await.unwrap();
    let token = mint.token();
    verifier.verify(&token).await.unwrap();
    *keys.lock().unwrap() = Arc::new(JwkSet::default());
    mint.clock.advance(Duration::from_secs(60));
    assert_eq!(reason(&verifier, &token).await, "unknown_key_id");
    *keys.lock().unwrap() = mint.key_set();
    assert!(verifier.verify(&token).await.is_ok(), "an unknown key is not remembered");
}

#[tokio::test]
async fn two_verifiers_share_nothing() {
    let mint = Mint::new();
    let token = mint.token();
    mint.verifier().await.verify(&token).await.unwrap();
    mint.verifier().await.verify(&token).await.unwrap();
    assert_eq!(mint.signatures(), 2);
}

#[tokio::test]
async fn a_bad_signature_is_remembered_for_ten_seconds() {
    let mint = Mint::new();
    let verifier = mint.verifier().await;
    let [one, other] = [json!({ "sub": "alice" }), json!({ "sub": "bob" })].map(|changes| mint.token_with(changes));
    let (signing_input, _) = one.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    let forged = format!("{signing_input}.{signature}");
    for _ in 0..3 {
        assert_eq!(reason(&verifier, &forged).await, "signature");
    }
    assert_eq!(mint.signatures(), 1);
    mint.clock.advance(Duration::from_secs(10));
    assert_eq!(reason(&verifier, &forged).await, "signature");
    assert_eq!(mint.signatures(), 2);
}

#[tokio::test]
async fn bogus_tokens_take_up_no_space_of_good_ones() {
    let mint = Mint::with(Algorithm::EdDSA);
    let verifier = mint.verifier().await;
    let (signing_input, _) = mint.token().rsplit_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    for number in 0..1500_u32 {
        // 64 bytes each, all of them different.
        let forged = format!("{signing_input}.{}AA", format!("{number:05}").repeat(17).get(..84).unwrap());
        assert!(verifier.verify(&forged).await.is_err());
    }
    assert_eq!(verifier.0.tier.usage(), (0, 0));
    assert!((1..=1024).contains(&verifier.0.negatives.len()), "{}", verifier.0.negatives.len());
}
