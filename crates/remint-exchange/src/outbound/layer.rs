use std::sync::Arc;

use http::HeaderName;
use http::header::AUTHORIZATION;
use tower_layer::Layer;

use super::{Origin, Outbound, TokenSource};

/// Puts a token into each outbound request, if it goes where the token may be sent.
#[derive(Debug, Clone)]
pub struct OutboundLayer {
    pub(super) source: Arc<dyn TokenSource>,
    pub(super) header: HeaderName,
    pub(super) origins: Vec<Origin>,
}

impl OutboundLayer {
    /// Sends the token as `Authorization: Bearer`, to this origin. A request to another one is not sent
    /// ([`OutboundError::OtherOrigin`](super::OutboundError::OtherOrigin)): a redirect must not lead a token to
    /// somebody else.
    #[must_use]
    pub fn new(source: impl TokenSource, origin: Origin) -> Self {
        Self { source: Arc::new(source), header: AUTHORIZATION, origins: vec![origin] }
    }

    /// Sends transaction tokens as `Txn-Token`, and leaves `Authorization` as it is.
    #[must_use]
    pub fn transaction(source: impl TokenSource, origin: Origin) -> Self {
        Self::new(source, origin).with_header(HeaderName::from_static(remint_token::TRANSACTION_HEADER))
    }

    /// A further origin of the same audience.
    #[must_use]
    pub fn with_origin(mut self, origin: Origin) -> Self {
        self.origins.push(origin);
        self
    }

    /// Sends the token alone in this header; in `Authorization` it is a Bearer.
    #[must_use]
    pub fn with_header(mut self, header: HeaderName) -> Self {
        self.header = header;
        self
    }
}

impl<S> Layer<S> for OutboundLayer {
    type Service = Outbound<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Outbound::new(inner, self.clone())
    }
}
