use http::HeaderMap;

use super::{CallerToken, Origin};

/// A request that a token can be put into.
pub trait OutboundRequest: Send + 'static {
    /// Its headers.
    fn headers_mut(&mut self) -> &mut HeaderMap;

    /// Whether it goes to one of these origins.
    fn goes_to(&self, origins: &[Origin]) -> bool;

    /// For whom it is, if it says so itself.
    fn caller(&self) -> Option<&CallerToken>;

    /// Says for whom it is to further layers beneath, if it can.
    fn set_caller(&mut self, caller: CallerToken);
}

impl<B: Send + 'static> OutboundRequest for http::Request<B> {
    fn headers_mut(&mut self) -> &mut HeaderMap {
        Self::headers_mut(self)
    }

    fn goes_to(&self, origins: &[Origin]) -> bool {
        origins.iter().any(|origin| origin.is_of(self.uri()))
    }

    fn caller(&self) -> Option<&CallerToken> {
        self.extensions().get()
    }

    fn set_caller(&mut self, caller: CallerToken) {
        self.extensions_mut().insert(caller);
    }
}

/// It cannot say for whom it is: [`Outbound::on_behalf_of`](super::Outbound::on_behalf_of) does, for one
/// layer.
#[cfg(feature = "reqwest")]
impl OutboundRequest for reqwest::Request {
    fn headers_mut(&mut self) -> &mut HeaderMap {
        Self::headers_mut(self)
    }

    fn goes_to(&self, origins: &[Origin]) -> bool {
        Origin::of(self.url()).is_ok_and(|origin| origins.contains(&origin))
    }

    fn caller(&self) -> Option<&CallerToken> {
        None
    }

    fn set_caller(&mut self, _: CallerToken) {}
}
