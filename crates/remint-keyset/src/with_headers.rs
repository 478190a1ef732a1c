use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::HeaderMap;
use url::{Origin, Url};

use crate::{FetchError, HttpFetch, RotatingHeaders};

/// [`HttpFetch`] that sends headers to one origin (scheme, host and port): for a key set that is given only to who may
/// have it. Other addresses, to which a discovery document may lead, get none of them. They are shown nowhere.
#[derive(Clone)]
pub struct WithHeaders {
    inner: Arc<dyn HttpFetch>,
    origin: Origin,
    headers: RotatingHeaders,
}

impl WithHeaders {
    /// Sends `headers` to the origin of `url` through `inner`, which must implement [`HttpFetch::get_with`].
    #[must_use]
    pub fn new(inner: Arc<dyn HttpFetch>, url: &Url, headers: impl Into<RotatingHeaders>) -> Self {
        Self { inner, origin: url.origin(), headers: headers.into() }
    }
}

#[async_trait]
impl HttpFetch for WithHeaders {
    fn permits(&self, url: &Url) -> bool {
        self.inner.permits(url)
    }

    async fn get(&self, url: &Url) -> Result<Vec<u8>, FetchError> {
        self.get_with(url, &HeaderMap::new()).await
    }

    async fn get_with(&self, url: &Url, headers: &HeaderMap) -> Result<Vec<u8>, FetchError> {
        let mut all = headers.clone();
        if url.origin() == self.origin {
            all.extend(self.headers.current().await);
        }
        if all.is_empty() { self.inner.get(url).await } else { self.inner.get_with(url, &all).await }
    }
}

impl fmt::Debug for WithHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithHeaders").field("inner", &self.inner).finish_non_exhaustive()
    }
}
