use std::fmt;

use remint_core::Verified;

use crate::{Claims, Header, Jwk, Jws, JwtError, JwtErrorKind, VerifyingKey};

/// A JWT that brings the public key along under which it verifies (`jwk`, RFC 7515 §4.1.3), parsed and
/// **not** verified: a DPoP proof (RFC 9449 §4.2).
///
/// That it verifies says no more than that its sender has the private half of *some* key. Whose key that
/// is, its [thumbprint](Self::key) has to say: [`Jws`] refuses every token of this form.
pub struct SelfSigned<'a> {
    jws: Jws<'a>,
    key: Jwk,
}

impl<'a> SelfSigned<'a> {
    /// Parses a token's structure by the rules of [`Jws::parse`], but for one: the header must hold `jwk`,
    /// one public key for signatures without private members that fits the header's `alg`.
    ///
    /// # Errors
    ///
    /// Those of [`Jws::parse`]; [`JwtErrorKind::Structure`] if `jwk` is missing, or is anything else, and
    /// [`JwtErrorKind::Algorithm`] if the key is not for the algorithm.
    pub fn parse(text: &'a str) -> Result<Self, JwtError> {
        let (jws, jwk) = Jws::parse_by(text, Header::with_own_key)?;
        let members = jwk.as_object().ok_or(JwtErrorKind::Structure)?;
        let key = Jwk::from_members(members).map_err(|_| JwtErrorKind::Structure)?;
        if !key.fits(jws.header().algorithm()) {
            return Err(JwtErrorKind::Algorithm.into());
        }
        Ok(Self { jws, key })
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> &Header {
        self.jws.header()
    }

    /// The key that it brings along.
    #[must_use]
    pub const fn key(&self) -> &Jwk {
        &self.key
    }

    /// What it claims; nobody vouches for it yet.
    #[must_use]
    pub const fn unverified_claims(&self) -> &Claims {
        self.jws.unverified_claims()
    }

    /// Verifies the signature under the key that it brings along.
    ///
    /// # Errors
    ///
    /// [`JwtErrorKind::Signature`], also where the cryptographic library does not take the key.
    pub fn verify(self) -> Result<Verified<Claims>, JwtError> {
        let algorithm = self.jws.header().algorithm();
        let key = VerifyingKey::new(&self.key, algorithm).map_err(|_| JwtErrorKind::Signature)?;
        self.jws.verify(&key)
    }
}

impl fmt::Debug for SelfSigned<'_> {
    /// Shows the header and nothing else.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SelfSigned").field("header", self.header()).finish_non_exhaustive()
    }
}
