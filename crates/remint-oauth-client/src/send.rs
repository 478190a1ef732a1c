use std::fmt::Debug;

use async_trait::async_trait;
use remint_keyset::{FetchError, HttpClient, HttpFetch};
use url::Url;

/// Sends one HTTP request to a pinned address. [`HttpClient`] does; a test may do otherwise.
///
/// # Contract
///
/// - `send` returns the whole answer, whatever its status: never [`FetchError::Status`].
/// - Redirects are not followed: the credentials in a request are for nobody else.
/// - No more than `max_body` bytes of the answer are read; the limit holds while the body arrives.
/// - `send` to an address that is not permitted is [`FetchError::Forbidden`], and no socket is opened.
/// - Nothing is sent twice.
/// - Dropping a call's future ends the exchange.
#[async_trait]
pub trait HttpSend: Debug + Send + Sync + 'static {
    /// Whether `send` would ask this address at all.
    fn permits(&self, url: &Url) -> bool;

    /// Sends one request.
    ///
    /// # Errors
    ///
    /// [`FetchError`] by kind.
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        max_body: usize,
    ) -> Result<http::Response<Vec<u8>>, FetchError>;
}

#[async_trait]
impl HttpSend for HttpClient {
    fn permits(&self, url: &Url) -> bool {
        HttpFetch::permits(self, url)
    }

    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        max_body: usize,
    ) -> Result<http::Response<Vec<u8>>, FetchError> {
        Self::send(self, request, max_body).await
    }
}
