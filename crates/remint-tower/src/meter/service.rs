use std::task::{Context, Poll};

use http::{Request, Response};
use remint_guard::{RequestTrace, find_caller};
use remint_usage::Meter;
use tower_service::Service;

use super::ResponseFuture;

/// The middleware of [`MeterLayer`](super::MeterLayer).
#[derive(Debug, Clone)]
pub struct Metered<S> {
    inner: S,
    meter: Meter,
}

impl<S> Metered<S> {
    /// Wraps a service by itself, without a stack.
    pub const fn new(inner: S, meter: Meter) -> Self {
        Self { inner, meter }
    }

    /// The service behind it.
    pub const fn inner(&self) -> &S {
        &self.inner
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for Metered<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    #[inline]
    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let counted = match find_caller(request.extensions()) {
            Ok(identity) => identity.map(|identity| self.meter.begin(identity)),
            Err(outside) => {
                outside.log("MeterLayer", &RequestTrace::of((&request).into()));
                None
            }
        };
        ResponseFuture::new(self.inner.call(request), counted)
    }
}
