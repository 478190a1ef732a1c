//! Private keys: in and out of PEM, and what they sign.

use remint_jwt::{Algorithm, Jws, KeyError, SigningKey};
use serde_json::json;

use crate::support::{accept, key, token, verifying};

#[test]
fn a_key_survives_its_pem() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        let again = SigningKey::from_pem(algorithm, &key.to_pem().unwrap()).unwrap();
        assert_eq!(again.key_id(), key.key_id(), "{algorithm}");
        accept(&token(&again), &verifying(&key)).unwrap();
    }
}

#[test]
fn a_pem_of_another_kind_is_refused() {
    let ec = key(Algorithm::Es256).to_pem().unwrap();
    for algorithm in [Algorithm::Es384, Algorithm::EdDSA, Algorithm::Rs256] {
        assert_eq!(SigningKey::from_pem(algorithm, &ec).unwrap_err(), KeyError::Malformed, "{algorithm}");
    }
    let public = ec.replace("PRIVATE", "PUBLIC");
    let cut = ec.replace("-----END PRIVATE KEY-----", "");
    for text in ["", "rubbish", &public, &cut, "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----"] {
        assert_eq!(SigningKey::from_pem(Algorithm::Es256, text).unwrap_err(), KeyError::Malformed);
    }
}

#[test]
fn each_type_has_its_own_header() {
    let key = key(Algorithm::Es256);
    for typ in ["at+jwt", "other+jwt", "at+jwt", "a \"quoted\" type"] {
        let token = key.sign(typ, &json!({})).unwrap();
        let jws = Jws::parse(&token).unwrap();
        assert_eq!(jws.header().token_type(), Some(typ));
        assert_eq!(jws.header().key_id(), Some(key.key_id()));
        assert_eq!(jws.header().algorithm(), Algorithm::Es256);
        jws.verify(&verifying(&key)).unwrap();
    }
}

#[test]
fn debug_shows_no_private_key() {
    let key = key(Algorithm::EdDSA);
    let pem = key.to_pem().unwrap();
    let shown = format!("{key:?}");
    assert!(shown.contains(key.key_id()));
    assert!(!pem.lines().any(|line| shown.contains(line)));
}
