use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use remint_gate::{Decision, Forward, Gate, ResponseHeaders, Verdict};
use remint_guard::{Policy, RequestKind, set_caller};
use tower_service::Service;

use super::{NormalizeLayer, ResponseFuture};

/// The middleware of [`NormalizeLayer`].
#[derive(Debug, Clone)]
pub struct Normalize<S> {
    inner: S,
    gate: Gate,
}

impl<S> Normalize<S> {
    /// Wraps a service by itself, without a stack.
    pub fn new(inner: S, layer: &NormalizeLayer) -> Self {
        Self { inner, gate: layer.gate.clone() }
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
        match self.gate.decide((&request).into()) {
            Decision::Ready(verdict) => match follow(verdict, self.gate.policy(), &mut request) {
                Ok(response) => ResponseFuture::forwarded(self.inner.call(request), response),
                Err(answer) => ResponseFuture::answered(answer),
            },
            Decision::Waiting(waiting) => {
                // The ready service goes with the request; the clone must be asked anew.
                let clone = self.inner.clone();
                let ready = std::mem::replace(&mut self.inner, clone);
                ResponseFuture::waiting(waiting, request, ready)
            }
        }
    }
}

/// Makes a request ready to go on, or answers it.
#[inline(always)]
pub(super) fn follow<ReqBody, ResBody: From<Bytes>>(
    verdict: Verdict<'_>,
    policy: &Policy,
    request: &mut Request<ReqBody>,
) -> Result<ResponseHeaders, Response<ResBody>> {
    match verdict {
        Verdict::Forward(forward) => Ok(edit(forward, policy, request)),
        Verdict::Deny(denial) => Err(denial.render(RequestKind::of(request)).map(ResBody::from)),
        Verdict::Document(document) => Err(document.map(ResBody::from)),
    }
}

#[inline(always)]
fn edit<ReqBody>(forward: Forward<'_>, policy: &Policy, request: &mut Request<ReqBody>) -> ResponseHeaders {
    let Forward { identity, edits, response } = forward;
    edits.apply(request.headers_mut());
    set_caller(request.extensions_mut(), identity);
    policy.share_denials(request.extensions_mut());
    response
}
