use std::error::Error;
use std::fmt;

use remint_core::ErrorChain;

/// Why a [`Verifier`](crate::Verifier) cannot be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerifierErrorKind {
    /// The issuer is no address: its scheme is missing, or it holds white space.
    Issuer,
    /// The key set's address, or the issuer's, is not an `https` URL (or `http` on this machine).
    Address,
    /// The HTTP client cannot be set up.
    Http,
    /// A setting without sense: no algorithm, or a length limit of zero.
    Setting,
    /// The operating system has no randomness.
    Randomness,
    /// A trust domain of transaction tokens that is the audience of access tokens as well.
    TrustDomain,
}

/// A [`Verifier`](crate::Verifier) cannot be built.
///
/// Its `Debug` is the error with all of its causes in one line, since that is what `main` shows of it.
#[derive(thiserror::Error)]
#[error("{}", match kind {
    VerifierErrorKind::Issuer => "the issuer is not valid",
    VerifierErrorKind::Address => "the key set has no https address (nor one on this machine)",
    VerifierErrorKind::Http => "the HTTP client cannot be set up",
    VerifierErrorKind::Setting => "a verifier needs an algorithm and a length limit above zero",
    VerifierErrorKind::Randomness => "the operating system has no randomness",
    VerifierErrorKind::TrustDomain => "a trust domain is not the audience of access tokens",
})]
pub struct VerifierError {
    kind: VerifierErrorKind,
    #[source]
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl VerifierError {
    pub(crate) fn new(kind: VerifierErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, source: Some(source.into()) }
    }

    /// Why.
    #[must_use]
    pub const fn kind(&self) -> VerifierErrorKind {
        self.kind
    }
}

impl From<VerifierErrorKind> for VerifierError {
    fn from(kind: VerifierErrorKind) -> Self {
        Self { kind, source: None }
    }
}

impl fmt::Debug for VerifierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", ErrorChain(self))
    }
}
