use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use remint_core::Refusal;
use remint_token::Transaction;
use tower_service::Service;

use super::TransactionLayer;
use super::verifier::Verifying;

pin_project! {
    /// The response of [`VerifyTransaction`](super::VerifyTransaction): the inner service's, or a denial.
    ///
    /// Nothing is boxed unless the key set has to be waited for.
    pub struct ResponseFuture<S, ReqBody, ResBody>
    where
        S: Service<Request<ReqBody>>,
    {
        #[pin]
        state: State<S, ReqBody, ResBody>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, ReqBody, ResBody>
    where
        S: Service<Request<ReqBody>>,
    {
        Inner { #[pin] future: S::Future },
        Denied { response: Option<Response<ResBody>> },
        Waiting { waiting: Option<Box<Waiting<S, ReqBody>>> },
    }
}

struct Waiting<S, ReqBody> {
    verifying: Verifying,
    service: S,
    request: Request<ReqBody>,
    layer: Arc<TransactionLayer>,
}

impl<S, ReqBody, ResBody> ResponseFuture<S, ReqBody, ResBody>
where
    S: Service<Request<ReqBody>>,
{
    pub(super) const fn inner(future: S::Future) -> Self {
        Self { state: State::Inner { future } }
    }

    pub(super) const fn denied(response: Response<ResBody>) -> Self {
        Self { state: State::Denied { response: Some(response) } }
    }

    pub(super) fn waiting(
        verifying: Verifying,
        service: S,
        request: Request<ReqBody>,
        layer: Arc<TransactionLayer>,
    ) -> Self {
        Self { state: State::Waiting { waiting: Some(Box::new(Waiting { verifying, service, request, layer })) } }
    }
}

impl<S, ReqBody, ResBody> Future for ResponseFuture<S, ReqBody, ResBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: From<Bytes>,
{
    type Output = Result<Response<ResBody>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProjection::Inner { future } => return future.poll(cx),
                StateProjection::Denied { response } => return Poll::Ready(Ok(take(response))),
                StateProjection::Waiting { waiting: slot } => {
                    let mut waiting = take(slot);
                    let Poll::Ready(outcome) = waiting.verifying.as_mut().poll(cx) else {
                        *slot = Some(waiting);
                        return Poll::Pending;
                    };
                    (*waiting).go_on(outcome)
                }
            };
            state.set(next);
        }
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

impl<S, ReqBody> Waiting<S, ReqBody> {
    fn go_on<ResBody>(mut self, outcome: Result<Arc<Transaction>, Refusal>) -> State<S, ReqBody, ResBody>
    where
        S: Service<Request<ReqBody>, Response = Response<ResBody>>,
        ResBody: From<Bytes>,
    {
        match outcome.and_then(|transaction| self.layer.meets_requirements(transaction)) {
            Ok(transaction) => {
                self.request.extensions_mut().insert(transaction);
                State::Inner { future: self.service.call(self.request) }
            }
            Err(refusal) => State::Denied { response: Some(self.layer.refuse(&refusal, self.request.headers())) },
        }
    }
}

#[expect(clippy::expect_used, reason = "no future may be polled after it has completed")]
fn take<T>(slot: &mut Option<T>) -> T {
    slot.take().expect("polled after completion")
}
