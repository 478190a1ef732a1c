use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use remint_core::Refusal;
use remint_guard::RequestKind;
use tower_service::Service;

use super::decision::conclude;
use super::telemetry::Unfinished;
use super::{TokenLayer, Verifying};

pin_project! {
    /// The response of a layer of this crate: the inner service's, or an answer of the layer's own (a denial, a
    /// document).
    ///
    /// Nothing is boxed unless the key set has to be waited for.
    pub struct ResponseFuture<L, S, ReqBody, ResBody>
    where
        L: TokenLayer,
        S: Service<Request<ReqBody>>,
    {
        #[pin]
        state: State<L, S, ReqBody, ResBody>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<L, S, ReqBody, ResBody>
    where
        L: TokenLayer,
        S: Service<Request<ReqBody>>,
    {
        Inner { #[pin] future: S::Future },
        Answered { response: Option<Response<ResBody>> },
        Waiting { waiting: Option<Box<Waiting<L, S, ReqBody>>> },
    }
}

struct Waiting<L: TokenLayer, S, ReqBody> {
    verifying: Verifying<L::Proven>,
    service: S,
    request: Request<ReqBody>,
    layer: Arc<L>,
    outcome: Unfinished,
}

impl<L, S, ReqBody, ResBody> ResponseFuture<L, S, ReqBody, ResBody>
where
    L: TokenLayer,
    S: Service<Request<ReqBody>>,
{
    pub(super) const fn inner(future: S::Future) -> Self {
        Self { state: State::Inner { future } }
    }

    pub(super) const fn answered(response: Response<ResBody>) -> Self {
        Self { state: State::Answered { response: Some(response) } }
    }

    pub(super) fn waiting(
        verifying: Verifying<L::Proven>,
        service: S,
        request: Request<ReqBody>,
        layer: Arc<L>,
    ) -> Self {
        let outcome = L::TELEMETRY.waiting();
        let waiting = Box::new(Waiting { verifying, service, request, layer, outcome });
        Self { state: State::Waiting { waiting: Some(waiting) } }
    }
}

impl<L, S, ReqBody, ResBody> Future for ResponseFuture<L, S, ReqBody, ResBody>
where
    L: TokenLayer,
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

impl<L, S, ReqBody, ResBody> fmt::Debug for ResponseFuture<L, S, ReqBody, ResBody>
where
    L: TokenLayer,
    S: Service<Request<ReqBody>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

impl<L: TokenLayer, S, ReqBody> Waiting<L, S, ReqBody> {
    fn go_on<ResBody>(mut self, outcome: Result<Arc<L::Proven>, Refusal>) -> State<L, S, ReqBody, ResBody>
    where
        S: Service<Request<ReqBody>, Response = Response<ResBody>>,
        ResBody: From<Bytes>,
    {
        self.outcome.end();
        match conclude(&*self.layer, outcome, &self.request) {
            Ok(proven) => {
                self.layer.record(self.request.extensions_mut(), Some(proven));
                State::Inner { future: self.service.call(self.request) }
            }
            Err(denial) => {
                let response = denial.render(RequestKind::of(&self.request)).map(ResBody::from);
                State::Answered { response: Some(response) }
            }
        }
    }
}

#[expect(clippy::expect_used, reason = "no future may be polled after it has completed")]
fn take<T>(slot: &mut Option<T>) -> T {
    slot.take().expect("polled after completion")
}
