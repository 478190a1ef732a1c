//! `jsonwebtoken` signs and we verify, and the other way round.

use jsonwebtoken::jwk::ThumbprintHash;
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use remint_jwt::{Algorithm, SigningKey};
use serde_json::{Value, json};

use crate::support::{accept, key, verifying};

fn install() {
    // Another test of this process may have been first.
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
}

fn theirs(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    algorithm.as_str().parse().unwrap()
}

fn encoding_key(key: &SigningKey) -> EncodingKey {
    let pem = key.to_pem().unwrap();
    match key.algorithm() {
        Algorithm::Es256 | Algorithm::Es384 => EncodingKey::from_ec_pem(pem.as_bytes()),
        Algorithm::EdDSA => EncodingKey::from_ed_pem(pem.as_bytes()),
        _ => EncodingKey::from_rsa_pem(pem.as_bytes()),
    }
    .unwrap()
}

#[test]
fn what_jsonwebtoken_signs_we_verify() {
    install();
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        let claims = json!({ "sub": "alice" });
        let token = jsonwebtoken::encode(&Header::new(theirs(algorithm)), &claims, &encoding_key(&key)).unwrap();
        assert_eq!(accept(&token, &verifying(&key)).unwrap().subject(), Ok("alice"), "{algorithm}");
    }
}

#[test]
fn what_we_sign_jsonwebtoken_verifies() {
    install();
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        let token = key.sign("at+jwt", &json!({ "sub": "alice", "exp": 4_000_000_000_u64 })).unwrap();
        let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_value(key.public_jwk().to_json()).unwrap();
        let decoded = jsonwebtoken::decode::<Value>(
            &token,
            &DecodingKey::from_jwk(&jwk).unwrap(),
            &Validation::new(theirs(algorithm)),
        )
        .unwrap();
        assert_eq!(decoded.claims["sub"], "alice", "{algorithm}");
        assert_eq!(decoded.header.typ.as_deref(), Some("at+jwt"));
        assert_eq!(decoded.header.kid.as_deref(), Some(key.key_id()));
        assert_eq!(jwk.thumbprint(ThumbprintHash::SHA256).unwrap(), key.key_id());
    }
}
