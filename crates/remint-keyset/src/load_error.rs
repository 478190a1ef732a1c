use remint_jwt::KeyError;

use crate::FetchError;

/// Why there is no key set.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error("the discovery document could not be fetched")]
    Discovery(#[source] FetchError),
    #[error("the discovery document cannot be read")]
    MalformedDiscovery(#[source] serde_json::Error),
    #[error("the discovery document is of another issuer: {0:?}")]
    OtherIssuer(Box<str>),
    #[error("the discovery document's jwks_uri is not an address that may be asked: {0:?}")]
    BadJwksUri(Box<str>),
    #[error("the key set could not be fetched")]
    Fetch(#[source] FetchError),
    #[error("the key set's file could not be read")]
    File(#[source] std::io::Error),
    #[error("the key set cannot be read")]
    Malformed(#[source] KeyError),
    #[error("the key set holds no key that could verify anything")]
    Empty,
    #[error("no key set in time")]
    Timeout,
    #[error("the fetch broke off")]
    Broken,
}

impl LoadError {
    /// The outcome's name in metrics.
    pub(crate) const fn outcome(&self) -> &'static str {
        match self {
            Self::Discovery(error) | Self::Fetch(error) => error.reason(),
            Self::MalformedDiscovery(_) | Self::Malformed(_) => "malformed",
            Self::OtherIssuer(_) => "other_issuer",
            Self::BadJwksUri(_) => "forbidden",
            Self::File(_) => "file",
            Self::Empty => "empty",
            Self::Timeout => "timeout",
            Self::Broken => "broken",
        }
    }
}
