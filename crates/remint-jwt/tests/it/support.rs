//! Keys and tokens for these tests; RSA keys are made once per process.

use std::sync::LazyLock;

use remint_jwt::{Algorithm, Claims, Jws, JwtErrorKind, SigningKey, VerifyingKey, VerifyingKeys};
use serde_json::json;

static RSA_PEM: LazyLock<String> =
    LazyLock::new(|| SigningKey::generate(Algorithm::Rs256).unwrap().to_pem().unwrap().to_string());

pub(crate) fn key(algorithm: Algorithm) -> SigningKey {
    match algorithm {
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 | Algorithm::EdDSA => {
            SigningKey::generate(algorithm).unwrap()
        }
        rsa => SigningKey::from_pem(rsa, &RSA_PEM).unwrap(),
    }
}

pub(crate) fn verifying(key: &SigningKey) -> VerifyingKey {
    VerifyingKey::new(key.public_jwk(), key.algorithm()).unwrap()
}

pub(crate) fn token(key: &SigningKey) -> String {
    key.sign("at+jwt", &json!({ "iss": "https://issuer.example", "sub": "alice", "exp": 1_767_225_600 })).unwrap()
}

/// Parses and verifies, as a caller would.
pub(crate) fn accept(token: &str, keys: &impl VerifyingKeys) -> Result<Claims, JwtErrorKind> {
    let verified = Jws::parse(token).and_then(|jws| jws.verify(keys)).map_err(|error| error.kind())?;
    Ok(verified.into_inner())
}
