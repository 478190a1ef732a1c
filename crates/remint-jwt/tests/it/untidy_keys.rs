//! Keys as providers write them: what is meant is plain, and is read.

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use remint_jwt::{Algorithm, Jwk, JwkSet, JwtErrorKind, KeyError, SelfSigned, SigningKey};
use serde_json::{Value, json};

use crate::support::{accept, key, token};

fn set(keys: &[Value]) -> JwkSet {
    JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

/// The key with these members set, `null` included.
fn with(key: &SigningKey, members: Value) -> Value {
    let mut jwk = key.public_jwk().to_json();
    for (name, value) in members.as_object().unwrap() {
        jwk[name] = value.clone();
    }
    jwk
}

fn number(jwk: &Value, name: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap()
}

/// The set has this key and no other.
fn is_read(jwk: &Value, key: &SigningKey) {
    let set = set(std::slice::from_ref(jwk));
    assert_eq!(set.passed_over(), [], "{jwk}");
    let found = set.find(Some(key.key_id()), key.algorithm()).unwrap();
    accept(&token(key), &found).unwrap();
    assert_eq!(set.iter().next().unwrap().thumbprint(), key.key_id(), "{jwk}");
}

#[test]
fn null_and_empty_members_are_absent() {
    for algorithm in [Algorithm::Es256, Algorithm::Rs256, Algorithm::EdDSA] {
        let key = key(algorithm);
        for members in [
            json!({ "use": "", "key_ops": [] }),
            json!({ "use": null, "key_ops": null, "alg": null, "issuer": null, "x5c": null }),
            json!({ "alg": "", "issuer": "", "x5c": [], "x5t": "" }),
            json!({ "d": null, "p": null, "q": null, "dp": null, "dq": null, "qi": null, "oth": null, "k": null }),
            json!({ "d": "", "oth": [] }),
        ] {
            is_read(&with(&key, members), &key);
        }
    }
    let key = key(Algorithm::Es256);
    for kid in [json!(null), json!("")] {
        assert_eq!(set(&[with(&key, json!({ "kid": kid }))]).iter().next().unwrap().key_id(), None);
    }
}

#[test]
fn a_member_that_a_key_needs_is_missing_when_it_is_empty() {
    for (algorithm, name) in [(Algorithm::Es256, "x"), (Algorithm::Es256, "kty"), (Algorithm::Rs256, "n")] {
        for nothing in [json!(null), json!("")] {
            let set = set(&[with(&key(algorithm), json!({ name: nothing }))]);
            assert_eq!(set.passed_over()[0].reason, KeyError::Malformed, "{name}");
        }
    }
}

#[test]
fn numbers_may_be_padded_and_begin_with_zeros() {
    let rsa = key(Algorithm::Rs256);
    let plain = rsa.public_jwk().to_json();
    let [n, e] = ["n", "e"].map(|name| number(&plain, name));
    for zeros in [0, 1, 8] {
        let long = |number: &[u8]| [&vec![0; zeros], number].concat();
        is_read(&with(&rsa, json!({ "n": URL_SAFE.encode(long(&n)), "e": URL_SAFE.encode(long(&e)) })), &rsa);
        is_read(&with(&rsa, json!({ "n": URL_SAFE_NO_PAD.encode(long(&n)) })), &rsa);
    }
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Es512] {
        let ec = key(algorithm);
        let [x, y] = ["x", "y"].map(|name| number(&ec.public_jwk().to_json(), name));
        is_read(
            &with(&ec, json!({ "x": URL_SAFE.encode(&x), "y": URL_SAFE_NO_PAD.encode([&[0], &*y].concat()) })),
            &ec,
        );
    }
    let ed = key(Algorithm::EdDSA);
    let x = number(&ed.public_jwk().to_json(), "x");
    is_read(&with(&ed, json!({ "x": URL_SAFE.encode(&x) })), &ed);
    let longer = with(&ed, json!({ "x": URL_SAFE.encode([&[0], &*x].concat()) }));
    assert_eq!(set(&[longer]).passed_over()[0].reason, KeyError::Malformed, "it is no number");
}

#[test]
fn a_coordinate_may_lack_the_zeros_that_it_begins_with() {
    let (key, x) = loop {
        let key = key(Algorithm::Es256);
        let x = number(&key.public_jwk().to_json(), "x");
        if x[0] == 0 {
            break (key, x);
        }
    };
    is_read(&with(&key, json!({ "x": URL_SAFE_NO_PAD.encode(&x[1..]) })), &key);
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let key = key(Algorithm::Es256);
    let json = json!({ "keys": [key.public_jwk().to_json()] }).to_string();
    assert_eq!(JwkSet::parse(format!("\u{feff}{json}").as_bytes()).unwrap().len(), 1);
    assert_eq!(JwkSet::parse(format!("\u{feff}\u{feff}{json}").as_bytes()).unwrap_err(), KeyError::Malformed);
}

#[test]
fn a_member_that_is_there_twice_refuses_its_key_alone() {
    let (good, bad) = (key(Algorithm::Es256), key(Algorithm::Es256));
    let twice = bad.public_jwk().to_json().to_string().replacen('{', "{\"use\":\"sig\",", 1);
    let json = format!("{{\"keys\":[{twice},{}]}}", good.public_jwk().to_json());
    let set = JwkSet::parse(json.as_bytes()).unwrap();
    assert!(set.find(Some(good.key_id()), Algorithm::Es256).is_ok());
    let [passed_over] = set.passed_over() else { panic!("{set:?}") };
    assert_eq!(
        (passed_over.index, passed_over.key_id.as_deref(), passed_over.reason),
        (0, Some(bad.key_id()), KeyError::Duplicate)
    );
}

#[test]
fn a_key_that_a_token_brings_along_is_held_to_the_letter() {
    let key = key(Algorithm::Es256);
    let header = |jwk: Value| json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk });
    let proof = |jwk: Value| {
        let input = [header(jwk), json!({})].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
        let signature = key.signature(input.as_bytes()).unwrap();
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
    };
    assert!(SelfSigned::parse(&proof(key.public_jwk().to_json())).is_ok());
    for members in [json!({ "d": null }), json!({ "use": "" }), json!({ "kid": null })] {
        let jwk = with(&key, members);
        assert_eq!(SelfSigned::parse(&proof(jwk.clone())).unwrap_err().kind(), JwtErrorKind::Structure, "{jwk}");
        assert!(Jwk::parse(jwk.to_string().as_bytes()).is_err());
    }
}
