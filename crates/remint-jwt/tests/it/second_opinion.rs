//! `jsonwebtoken` signs and we verify, and the other way round.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::ThumbprintHash;
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use remint_jwt::{Algorithm, Jwk, SigningKey, VerifyingKey};
use serde_json::{Value, json};

use crate::support::{accept, key, verifying};

fn install() {
    // Another test of this process may have been first.
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
}

/// It knows no P-521; RFC 7515 has an example of it.
fn known_to_both() -> impl Iterator<Item = Algorithm> {
    Algorithm::ALL.into_iter().filter(|algorithm| *algorithm != Algorithm::Es512)
}

fn theirs(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    algorithm.as_str().parse().unwrap()
}

fn encoding_key(key: &SigningKey) -> EncodingKey {
    let pem = key.to_pem().unwrap();
    match key.algorithm() {
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 => EncodingKey::from_ec_pem(pem.as_bytes()),
        Algorithm::EdDSA => EncodingKey::from_ed_pem(pem.as_bytes()),
        _ => EncodingKey::from_rsa_pem(pem.as_bytes()),
    }
    .unwrap()
}

#[test]
fn what_jsonwebtoken_signs_we_verify() {
    install();
    for algorithm in known_to_both() {
        let key = key(algorithm);
        let claims = json!({ "sub": "alice" });
        let token = jsonwebtoken::encode(&Header::new(theirs(algorithm)), &claims, &encoding_key(&key)).unwrap();
        assert_eq!(accept(&token, &verifying(&key)).unwrap().subject(), Ok("alice"), "{algorithm}");
    }
}

#[test]
fn what_we_sign_jsonwebtoken_verifies() {
    install();
    for algorithm in known_to_both() {
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

/// RFC 7515, appendix A.4.
#[test]
fn the_example_of_es512_verifies() {
    let jwk = json!({
        "kty": "EC",
        "crv": "P-521",
        "x": "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",
        "y": "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2",
    });
    let signature = "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgo\
                     XD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn";
    let mut signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let key = VerifyingKey::new(&Jwk::parse(jwk.to_string().as_bytes()).unwrap(), Algorithm::Es512).unwrap();
    let message = b"eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA";
    assert!(key.verify(message, &signature).is_ok());
    signature[100] ^= 1;
    assert!(key.verify(message, &signature).is_err());
}
