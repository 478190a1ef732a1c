use std::fmt;

use remint_core::Verified;

use crate::{Claims, Header, JwtError, JwtErrorKind, VerifyingKeys, base64url};

/// The longest token that any setting can allow, in bytes. What reads requests, mints and verifies has a lower limit
/// of its own.
pub const MAX_TOKEN_LEN: usize = 64 * 1024;

/// A JWT in the compact serialization (RFC 7515 §7.1), parsed and **not** verified.
#[derive(Clone)]
pub struct Jws<'a> {
    header: Header,
    claims: Claims,
    text: &'a str,
    signing_input: &'a str,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Parses a token's structure; no key is asked and no claim is judged.
    ///
    /// It succeeds if and only if the text is at most [`MAX_TOKEN_LEN`] bytes of exactly three
    /// non-empty parts in canonical base64url, the first two of them strict JSON objects (no
    /// member twice, at most 32 levels, and as many values as [`Claims::parse`] reads), and the header names an
    /// [`Algorithm`](crate::Algorithm) and asks for nothing that is never done.
    ///
    /// What it allocates is the decoded text, each string in it once more, and a tree of at most
    /// 1,024 values or one for four bytes: the text's share stays below twice the input, and a value takes at most
    /// 720 bytes.
    ///
    /// # Errors
    ///
    /// [`JwtErrorKind::TooLong`], [`JwtErrorKind::Structure`], [`JwtErrorKind::Algorithm`], or
    /// [`JwtErrorKind::Claim`] for a claim that is there twice.
    pub fn parse(text: &'a str) -> Result<Self, JwtError> {
        Self::parse_by(text, |header| Ok((Header::parse(header)?, ()))).map(|(jws, ())| jws)
    }

    /// Parses an access token of an external issuer, by the rules of [`Jws::parse`] but for two:
    ///
    /// - `jku`, `x5u` and `x5c` in the header are passed over: nothing is fetched, and no key of theirs is used. A
    ///   key itself (`jwk`) and what must be understood (`crit`, `b64`, `zip`) are refused as ever;
    /// - a member of the header or of the claims that is `null` is absent, unless it is one of those (`crit: null`).
    ///
    /// # Errors
    ///
    /// Those of [`Jws::parse`].
    pub fn parse_external(text: &'a str) -> Result<Self, JwtError> {
        let (mut jws, ()) = Self::parse_by(text, |header| Ok((Header::external(header)?, ())))?;
        jws.claims = jws.claims.without_nulls();
        Ok(jws)
    }

    /// The same with a header read by rules of its own.
    pub(crate) fn parse_by<T>(
        text: &'a str,
        read_header: impl FnOnce(&str) -> Result<(Header, T), JwtError>,
    ) -> Result<(Self, T), JwtError> {
        if text.len() > MAX_TOKEN_LEN {
            return Err(JwtErrorKind::TooLong.into());
        }
        let (signing_input, [header, claims, signature]) = split(text).ok_or(JwtErrorKind::Structure)?;
        let (header, further) = read_header(header)?;
        let signature = base64url::decode(signature).ok_or(JwtErrorKind::Structure)?;
        let claims = base64url::decode(claims).ok_or(JwtErrorKind::Structure)?;
        Ok((Self { header, claims: Claims::parse(&claims)?, text, signing_input, signature }, further))
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// What the token claims; nobody vouches for it yet.
    #[must_use]
    pub const fn unverified_claims(&self) -> &Claims {
        &self.claims
    }

    /// The whole text: a credential.
    #[must_use]
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// What the signature covers (RFC 7515 §2): it names the token, as the whole text does not,
    /// since an ECDSA signature has a twin.
    #[must_use]
    pub const fn signing_input(&self) -> &'a str {
        self.signing_input
    }

    /// Verifies the signature (RFC 7515 §5.2) and with it that the header's `alg` is the key's.
    ///
    /// Whether the claims are acceptable is the caller's to judge, before or after.
    ///
    /// # Errors
    ///
    /// [`JwtErrorKind::Algorithm`] or [`JwtErrorKind::Signature`]; [`JwtErrorKind::UnknownKey`] in place of the
    /// latter under [`Candidates`](crate::Candidates) that the token does not name.
    pub fn verify(self, keys: &impl VerifyingKeys) -> Result<Verified<Claims>, JwtError> {
        keys.try_each(self.header.algorithm(), self.signing_input.as_bytes(), &self.signature)?;
        #[expect(clippy::disallowed_methods, reason = "the signature was verified in the line above")]
        Ok(Verified::vouch(self.claims))
    }
}

impl fmt::Debug for Jws<'_> {
    /// Shows the header and nothing else.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jws").field("header", &self.header).finish_non_exhaustive()
    }
}

/// The signing input, and the three parts. A JWE, with its five, ends here.
fn split(text: &str) -> Option<(&str, [&str; 3])> {
    let (signing_input, signature) = text.rsplit_once('.')?;
    let (header, claims) = signing_input.split_once('.')?;
    (!claims.contains('.')).then_some((signing_input, [header, claims, signature]))
}
