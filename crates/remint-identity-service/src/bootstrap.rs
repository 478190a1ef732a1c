use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::{ConnectInfo, MatchedPath, Request};
use axum::response::{IntoResponse as _, Response};
use http::HeaderName;
use remint_core::{DeniedKind, Refusal};
use remint_credential::Extractor;
use remint_http_api::Problem;
use remint_tower::{Normalize, NormalizeLayer, set_caller};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};
use tower::{Layer, Service, ServiceExt as _};
use tracing::field::display;

use crate::actor::CameByBootstrap;

/// The key of whoever sets the service up, before there is any user: kept as a digest.
#[derive(Clone)]
pub struct BootstrapKey([u8; 32]);

impl BootstrapKey {
    /// Takes a key of at least 32 characters.
    ///
    /// # Errors
    ///
    /// [`BootstrapKeyTooShort`] if it has fewer, or one outside visible ASCII, which no header
    /// could carry.
    pub fn new(text: &str) -> Result<Self, BootstrapKeyTooShort> {
        if text.len() < MIN_LEN || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BootstrapKeyTooShort);
        }
        Ok(Self(Sha256::digest(text).into()))
    }

    /// Digests are compared, so that neither the place of a difference nor the length shows in time.
    fn is(&self, presented: &[u8]) -> Choice {
        let presented: [u8; 32] = Sha256::digest(presented).into();
        self.0.ct_eq(&presented)
    }
}

impl fmt::Debug for BootstrapKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BootstrapKey").finish_non_exhaustive()
    }
}

/// A bootstrap key that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a bootstrap key must be at least 32 visible ASCII characters")]
pub struct BootstrapKeyTooShort;

/// The edge's layer for requests without the bootstrap key. A request with the key alone goes straight to the
/// service, and the edge's layer never sees the key.
#[derive(Debug, Clone)]
pub(crate) struct BootstrapLayer {
    check: Option<Arc<KeyCheck>>,
    edge: NormalizeLayer,
}

/// The key, and what comes of a request with it.
#[derive(Debug)]
pub(crate) struct Bootstrap {
    pub(crate) key: BootstrapKey,
    /// It counts as any other unknown key, and the log says that it was tried.
    pub(crate) is_refused: bool,
}

#[derive(Debug)]
struct KeyCheck {
    bootstrap: Bootstrap,
    extractor: Extractor,
}

impl BootstrapLayer {
    pub(crate) fn new(edge: NormalizeLayer, bootstrap: Option<Bootstrap>, extractor: Extractor) -> Self {
        Self { check: bootstrap.map(|bootstrap| Arc::new(KeyCheck { bootstrap, extractor })), edge }
    }
}

impl<S: Clone> Layer<S> for BootstrapLayer {
    type Service = WithBootstrap<S>;

    fn layer(&self, inner: S) -> WithBootstrap<S> {
        WithBootstrap { check: self.check.clone(), guarded: self.edge.layer(inner.clone()), inner }
    }
}

/// The middleware of [`BootstrapLayer`].
#[derive(Debug, Clone)]
pub(crate) struct WithBootstrap<S> {
    check: Option<Arc<KeyCheck>>,
    guarded: Normalize<S>,
    inner: S,
}

impl<S> Service<Request> for WithBootstrap<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Whichever of the two a request goes to is waited for there.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let came = self.check.as_ref().map_or(Came::Otherwise, |check| check.look(&mut request));
        match came {
            Came::Otherwise => Box::pin(self.guarded.clone().oneshot(request)),
            Came::Alone => Box::pin(self.inner.clone().oneshot(request)),
            Came::BesideAnother => {
                let refusal = Refusal::from(DeniedKind::TwoCredentials);
                Box::pin(std::future::ready(Ok(Problem::from(refusal).into_response())))
            }
        }
    }
}

enum Came {
    /// With the bootstrap key and nothing else.
    Alone,
    /// With the bootstrap key and another credential.
    BesideAnother,
    /// Without the bootstrap key.
    Otherwise,
}

impl KeyCheck {
    /// Takes the bootstrap key out of the request, if it is there.
    fn look(&self, request: &mut Request) -> Came {
        let (mut sent, mut found) = (0_usize, Choice::from(0));
        for value in request.headers().get_all(&HEADER) {
            sent = sent.saturating_add(1);
            found |= self.bootstrap.key.is(value.as_bytes());
        }
        if !bool::from(found) {
            return Came::Otherwise;
        }
        self.tell(request);
        if self.bootstrap.is_refused {
            return Came::Otherwise;
        }
        request.headers_mut().remove(&HEADER);
        let alone = matches!(self.extractor.extract((&*request).into()), Ok(rest) if rest.presented.is_none());
        if sent > 1 || !alone {
            return Came::BesideAnother;
        }
        set_caller(request.extensions_mut(), None);
        request.extensions_mut().insert(CameByBootstrap);
        Came::Alone
    }

    /// Each use is worth a look: the key is for the time before there are administrators.
    fn tell(&self, request: &Request) {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| display(peer.0));
        let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        let method = request.method().as_str();
        if self.bootstrap.is_refused {
            tracing::warn!(target: "remint", peer, method, route, "a request came with the bootstrap key, which is refused here");
        } else {
            tracing::warn!(target: "remint", peer, method, route, "a request came with the bootstrap key");
        }
    }
}

const HEADER: HeaderName = HeaderName::from_static("x-api-key");
const MIN_LEN: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bootstrap_key_has_at_least_thirty_two_characters() {
        assert!(BootstrapKey::new(&"k".repeat(31)).is_err());
        assert!(BootstrapKey::new(&"k".repeat(32)).is_ok());
        assert!(BootstrapKey::new(&format!("{} ", "k".repeat(32))).is_err());
        assert!(BootstrapKey::new(&"ä".repeat(32)).is_err());
    }

    #[test]
    fn a_bootstrap_key_is_the_whole_text_and_shows_nothing() {
        let text = "0123456789abcdef0123456789abcdef";
        let key = BootstrapKey::new(text).unwrap();
        assert!(bool::from(key.is(text.as_bytes())));
        assert!(!bool::from(key.is(&text.as_bytes()[..31])));
        assert!(!bool::from(key.is(b"")));
        assert_eq!(format!("{key:?}"), "BootstrapKey { .. }");
    }
}
