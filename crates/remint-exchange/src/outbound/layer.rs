use std::sync::Arc;

use http::HeaderName;
use http::header::AUTHORIZATION;
use tower_layer::Layer;

use super::{Outbound, TokenSource};

/// Puts a token into each outbound request.
#[derive(Debug, Clone)]
pub struct OutboundLayer {
    source: Arc<dyn TokenSource>,
    header: HeaderName,
}

impl OutboundLayer {
    /// Sends the token as `Authorization: Bearer`.
    #[must_use]
    pub fn new(source: impl TokenSource) -> Self {
        Self { source: Arc::new(source), header: AUTHORIZATION }
    }

    /// Sends transaction tokens as `Txn-Token`, and leaves `Authorization` as it is.
    #[must_use]
    pub fn transaction(source: impl TokenSource) -> Self {
        Self::new(source).header(HeaderName::from_static(remint_token::TRANSACTION_HEADER))
    }

    /// Sends the token alone in this header; in `Authorization` it is a Bearer.
    #[must_use]
    pub fn header(mut self, header: HeaderName) -> Self {
        self.header = header;
        self
    }
}

impl<S> Layer<S> for OutboundLayer {
    type Service = Outbound<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Outbound::new(inner, Arc::clone(&self.source), self.header.clone())
    }
}
