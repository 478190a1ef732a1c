use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{JwtError, KeyError, VerifyingKey, base64url};

/// A token that is complete but for its signature (RFC 7515 §5.1): for a private key that is held
/// elsewhere. [`SigningKey`](crate::SigningKey) signs in one step.
///
/// It becomes a token only with a signature that verifies.
pub struct UnsignedJws<'k> {
    signing_input: String,
    key: &'k VerifyingKey,
}

impl<'k> UnsignedJws<'k> {
    /// Claims under the header `typ`, `alg`, `kid`, the last two being those of the key that will
    /// have signed.
    ///
    /// # Errors
    ///
    /// [`KeyError::Signing`] if the claims cannot be serialized.
    pub fn new(typ: &str, key: &'k VerifyingKey, claims: &impl Serialize) -> Result<Self, KeyError> {
        let claims = serde_json::to_vec(claims).map_err(|_| KeyError::Signing)?;
        let mut header = Map::new();
        header.insert("typ".into(), typ.into());
        header.insert("alg".into(), key.algorithm().as_str().into());
        if let Some(key_id) = key.key_id() {
            header.insert("kid".into(), key_id.into());
        }
        let header = Value::Object(header).to_string();
        let mut signing_input = String::with_capacity((header.len() + claims.len()) * 4 / 3 + 3);
        base64url::encode_onto(header.as_bytes(), &mut signing_input);
        signing_input.push('.');
        base64url::encode_onto(&claims, &mut signing_input);
        Ok(Self { signing_input, key })
    }

    /// What is to be signed: exactly these bytes (RFC 7515 §5.1, step 5).
    #[must_use]
    pub fn signing_input(&self) -> &str {
        &self.signing_input
    }

    /// The compact JWS with this signature, if and only if that verifies under the key.
    ///
    /// # Errors
    ///
    /// [`JwtErrorKind::Signature`](crate::JwtErrorKind::Signature).
    pub fn signed(self, signature: &[u8]) -> Result<String, JwtError> {
        self.key.verify(self.signing_input.as_bytes(), signature)?;
        let mut token = self.signing_input;
        token.push('.');
        base64url::encode_onto(signature, &mut token);
        Ok(token)
    }
}

impl fmt::Debug for UnsignedJws<'_> {
    /// Shows the key and nothing that is claimed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsignedJws").field("key", self.key).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Algorithm, Jws, JwtErrorKind, SigningKey};

    fn halves(token: &str) -> (&str, Vec<u8>) {
        let (input, signature) = token.rsplit_once('.').unwrap();
        (input, base64url::decode(signature).unwrap())
    }

    #[test]
    fn with_its_signature_it_is_the_token_that_the_key_itself_would_have_signed() {
        for algorithm in Algorithm::ALL {
            let key = SigningKey::generate(algorithm).unwrap();
            let claims = json!({ "sub": "alice" });
            let token = key.sign("at+jwt", &claims).unwrap();
            let (input, signature) = halves(&token);
            let verifying = VerifyingKey::new(key.public_jwk(), algorithm).unwrap();
            let unsigned = UnsignedJws::new("at+jwt", &verifying, &claims).unwrap();
            assert_eq!(unsigned.signing_input(), input);
            let token = unsigned.signed(&signature).unwrap();
            assert!(Jws::parse(&token).unwrap().verify(&verifying).is_ok(), "{algorithm}");
        }
    }

    #[test]
    fn without_a_signature_that_verifies_there_is_no_token() {
        let (key, other) =
            (SigningKey::generate(Algorithm::Es256).unwrap(), SigningKey::generate(Algorithm::Es256).unwrap());
        let claims = json!({ "sub": "alice" });
        let verifying = VerifyingKey::new(key.public_jwk(), Algorithm::Es256).unwrap();
        let foreign = halves(&other.sign("at+jwt", &claims).unwrap()).1;
        let of_others = halves(&key.sign("at+jwt", &json!({ "sub": "bob" })).unwrap()).1;
        for signature in [Vec::new(), vec![0; 64], foreign, of_others] {
            let unsigned = UnsignedJws::new("at+jwt", &verifying, &claims).unwrap();
            assert_eq!(unsigned.signed(&signature).unwrap_err().kind(), JwtErrorKind::Signature);
        }
    }
}
