use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use remint_core::{Identity, Refusal};
use tower_service::Service;

use super::VerifyLayer;
use crate::verifier::Verifying;

pin_project! {
    /// The response of [`Verify`](super::Verify): the inner service's, a denial, or the resource's metadata.
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
        Answered { response: Option<Response<ResBody>> },
        Waiting { waiting: Option<Box<Waiting<S, ReqBody>>> },
    }
}

struct Waiting<S, ReqBody> {
    verifying: Verifying,
    service: S,
    request: Request<ReqBody>,
    layer: Arc<VerifyLayer>,
}

impl<S, ReqBody, ResBody> ResponseFuture<S, ReqBody, ResBody>
where
    S: Service<Request<ReqBody>>,
{
    pub(super) const fn inner(future: S::Future) -> Self {
        Self { state: State::Inner { future } }
    }

    pub(super) const fn answered(response: Response<ResBody>) -> Self {
        Self { state: State::Answered { response: Some(response) } }
    }

    pub(super) fn waiting(
        verifying: Verifying,
        service: S,
        request: Request<ReqBody>,
        layer: Arc<VerifyLayer>,
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
                StateProjection::Answered { response } => return Poll::Ready(Ok(take(response))),
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
    fn go_on<ResBody>(mut self, outcome: Result<Arc<Identity>, Refusal>) -> State<S, ReqBody, ResBody>
    where
        S: Service<Request<ReqBody>, Response = Response<ResBody>>,
        ResBody: From<Bytes>,
    {
        match outcome.and_then(|identity| self.layer.meets_requirements(identity)) {
            Ok(identity) => {
                self.request.extensions_mut().insert(identity);
                State::Inner { future: self.service.call(self.request) }
            }
            Err(refusal) => State::Answered { response: Some(self.layer.refuse(&refusal, self.request.headers())) },
        }
    }
}

#[expect(clippy::expect_used, reason = "no future may be polled after it has completed")]
fn take<T>(slot: &mut Option<T>) -> T {
    slot.take().expect("polled after completion")
}
