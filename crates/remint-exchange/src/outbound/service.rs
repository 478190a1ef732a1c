use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};
use tower_service::Service;

use super::{CallerToken, OutboundClient, OutboundError, OutboundLayer, OutboundRequest, OutboundToken, TokenUse};

/// An error of the client beneath, or an [`OutboundError`].
pub type BoxError = Box<dyn Error + Send + Sync>;

/// What becomes of an outbound request.
pub type ResponseFuture<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// The service of [`OutboundLayer`](super::OutboundLayer).
#[derive(Clone)]
pub struct Outbound<S> {
    inner: S,
    layer: OutboundLayer,
    caller: Option<CallerToken>,
}

impl<S> Outbound<S> {
    pub(crate) const fn new(inner: S, layer: OutboundLayer) -> Self {
        Self { inner, layer, caller: None }
    }

    /// The same, for requests on behalf of this caller. A request that says itself for whom it is goes
    /// before.
    #[must_use]
    pub fn on_behalf_of(&self, caller: CallerToken) -> Self
    where
        S: Clone,
    {
        Self { caller: Some(caller), ..self.clone() }
    }
}

impl<S, R> Service<R> for Outbound<S>
where
    S: OutboundClient<R> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    R: OutboundRequest,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = ResponseFuture<S::Response>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, mut request: R) -> Self::Future {
        // The one that is ready goes along; a fresh clone stays.
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        if !request.goes_to(&self.layer.origins) {
            return Box::pin(async { Err(OutboundError::OtherOrigin.into()) });
        }
        let (source, header) = (Arc::clone(&self.layer.source), self.layer.header.clone());
        let caller = request.caller().or(self.caller.as_ref()).cloned();
        if let Some(caller) = &caller {
            request.set_caller(caller.clone());
        }
        Box::pin(async move {
            let token = source.token(caller.as_ref()).await?;
            attach(request.headers_mut(), header, &token)?;
            inner.call(request).await.map_err(Into::into)
        })
    }
}

#[cfg(feature = "reqwest")]
impl<S> OutboundClient<reqwest::Request> for Outbound<S> where Self: Service<reqwest::Request> {}

impl<S> fmt::Debug for Outbound<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").field("layer", &self.layer).field("caller", &self.caller).finish_non_exhaustive()
    }
}

/// In place of whatever stood in the header before.
fn attach(headers: &mut HeaderMap, header: HeaderName, token: &OutboundToken) -> Result<(), OutboundError> {
    let value = match (header == AUTHORIZATION, token.token_use()) {
        (true, TokenUse::Bearer) => Some(token.authorization()),
        (true, TokenUse::NotAccess) => None,
        (false, _) => token.alone(),
    };
    headers.insert(header, value.ok_or(OutboundError::NoAccessToken)?);
    Ok(())
}
