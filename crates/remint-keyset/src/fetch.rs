use std::error::Error;
use std::fmt::Debug;

use async_trait::async_trait;
use http::HeaderMap;
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

    /// The same with headers of the request's own. Who cannot send them answers [`FetchError::Headers`]: without them
    /// the answer would be another one.
    ///
    /// # Errors
    ///
    /// [`FetchError`] by kind.
    async fn get_with(&self, url: &Url, headers: &HeaderMap) -> Result<Vec<u8>, FetchError>;
}

/// Why a document could not be had. Nothing of the answer's body is in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// This address is neither `https` nor loopback `http`.
    #[error("{0} is neither https nor loopback http")]
    Forbidden(Box<str>),
    /// An answer with another status than 200; a redirect is one.
    #[error("the answer has status {0}{remark}", remark = if is_redirect(*.0) { ", and redirects are not followed" } else { "" })]
    Status(u16),
    /// More bytes than the limit.
    #[error("the body is over the limit of {0} bytes")]
    TooLarge(usize),
    /// The whole exchange took longer than the limit.
    #[error("no answer in time")]
    Timeout,
    /// Headers to send with a client that sends none.
    #[error("the HTTP client does not send headers of a request's own")]
    Headers,
    /// No connection, no TLS session, or one that broke.
    #[error("the exchange failed")]
    Transport(#[source] Box<dyn Error + Send + Sync>),
}

impl FetchError {
    /// That this address may not be asked. User and password in it are not shown.
    #[must_use]
    pub fn forbidden(url: &Url) -> Self {
        Self::Forbidden(without_user(url).into())
    }

    /// The error's name in metrics and logs: a fixed, lower-case text.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Forbidden(_) => "forbidden",
            Self::Status(_) => "status",
            Self::TooLarge(_) => "too_large",
            Self::Timeout => "timeout",
            Self::Headers => "headers",
            Self::Transport(_) => "transport",
        }
    }
}

fn without_user(url: &Url) -> String {
    let mut url = url.clone();
    // An address that cannot have a user has none.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url.into()
}

fn is_redirect(status: u16) -> bool {
    (300..400).contains(&status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_was_found_and_no_secret() {
        let url = Url::parse("http://user:canary@idp.example/jwks").unwrap();
        let error = FetchError::forbidden(&url);
        assert_eq!(error.to_string(), "http://idp.example/jwks is neither https nor loopback http");
        assert!(!format!("{error:?}").contains("canary"));
        assert_eq!(FetchError::Status(406).to_string(), "the answer has status 406");
        assert_eq!(FetchError::Status(302).to_string(), "the answer has status 302, and redirects are not followed");
    }
}
