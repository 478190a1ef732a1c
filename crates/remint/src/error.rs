use remint_apikey::{PairingError, PepperError};
use remint_core::{InvalidName, Unavailable};
use remint_issuer::IssuerError;
use remint_keyset::HttpClientError;
use remint_normalize::BuildError;
use remint_oidc::TrustError;

/// Why an edge could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemintError {
    /// The issuer or the audience is not a name.
    #[error("the issuer or the audience is not valid")]
    Name(#[from] InvalidName),
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
