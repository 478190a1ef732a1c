use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use remint_core::Refusal;
use remint_guard::RequestKind;
use remint_normalize::Exchange;
use tower_service::Service;

use super::layer::Settings;

pin_project! {
    /// The response of [`Normalize`](super::Normalize). On a hit it holds nothing but the inner
    /// service's future.
    pub struct ResponseFuture<S, ReqBody, ResBody>
    where
        S: Service<Request<ReqBody>>,
    {
        #[pin]
        state: State<S::Future, S, ReqBody, ResBody>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F, S, ReqBody, ResBody> {
        Forwarded { #[pin] future: F },
        Exchanging { pending: Box<Pending<S, ReqBody>> },
        Answered { response: Option<Response<ResBody>> },
    }
}

/// A request that waits for its exchange.
struct Pending<S, ReqBody> {
    exchange: Exchange,
    waiting: Option<(Request<ReqBody>, remint_normalize::Removals, S)>,
    settings: Arc<Settings>,
}

impl<S, ReqBody, ResBody> ResponseFuture<S, ReqBody, ResBody>
where
    S: Service<Request<ReqBody>>,
{
    pub(super) const fn forwarded(future: S::Future) -> Self {
        Self { state: State::Forwarded { future } }
    }

    #[cold]
    pub(super) fn exchanging(
        exchange: Exchange,
        removals: remint_normalize::Removals,
        request: Request<ReqBody>,
        ready: S,
        settings: Arc<Settings>,
    ) -> Self {
        let pending = Box::new(Pending { exchange, waiting: Some((request, removals, ready)), settings });
        Self { state: State::Exchanging { pending } }
    }

    pub(super) const fn answered(response: Response<ResBody>) -> Self {
        Self { state: State::Answered { response: Some(response) } }
    }
}

impl<S, ReqBody, ResBody> Future for ResponseFuture<S, ReqBody, ResBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: From<Bytes>,
{
    type Output = Result<Response<ResBody>, S::Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProjection::Forwarded { future } => return future.poll(context),
                StateProjection::Exchanging { pending } => match ready!(pending.poll_forward(context)) {
                    Ok(future) => State::Forwarded { future },
                    Err((refusal, kind)) => {
                        State::Answered { response: Some(pending.settings.respond(&refusal, kind)) }
                    }
                },
                StateProjection::Answered { response } => {
                    #[expect(clippy::expect_used, reason = "no future may be polled after it has completed")]
                    let response = response.take().expect("polled after completion");
                    return Poll::Ready(Ok(response));
                }
            };
            state.set(next);
        }
    }
}

impl<S, ReqBody> Pending<S, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    fn poll_forward(&mut self, context: &mut Context<'_>) -> Poll<Result<S::Future, (Refusal, RequestKind)>> {
        let outcome = ready!(Pin::new(&mut self.exchange).poll(context));
        #[expect(clippy::expect_used, reason = "no future may be polled after it has completed")]
        let (mut request, removals, mut service) = self.waiting.take().expect("polled after completion");
        let kind = || RequestKind::of(&request);
        let pass = match outcome {
            Ok(pass) => pass,
            Err(refusal) => return Poll::Ready(Err((refusal, kind()))),
        };
        if let Err(refusal) = self.settings.admit(&pass) {
            return Poll::Ready(Err((refusal, kind())));
        }
        self.settings.normalizer.forward(request.headers_mut(), removals, Some(&pass));
        request.extensions_mut().insert(pass.into_identity());
        Poll::Ready(Ok(service.call(request)))
    }
}

impl<S, ReqBody, ResBody> fmt::Debug for ResponseFuture<S, ReqBody, ResBody>
where
    S: Service<Request<ReqBody>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
