use std::fmt;
use std::sync::Arc;

use aws_lc_rs::signature::ParsedPublicKey;

use crate::{Algorithm, Jwk, JwtError, JwtErrorKind, KeyError};

/// A public key, prepared once for one algorithm. Clones share it.
#[derive(Clone)]
pub struct VerifyingKey(Arc<Prepared>);

struct Prepared {
    algorithm: Algorithm,
    key_id: Option<Box<str>>,
    signature_len: usize,
    public: ParsedPublicKey,
}

impl VerifyingKey {
    /// Prepares a key for an algorithm. A JWK that names one (`alg`) serves no other.
    ///
    /// # Errors
    ///
    /// [`KeyError::Algorithm`] if the key does not fit it, [`KeyError::Malformed`] if the
    /// cryptographic library does not take the key (a point off the curve).
    pub fn new(jwk: &Jwk, algorithm: Algorithm) -> Result<Self, KeyError> {
        if !jwk.fits(algorithm) {
            return Err(KeyError::Algorithm);
        }
        let (public, signature_len) = jwk.material().prepare(algorithm)?;
        Ok(Self(Arc::new(Prepared { algorithm, key_id: jwk.key_id().map(Box::from), signature_len, public })))
    }

    /// The one algorithm it verifies.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm
    }

    /// The JWK's `kid`.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.0.key_id.as_deref()
    }

    /// Verifies a signature over `message`. Its length is that of the algorithm and key, to the
    /// byte: ECDSA is `r ‖ s` (RFC 7518 §3.4), never DER.
    ///
    /// # Errors
    ///
    /// [`JwtErrorKind::Signature`].
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), JwtError> {
        let key = &*self.0;
        if signature.len() != key.signature_len {
            return Err(JwtErrorKind::Signature.into());
        }
        key.public.verify_sig(message, signature).map_err(|_| JwtErrorKind::Signature.into())
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("algorithm", &self.0.algorithm)
            .field("key_id", &self.0.key_id)
            .finish_non_exhaustive()
    }
}
