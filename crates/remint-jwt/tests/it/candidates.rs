//! Which keys of a set are tried for a token.

use remint_core::DeniedKind;
use remint_jwt::{Algorithm, JwkSet, JwtErrorKind, KeyError, LookupError, MAX_CANDIDATES, SigningKey};
use serde_json::{Value, json};

use crate::support::{accept, key, token};

fn set(keys: &[Value]) -> JwkSet {
    JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

/// The key under this `kid`, or none, for the algorithm that it has.
fn named(key: &SigningKey, kid: Option<&str>) -> Value {
    let mut jwk = key.public_jwk().to_json();
    jwk["kid"] = kid.into();
    jwk
}

fn ec(kid: Option<&str>) -> Value {
    named(&key(Algorithm::Es256), kid)
}

#[test]
fn keys_that_share_an_id_are_all_tried() {
    let keys = [key(Algorithm::Es256), key(Algorithm::Es256)];
    let set = set(&[named(&keys[0], Some("a")), ec(Some("b")), named(&keys[1], Some("a"))]);
    let found = set.find(Some("a"), Algorithm::Es256).unwrap();
    assert_eq!(found.iter().count(), 2);
    for key in &keys {
        accept(&token(key), &found).unwrap();
    }
    let stranger = token(&key(Algorithm::Es256));
    assert_eq!(accept(&stranger, &found).unwrap_err(), JwtErrorKind::Signature, "the token names both");
}

#[test]
fn exact_copies_are_one_key() {
    let jwk = ec(Some("a"));
    let set = set(&[jwk.clone(), jwk.clone(), jwk]);
    assert_eq!((set.len(), set.passed_over().len()), (1, 0));
}

#[test]
fn one_id_may_be_that_of_keys_for_several_algorithms() {
    let [rs, ps] = [Algorithm::Rs256, Algorithm::Ps256].map(key);
    let [es, ed] = [Algorithm::Es256, Algorithm::EdDSA].map(key);
    let mut keys: Vec<_> = [&rs, &ps, &es, &ed].map(|key| named(key, Some("a"))).into();
    keys.push(json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "a" }));
    let set = set(&keys);
    for key in [&rs, &ps, &es, &ed] {
        let found = set.find(Some("a"), key.algorithm()).unwrap();
        assert!(found.iter().all(|found| found.algorithm() == key.algorithm()));
        assert_eq!(found.iter().count(), 1);
        accept(&token(key), &found).unwrap();
    }
    assert_eq!(set.find(Some("a"), Algorithm::Es384).unwrap_err(), LookupError::Algorithm);
}

#[test]
fn keys_without_an_id_are_tried_only_where_none_has_the_tokens() {
    let [named_key, unnamed] = [key(Algorithm::Es256), key(Algorithm::Es256)];
    let set = set(&[named(&named_key, Some("a")), named(&unnamed, None)]);
    let by_name = set.find(Some("a"), Algorithm::Es256).unwrap();
    assert!(accept(&token(&named_key), &by_name).is_ok());
    assert_eq!(accept(&token(&unnamed), &by_name).unwrap_err(), JwtErrorKind::Signature);
    let by_another = set.find(Some("b"), Algorithm::Es256).unwrap();
    assert!(accept(&token(&unnamed), &by_another).is_ok());
    assert_eq!(accept(&token(&named_key), &by_another).unwrap_err(), JwtErrorKind::UnknownKey);
}

#[test]
fn a_key_of_that_id_for_another_algorithm_leaves_the_keys_without_an_id() {
    let unnamed = key(Algorithm::Es256);
    let set = set(&[named(&key(Algorithm::EdDSA), Some("a")), named(&unnamed, None)]);
    let found = set.find(Some("a"), Algorithm::Es256).unwrap();
    assert!(accept(&token(&unnamed), &found).is_ok());
    assert_eq!(set.find(Some("a"), Algorithm::Es384).unwrap_err(), LookupError::Algorithm);
    assert_eq!(set.find(Some("b"), Algorithm::Es384).unwrap_err(), LookupError::Unknown);
}

#[test]
fn for_a_token_without_an_id_every_key_that_fits_is_tried() {
    let keys = [key(Algorithm::Es256), key(Algorithm::Es256), key(Algorithm::EdDSA)];
    let set = set(&[named(&keys[0], Some("a")), named(&keys[1], None), named(&keys[2], Some("c"))]);
    for key in &keys {
        let found = set.find(None, key.algorithm()).unwrap();
        accept(&token(key), &found).unwrap();
    }
    assert_eq!(set.find(None, Algorithm::Rs256).unwrap_err(), LookupError::Unknown);
}

#[test]
fn a_signature_that_fails_under_keys_which_the_token_does_not_name_is_an_unknown_key() {
    let set = set(&[ec(Some("a"))]);
    let forged = token(&key(Algorithm::Es256));
    let found = set.find(None, Algorithm::Es256).unwrap();
    assert_eq!(accept(&forged, &found).unwrap_err(), JwtErrorKind::UnknownKey);
    assert_eq!(DeniedKind::from(JwtErrorKind::UnknownKey).remember_for(), None);
    let named = set.find(Some("a"), Algorithm::Es256).unwrap();
    assert_eq!(accept(&forged, &named).unwrap_err(), JwtErrorKind::Signature);
}

#[test]
fn four_keys_are_tried_at_most() {
    let keys: Vec<_> = (0..MAX_CANDIDATES + 1).map(|_| key(Algorithm::Es256)).collect();
    let different: Vec<_> = keys.iter().map(|key| key.public_jwk().to_json()).collect();
    let all = set(&different);
    assert_eq!(all.len(), 5);
    let found = all.find(None, Algorithm::Es256).unwrap();
    assert_eq!(found.iter().count(), 4);
    for (index, key) in keys.iter().enumerate() {
        let outcome = accept(&token(key), &found).map(drop);
        assert_eq!(outcome, if index < 4 { Ok(()) } else { Err(JwtErrorKind::UnknownKey) }, "{index}");
    }
}

#[test]
fn a_key_that_is_never_tried_is_passed_over() {
    for kid in [Some("a"), None] {
        let set = set(&[ec(kid), ec(kid), ec(kid), ec(kid), ec(kid), named(&key(Algorithm::EdDSA), kid)]);
        let [passed_over] = set.passed_over() else { panic!("{set:?}") };
        assert_eq!((passed_over.index, passed_over.reason), (4, KeyError::TooMany));
        assert_eq!(passed_over.key_id.as_deref(), kid);
        assert_eq!(set.find(kid, Algorithm::EdDSA).unwrap().iter().count(), 1);
    }
}

#[test]
fn keys_may_be_left_out_by_what_they_say() {
    let keys = [key(Algorithm::Es256), key(Algorithm::Es256)];
    let mut bound = keys.each_ref().map(|key| named(key, Some("a")));
    bound[0]["issuer"] = "https://one.example".into();
    bound[1]["issuer"] = "https://two.example".into();
    let set = set(&bound);
    assert_eq!(set.find(Some("a"), Algorithm::Es256).unwrap().iter().count(), 2);
    for (issuer, key) in ["https://one.example", "https://two.example"].into_iter().zip(&keys) {
        let found = set.find_among(Some("a"), Algorithm::Es256, |jwk| jwk.issuer() == Some(issuer)).unwrap();
        assert_eq!(found.iter().count(), 1);
        accept(&token(key), &found).unwrap();
    }
    assert_eq!(set.find_among(Some("a"), Algorithm::Es256, |_| false).unwrap_err(), LookupError::Unknown);
}
