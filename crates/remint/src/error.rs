use std::fmt;

use remint_apikey::{PairingError, PepperError};
use remint_core::{ErrorChain, InvalidIssuer, InvalidName, Unavailable};
use remint_issuer::IssuerError;
use remint_keyset::HttpClientError;
use remint_normalize::BuildError;
use remint_oidc::TrustError;

/// Why an edge could not be built.
///
/// Its `Debug` is the error with all of its causes in one line, since that is what `main` shows of it.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum RemintError {
    /// The issuer or the audience is not a name.
    #[error("the issuer or the audience is not valid")]
    Name(#[from] InvalidName),
    /// The issuer is no address.
    #[error("the issuer is not valid")]
    IssuerAddress(#[from] InvalidIssuer),
    /// Nobody could pass the edge.
    #[error(
        "the edge would refuse everybody: it needs a trust (`trust`), a store of API keys (`api_keys`) or an authenticator \
         (`authenticator`)"
    )]
    NobodyToTrust,
    /// The signing keys.
    #[error("the internal issuer cannot be set up")]
    Issuer(#[from] IssuerError),
    /// The pepper of the API keys.
    #[error("the pepper cannot be read or made")]
    Pepper(#[from] PepperError),
    /// The store, the peppers and the signing keys do not belong together.
    #[error(transparent)]
    Pairing(#[from] PairingError),
    /// A trust.
    #[error("a trust cannot be used")]
    Trust(#[from] TrustError),
    /// The HTTP client.
    #[error("the HTTP client cannot be set up")]
    Http(#[from] HttpClientError),
    /// The line.
    #[error("the line cannot be put together")]
    Line(#[from] BuildError),
    /// Something that did not answer.
    #[error("a part did not answer")]
    Unavailable(#[from] Unavailable),
}

impl fmt::Debug for RemintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", ErrorChain(self))
    }
}
