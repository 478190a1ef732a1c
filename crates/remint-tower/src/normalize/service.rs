use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use remint_core::{Denied, DeniedKind, Identity, Refusal};
use remint_credential::RequestHead;
use remint_guard::{Mode, RequestKind, is_cors_preflight, preflight_hint};
use remint_normalize::{Begun, Pass};
use tower_service::Service;

use super::layer::Settings;
use super::{NormalizeLayer, ResponseFuture};

/// The middleware of [`NormalizeLayer`].
#[derive(Debug, Clone)]
pub struct Normalize<S> {
    pub(super) inner: S,
    pub(super) settings: Arc<Settings>,
}

impl<S> Normalize<S> {
    /// Wraps a service by itself, without a stack.
    pub fn new(inner: S, layer: &NormalizeLayer) -> Self {
        Self { inner, settings: Arc::clone(&layer.settings) }
    }

    /// The service behind it.
    pub const fn inner(&self) -> &S {
        &self.inner
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for Normalize<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    ResBody: From<Bytes>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S, ReqBody, ResBody>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    #[inline]
    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        if let Some(metadata) = &self.settings.metadata
            && let Some(document) = metadata.answer(head(&request))
        {
            return ResponseFuture::answered(document.map(ResBody::from));
        }
        match self.settings.normalizer.begin((&request).into()) {
            Begun::Hit(pass, removals) => {
                if let Err(refusal) = self.settings.admit(&pass) {
                    return ResponseFuture::answered(self.settings.respond(&refusal, RequestKind::of(&request)));
                }
                self.settings.normalizer.forward(request.headers_mut(), removals, Some(&pass));
                request.extensions_mut().insert(pass.into_identity());
                ResponseFuture::forwarded(self.inner.call(request))
            }
            Begun::Miss(exchange, removals) => {
                // The ready service goes with the request; the clone must be asked anew.
                let clone = self.inner.clone();
                let ready = std::mem::replace(&mut self.inner, clone);
                ResponseFuture::exchanging(exchange, removals, request, ready, Arc::clone(&self.settings))
            }
            Begun::Anonymous(removals) => {
                if !self.settings.may_pass_without(&request) {
                    let refusal = self.settings.without(&request);
                    return ResponseFuture::answered(self.settings.respond(&refusal, RequestKind::of(&request)));
                }
                self.settings.normalizer.passed_anonymous();
                self.settings.normalizer.forward(request.headers_mut(), removals, None);
                request.extensions_mut().remove::<Arc<Identity>>();
                ResponseFuture::forwarded(self.inner.call(request))
            }
            Begun::Refused(refusal) => {
                ResponseFuture::answered(self.settings.respond(&refusal, RequestKind::of(&request)))
            }
        }
    }
}

impl Settings {
    /// Whether this request may pass without a credential.
    fn may_pass_without<B>(&self, request: &Request<B>) -> bool {
        self.mode == Mode::Optional || (self.allows_preflight && is_cors_preflight(head(request)))
    }

    /// The refusal of a request without a credential, once it is counted.
    #[cold]
    fn without<B>(&self, request: &Request<B>) -> Refusal {
        let denied = Denied::from(DeniedKind::NoCredential);
        match preflight_hint(head(request)) {
            Some(hint) => self.normalizer.refused_with_hint(denied, hint),
            None => self.normalizer.refused(denied),
        }
        denied.into()
    }

    /// What depends on the request is checked on every request, hit or miss.
    pub(super) fn admit(&self, pass: &Pass) -> Result<(), Refusal> {
        self.requirements.check(pass.identity()).map_err(|denied| {
            self.normalizer.refused(denied);
            denied.into()
        })
    }

    #[cold]
    pub(super) fn respond<ResBody: From<Bytes>>(&self, refusal: &Refusal, kind: RequestKind) -> Response<ResBody> {
        self.denials.respond(refusal, kind, &self.requirements).map(ResBody::from)
    }
}

fn head<B>(request: &Request<B>) -> RequestHead<'_> {
    RequestHead::new(request.method(), "/", request.headers()).with_uri(request.uri())
}
