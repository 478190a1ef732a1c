//! Key sets as providers publish them, and as they should not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use remint_jwt::{Algorithm, Jwk, JwkSet, KeyError, LookupError, MAX_SET_KEYS, MAX_SET_LEN, SigningKey};
use serde_json::{Value, json};

use crate::support::{accept, key, token};

/// A public key as JSON, with these members set, or removed where `null`.
fn jwk(algorithm: Algorithm, members: &Value) -> Value {
    edited(key(algorithm).public_jwk().to_json(), members)
}

fn edited(mut jwk: Value, members: &Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        match value {
            Value::Null => jwk.as_object_mut().unwrap().remove(name),
            value => jwk.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    jwk
}

fn set(keys: &[Value]) -> JwkSet {
    JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

/// The one member is passed over for this reason.
fn refused(key: Value) -> KeyError {
    let good = jwk(Algorithm::EdDSA, &json!({ "kid": "good" }));
    let set = set(&[key, good]);
    assert!(set.find(Some("good"), Algorithm::EdDSA).is_ok(), "one bad key spoiled the set");
    assert_eq!((set.len(), set.passed_over().len()), (1, 1));
    assert_eq!(set.passed_over()[0].index, 0);
    set.passed_over()[0].reason
}

#[test]
fn keys_for_another_purpose_are_refused() {
    for members in [
        json!({ "use": "enc" }),
        json!({ "use": null, "key_ops": ["sign"] }),
        json!({ "use": "sig", "key_ops": ["encrypt"] }),
    ] {
        assert_eq!(refused(jwk(Algorithm::Es256, &members)), KeyError::Purpose, "{members}");
    }
    let fit = jwk(Algorithm::Es256, &json!({ "use": null, "key_ops": ["sign", "verify"] }));
    assert_eq!(set(&[fit]).len(), 1);
}

#[test]
fn symmetric_keys_are_refused() {
    let secret = json!({ "kty": "oct", "k": "c2VjcmV0", "alg": "HS256", "kid": "a", "use": "sig" });
    assert_eq!(refused(secret), KeyError::Symmetric);
}

#[test]
fn private_members_are_refused() {
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        assert_eq!(refused(jwk(Algorithm::Es256, &json!({ name: "AAAA" }))), KeyError::Private, "{name}");
    }
}

#[test]
fn unsupported_types_curves_and_algorithms_are_refused() {
    for members in [
        json!({ "crv": "secp256k1", "alg": "ES256K" }),
        json!({ "crv": "p-256" }),
        json!({ "kty": "ec" }),
        json!({ "kty": "AKP" }),
        json!({ "alg": "none" }),
        json!({ "alg": "HS256" }),
    ] {
        assert_eq!(refused(jwk(Algorithm::Es256, &members)), KeyError::Unsupported, "{members}");
    }
    for members in [json!({ "crv": "X25519" }), json!({ "crv": "Ed448" })] {
        assert_eq!(refused(jwk(Algorithm::EdDSA, &members)), KeyError::Unsupported, "{members}");
    }
    assert_eq!(refused(jwk(Algorithm::Rs256, &json!({ "alg": "RSA-OAEP" }))), KeyError::Unsupported);
}

#[test]
fn an_algorithm_of_another_family_is_refused() {
    assert_eq!(refused(jwk(Algorithm::Es256, &json!({ "alg": "RS256" }))), KeyError::Algorithm);
    assert_eq!(refused(jwk(Algorithm::Es256, &json!({ "alg": "ES384" }))), KeyError::Algorithm);
    assert_eq!(refused(jwk(Algorithm::Es256, &json!({ "alg": "ES512" }))), KeyError::Algorithm);
    assert_eq!(refused(jwk(Algorithm::Rs256, &json!({ "alg": "ES256" }))), KeyError::Algorithm);
    assert_eq!(refused(jwk(Algorithm::EdDSA, &json!({ "alg": "ES256" }))), KeyError::Algorithm);
}

#[test]
fn rsa_below_2048_bits_or_with_an_unsound_exponent_is_refused() {
    let n = |bytes: usize, first: u8| {
        let mut n = vec![0xff_u8; bytes];
        n[0] = first;
        encode(&n)
    };
    for n in [n(128, 0xff), n(255, 0xff), n(256, 0x7f), n(1025, 0xff), n(1, 3)] {
        assert_eq!(refused(jwk(Algorithm::Rs256, &json!({ "n": n }))), KeyError::RsaSize);
    }
    let mut even = vec![0xff_u8; 256];
    even[255] = 0xfe;
    assert_eq!(refused(jwk(Algorithm::Rs256, &json!({ "n": encode(&even) }))), KeyError::RsaSize);
    for e in ["AQ", "Ag", "AQAA", "AQAAAAE"] {
        assert_eq!(refused(jwk(Algorithm::Rs256, &json!({ "e": e }))), KeyError::RsaSize, "{e}");
    }
}

#[test]
fn malformed_numbers_are_refused() {
    for members in [
        json!({ "x": "" }),
        json!({ "x": "AAAA" }),
        json!({ "x": "!" }),
        json!({ "x": 1 }),
        json!({ "x": null }),
        json!({ "y": null }),
        json!({ "x": encode(&[0; 32]), "y": encode(&[0; 32]) }),
        json!({ "x": encode(&[7; 32]), "y": encode(&[7; 32]) }),
        json!({ "x": encode(&[0xff; 32]) }),
        json!({ "crv": null }),
        json!({ "kty": null }),
        json!({ "kid": 7 }),
        json!({ "alg": ["ES256"] }),
        json!({ "use": 1 }),
        json!({ "key_ops": "verify" }),
    ] {
        assert_eq!(refused(jwk(Algorithm::Es256, &members)), KeyError::Malformed, "{members}");
    }
    for members in [json!({ "n": null }), json!({ "e": null }), json!({ "n": "AAAA" }), json!({ "e": "AA" })] {
        assert_eq!(refused(jwk(Algorithm::Rs256, &members)), KeyError::Malformed, "{members}");
    }
    for key in [json!(null), json!("key"), json!([]), json!({}), json!(1)] {
        assert_eq!(refused(key), KeyError::Malformed);
    }
    assert_eq!(refused(jwk(Algorithm::EdDSA, &json!({ "x": encode(&[1; 31]) }))), KeyError::Malformed);
}

#[test]
fn a_coordinate_has_the_length_of_its_curve() {
    let whole = jwk(Algorithm::Es256, &json!({}));
    let [x, y] = ["x", "y"].map(|name| URL_SAFE_NO_PAD.decode(whole[name].as_str().unwrap()).unwrap());
    let point = [x, y].concat();
    for cut in [31, 33] {
        let shifted = json!({ "x": encode(&point[..cut]), "y": encode(&point[cut..]) });
        assert_eq!(refused(edited(whole.clone(), &shifted)), KeyError::Malformed, "{cut}");
    }
}

#[test]
fn an_oversized_key_id_is_refused() {
    assert_eq!(refused(jwk(Algorithm::Es256, &json!({ "kid": "k".repeat(257) }))), KeyError::KeyIdTooLong);
    assert_eq!(set(&[jwk(Algorithm::Es256, &json!({ "kid": "k".repeat(256) }))]).len(), 1);
}

#[test]
fn a_key_id_is_an_exact_text() {
    let set = set(&[jwk(Algorithm::Es256, &json!({ "kid": "Key" }))]);
    for kid in ["key", "Key ", "Ke", "", "Key\0", "../Key"] {
        assert_eq!(set.find(Some(kid), Algorithm::Es256).unwrap_err(), LookupError::Unknown, "{kid:?}");
    }
}

#[test]
fn an_rsa_key_without_an_algorithm_serves_those_of_the_allow_list() {
    let any = set(&[jwk(Algorithm::Rs256, &json!({ "alg": null, "kid": "a" }))]);
    for algorithm in [Algorithm::Rs256, Algorithm::Rs512, Algorithm::Ps256, Algorithm::Ps384] {
        let found = any.find(Some("a"), algorithm).unwrap();
        accept(&token(&key(algorithm)), &found).unwrap();
    }
    let fixed = set(&[jwk(Algorithm::Rs256, &json!({ "kid": "a" }))]);
    assert!(fixed.find(Some("a"), Algorithm::Rs256).is_ok());
    assert_eq!(fixed.find(Some("a"), Algorithm::Ps256).unwrap_err(), LookupError::Algorithm);
}

#[test]
fn rubbish_is_an_error_and_not_an_empty_set() {
    for text in ["", "null", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":null}"#, r#"{"keys":[],"keys":[]}"#, "<html>"] {
        assert_eq!(JwkSet::parse(text.as_bytes()).unwrap_err(), KeyError::Malformed, "{text}");
    }
    assert_eq!(JwkSet::parse(b"\xff\xfe").unwrap_err(), KeyError::Malformed);
    assert_eq!(JwkSet::parse(br#"{"a":{"b":1,"b":1},"keys":[]}"#).unwrap_err(), KeyError::Malformed);
    assert!(JwkSet::parse(br#"{"keys":[]}"#).unwrap().is_empty());
}

#[test]
fn a_set_is_bounded_in_bytes_and_in_keys() {
    let long = format!(r#"{{"keys":[]{}}}"#, " ".repeat(MAX_SET_LEN));
    assert_eq!(JwkSet::parse(long.as_bytes()).unwrap_err(), KeyError::TooLarge);
    let many = json!({ "keys": vec![json!({}); MAX_SET_KEYS + 1] }).to_string();
    assert_eq!(JwkSet::parse(many.as_bytes()).unwrap_err(), KeyError::TooLarge);
    let most = json!({ "keys": vec![json!({}); MAX_SET_KEYS] }).to_string();
    assert_eq!(JwkSet::parse(most.as_bytes()).unwrap().passed_over().len(), MAX_SET_KEYS);
}

#[test]
fn a_single_key_is_bounded_too() {
    let padded = |len: usize| format!("{}{}", key(Algorithm::Es256).public_jwk().to_json(), " ".repeat(len));
    assert!(Jwk::parse(padded(60_000).as_bytes()).is_ok());
    assert_eq!(Jwk::parse(padded(65_536).as_bytes()).unwrap_err(), KeyError::TooLarge);
    assert_eq!(Jwk::parse(b"[]").unwrap_err(), KeyError::Malformed);
}

#[test]
fn what_is_published_can_be_read_again_and_holds_no_secret() {
    let keys: Vec<SigningKey> =
        [Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDSA].map(key).into();
    let published = JwkSet::try_from(keys.iter().map(|key| key.public_jwk().clone()).collect::<Vec<_>>()).unwrap();
    let json = published.to_json().to_string();
    let again = JwkSet::parse(json.as_bytes()).unwrap();
    assert_eq!(again.len(), keys.len());
    for key in &keys {
        let found = again.find(Some(key.key_id()), key.algorithm()).unwrap();
        accept(&token(key), &found).unwrap();
        assert!(found.iter().all(|found| found.key_id() == Some(key.key_id())));
    }
    assert!(again.iter().all(|jwk| jwk.to_json().get("d").is_none()));
}

#[test]
fn the_thumbprint_of_rfc_7638_section_3_1_is_ours() {
    let jwk = json!({
        "kty": "RSA", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    });
    let jwk = Jwk::parse(jwk.to_string().as_bytes()).unwrap();
    assert_eq!(jwk.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[test]
fn keys_in_whose_name_others_can_sign_are_refused() {
    // 65537^128: a power of 65537 modulo every prime, as the keys of ROCA are.
    let roca = (0..128).fold(vec![1], |number, _| times(&number, 65537));
    // 3 · (2^2047 + …): with a small factor.
    let factored = times(&[&[0x7f; 1][..], &[0xff; 255]].concat(), 3);
    for n in [roca, factored] {
        assert_eq!(refused(jwk(Algorithm::Rs256, &json!({ "n": encode(&n) }))), KeyError::Weak);
    }
    for first in [0, 1] {
        let mut x = [0; 32];
        x[0] = first;
        assert_eq!(refused(jwk(Algorithm::EdDSA, &json!({ "x": encode(&x) }))), KeyError::Weak);
    }
    let mut off_curve = [0; 32];
    off_curve[0] = 2;
    assert_eq!(refused(jwk(Algorithm::EdDSA, &json!({ "x": encode(&off_curve) }))), KeyError::Malformed);
}

/// A big-endian number times a small one.
fn times(number: &[u8], factor: u32) -> Vec<u8> {
    let mut product: Vec<u8> = Vec::new();
    let mut carry = 0_u32;
    for byte in number.iter().rev() {
        carry += u32::from(*byte) * factor;
        product.push((carry % 256) as u8);
        carry /= 256;
    }
    while carry > 0 {
        product.push((carry % 256) as u8);
        carry /= 256;
    }
    product.reverse();
    product
}
