use remint_core::{DeniedKind, Refusal};

/// Why a token is refused. It carries a kind and nothing of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", kind.text())]
pub struct JwtError {
    kind: JwtErrorKind,
}

impl JwtError {
    /// An error of this kind.
    #[must_use]
    pub const fn new(kind: JwtErrorKind) -> Self {
        Self { kind }
    }

    /// Why.
    #[must_use]
    pub const fn kind(&self) -> JwtErrorKind {
        self.kind
    }
}

impl From<JwtErrorKind> for JwtError {
    fn from(kind: JwtErrorKind) -> Self {
        Self::new(kind)
    }
}

/// The kinds of [`JwtError`]: all of them are the fault of whoever made the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JwtErrorKind {
    /// Longer than [`MAX_TOKEN_LEN`](crate::MAX_TOKEN_LEN).
    TooLong,
    /// Not three canonical base64url parts with JSON objects in the first two, or a header that
    /// asks for what is never done (`crit`, `b64`, `zip`, an embedded key, a nested token).
    Structure,
    /// An `alg` that is absent, `none`, symmetric or unknown, or not that of the key.
    Algorithm,
    /// A `typ` that is not accepted.
    TokenType,
    /// A claim that is missing, of a wrong type, or present twice.
    Claim,
    /// The signature does not verify under the key.
    Signature,
    /// The signature does not verify under keys of which the token names none: another may be right.
    UnknownKey,
}

impl JwtErrorKind {
    const fn text(self) -> &'static str {
        match self {
            Self::TooLong => "the token is too long",
            Self::Structure => "the token is not a well-formed compact JWS",
            Self::Algorithm => "the token's algorithm is not accepted",
            Self::TokenType => "the token's type is not accepted",
            Self::Claim => "a claim is missing, of a wrong type or present twice",
            Self::Signature => "the signature does not verify",
            Self::UnknownKey => "the signature verifies under no key that the token could mean",
        }
    }
}

impl From<JwtErrorKind> for DeniedKind {
    fn from(kind: JwtErrorKind) -> Self {
        match kind {
            JwtErrorKind::TooLong => Self::TooLong,
            JwtErrorKind::Structure => Self::Structure,
            JwtErrorKind::Algorithm => Self::Algorithm,
            JwtErrorKind::TokenType => Self::TokenType,
            JwtErrorKind::Claim => Self::Claim,
            JwtErrorKind::Signature => Self::Signature,
            JwtErrorKind::UnknownKey => Self::UnknownKeyId,
        }
    }
}

impl From<JwtError> for DeniedKind {
    fn from(error: JwtError) -> Self {
        error.kind.into()
    }
}

impl From<JwtError> for Refusal {
    fn from(error: JwtError) -> Self {
        DeniedKind::from(error).into()
    }
}

/// Why key material, a key set or a signature of ours cannot be used: never the fault of a caller,
/// hence without a way to become a denial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A key set over [`MAX_SET_LEN`](crate::MAX_SET_LEN) or with more than
    /// [`MAX_SET_KEYS`](crate::MAX_SET_KEYS) members.
    #[error("the key set is too large")]
    TooLarge,
    /// Not the JSON of a key set or key; or not PKCS#8 in PEM.
    #[error("the key material is malformed")]
    Malformed,
    /// A key that has a member twice, so that readers may differ about what it is.
    #[error("the key has a member twice")]
    Duplicate,
    /// A symmetric key (`oct`) where only public ones belong.
    #[error("the key is symmetric")]
    Symmetric,
    /// A public key that carries its private half.
    #[error("the key carries private members")]
    Private,
    /// A key that is not for verifying signatures (`use`, `key_ops`).
    #[error("the key is not for verifying signatures")]
    Purpose,
    /// A key type, curve or algorithm outside [`Algorithm`](crate::Algorithm).
    #[error("the key's type, curve or algorithm is not supported")]
    Unsupported,
    /// RSA below 2048 or above 8192 bits, or with an unsound exponent.
    #[error("the RSA key's size or exponent is not accepted")]
    RsaSize,
    /// An RSA modulus with a small factor or the marks of ROCA (CVE-2017-15361), or an Ed25519 point of small
    /// order, under which anybody can sign.
    #[error("the key is weak: others can sign in its name")]
    Weak,
    /// A key id over [`MAX_KEY_ID_LEN`](crate::MAX_KEY_ID_LEN).
    #[error("the key id is too long")]
    KeyIdTooLong,
    /// [`MAX_CANDIDATES`](crate::MAX_CANDIDATES) keys before it in the set have its id and fit its algorithm.
    #[error("too many keys of the set share its key id")]
    TooMany,
    /// The key does not fit the algorithm.
    #[error("the key does not fit the algorithm")]
    Algorithm,
    /// The cryptographic library could not generate or sign, or the claims could not be
    /// serialized.
    #[error("signing failed")]
    Signing,
}
