//! `Ed25519` is another name of EdDSA (RFC 9864 §2.2) wherever an algorithm is named, and of nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use remint_jwt::{Algorithm, Claims, Jwk, JwkSet, Jws, JwtErrorKind, KeyError, SelfSigned, SigningKey};
use serde_json::{Value, json};

use crate::support::{accept, key, verifying};

/// A token under this header, whatever it says.
fn sign(key: &SigningKey, header: &Value) -> String {
    let input = [header, &json!({ "sub": "alice" })].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    let signature = key.signature(input.as_bytes()).unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn named(key: &SigningKey, algorithm: &str) -> Value {
    let mut jwk = key.public_jwk().to_json();
    jwk["alg"] = algorithm.into();
    jwk
}

fn self_verified(key: &SigningKey, header: &Value) -> Result<Claims, JwtErrorKind> {
    let token = sign(key, header);
    let verified = SelfSigned::parse(&token).and_then(SelfSigned::verify).map_err(|error| error.kind())?;
    Ok(verified.into_inner())
}

#[test]
fn a_token_may_name_it() {
    let (ours, other) = (key(Algorithm::EdDSA), key(Algorithm::EdDSA));
    let token = sign(&ours, &json!({ "alg": "Ed25519" }));
    assert_eq!(Jws::parse(&token).unwrap().header().algorithm(), Algorithm::EdDSA);
    assert!(accept(&token, &verifying(&ours)).is_ok());
    assert_eq!(accept(&token, &verifying(&other)).unwrap_err(), JwtErrorKind::Signature);
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let another = key(algorithm);
        let token = sign(&another, &json!({ "alg": "Ed25519" }));
        assert_eq!(accept(&token, &verifying(&another)).unwrap_err(), JwtErrorKind::Algorithm, "{algorithm}");
    }
}

#[test]
fn a_key_may_name_it_and_is_one_for_eddsa() {
    let ours = key(Algorithm::EdDSA);
    let jwk = named(&ours, "Ed25519");
    let set = JwkSet::parse(json!({ "keys": [jwk] }).to_string().as_bytes()).unwrap();
    let found = set.find(Some(ours.key_id()), Algorithm::EdDSA).unwrap();
    for name in ["Ed25519", "EdDSA"] {
        assert!(accept(&sign(&ours, &json!({ "alg": name })), &found).is_ok(), "{name}");
    }
    let parsed = Jwk::parse(jwk.to_string().as_bytes()).unwrap();
    assert_eq!((parsed.algorithm(), parsed.thumbprint().as_str()), (Some(Algorithm::EdDSA), ours.key_id()));
    assert_eq!(parsed.to_json()["alg"], "EdDSA", "that is how we write it");
}

#[test]
fn a_key_for_another_algorithm_stays_one() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384] {
        let jwk = named(&key(algorithm), "Ed25519").to_string();
        assert_eq!(Jwk::parse(jwk.as_bytes()).unwrap_err(), KeyError::Algorithm, "{algorithm}");
    }
    for (name, error) in
        [("RS256", KeyError::Algorithm), ("ES256", KeyError::Algorithm), ("Ed448", KeyError::Unsupported)]
    {
        let jwk = named(&key(Algorithm::EdDSA), name).to_string();
        assert_eq!(Jwk::parse(jwk.as_bytes()).unwrap_err(), error, "{name}");
    }
}

#[test]
fn a_proof_may_name_it() {
    let ours = key(Algorithm::EdDSA);
    for name in ["Ed25519", "EdDSA"] {
        let header = json!({ "typ": "dpop+jwt", "alg": "Ed25519", "jwk": named(&ours, name) });
        assert!(self_verified(&ours, &header).is_ok(), "{name}");
    }
    let another = key(Algorithm::Es256);
    let header = json!({ "typ": "dpop+jwt", "alg": "Ed25519", "jwk": another.public_jwk().to_json() });
    assert_eq!(self_verified(&another, &header).unwrap_err(), JwtErrorKind::Algorithm);
}
