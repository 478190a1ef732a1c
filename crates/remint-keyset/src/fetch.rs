use std::error::Error;
use std::fmt::Debug;

use async_trait::async_trait;
use url::Url;

/// Gets a document from a pinned address.
///
/// The addresses come from the configuration and from the discovery document of a configured
/// issuer, never from a token.
///
/// # Contract
///
/// - `get` returns the whole body of an answer with status 200, and nothing of any other answer.
/// - Redirects are not followed: an answer that redirects is [`FetchError::Status`].
/// - The body's size and the time of the whole exchange are limited; the limit on the size holds
///   while the body arrives, whatever length it announces.
/// - `get` of an address that is not permitted is [`FetchError::Forbidden`], and no socket is
///   opened.
/// - Dropping a call's future ends the exchange.
#[async_trait]
pub trait HttpFetch: Debug + Send + Sync + 'static {
    /// Whether `get` would ask this address at all. Asked when a configuration is read.
    fn permits(&self, url: &Url) -> bool;

    /// Gets one document.
    ///
    /// # Errors
    ///
    /// [`FetchError`] by kind.
    async fn get(&self, url: &Url) -> Result<Vec<u8>, FetchError>;
}

/// Why a document could not be had. Nothing of the answer's body is in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The address is neither `https` nor loopback `http`.
    #[error("the address is neither https nor loopback http")]
    Forbidden,
    /// An answer with another status than 200; a redirect is one.
    #[error("the answer has status {0}")]
    Status(u16),
    /// More bytes than the limit.
    #[error("the body is over the limit of {0} bytes")]
    TooLarge(usize),
    /// The whole exchange took longer than the limit.
    #[error("no answer in time")]
    Timeout,
    /// No connection, no TLS session, or one that broke.
    #[error("the exchange failed")]
    Transport(#[source] Box<dyn Error + Send + Sync>),
}

impl FetchError {
    /// The error's name in metrics and logs: a fixed, lower-case text.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::Status(_) => "status",
            Self::TooLarge(_) => "too_large",
            Self::Timeout => "timeout",
            Self::Transport(_) => "transport",
        }
    }
}
