use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use remint_core::{DeniedKind, Refusal};
use remint_guard::preflight_hint;
use tower_service::Service;

/// What a layer of this crate verifies, and how it goes on from there.
pub trait Judge {
    /// What a token turns out to say.
    type Proven: Send + Sync + 'static;

    /// Whether that is enough here.
    ///
    /// # Errors
    ///
    /// What is missing.
    fn meets_requirements(&self, proven: Arc<Self::Proven>) -> Result<Arc<Self::Proven>, Refusal>;

    /// The response to a request that is refused.
    fn refuse<B, ResBody: From<Bytes>>(&self, refusal: &Refusal, request: &Request<B>) -> Response<ResBody>;
}

/// What an operator can do about this refusal, where its request shows that.
pub(crate) fn hint<B>(refusal: &Refusal, request: &Request<B>) -> Option<&'static str> {
    let is_missing = matches!(refusal, Refusal::Denied(denied) if denied.kind() == DeniedKind::NoCredential);
    preflight_hint(request.method(), request.headers()).filter(|_| is_missing)
}

/// A verification that waits for the key set.
pub(crate) type Verifying<T> = Pin<Box<dyn Future<Output = Result<Arc<T>, Refusal>> + Send>>;

pin_project! {
    /// The response of a layer of this crate: the inner service's, or an answer of the layer's own (a denial, a
    /// document).
    ///
    /// Nothing is boxed unless the key set has to be waited for.
    pub struct ResponseFuture<L, S, ReqBody, ResBody>
    where
        L: Judge,
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
        L: Judge,
        S: Service<Request<ReqBody>>,
    {
        Inner { #[pin] future: S::Future },
        Answered { response: Option<Response<ResBody>> },
        Waiting { waiting: Option<Box<Waiting<L, S, ReqBody>>> },
    }
}

struct Waiting<L: Judge, S, ReqBody> {
    verifying: Verifying<L::Proven>,
    service: S,
    request: Request<ReqBody>,
    layer: Arc<L>,
}

impl<L, S, ReqBody, ResBody> ResponseFuture<L, S, ReqBody, ResBody>
where
    L: Judge,
    S: Service<Request<ReqBody>>,
{
    pub(crate) const fn inner(future: S::Future) -> Self {
        Self { state: State::Inner { future } }
    }

    pub(crate) const fn answered(response: Response<ResBody>) -> Self {
        Self { state: State::Answered { response: Some(response) } }
    }

    pub(crate) fn waiting(
        verifying: Verifying<L::Proven>,
        service: S,
        request: Request<ReqBody>,
        layer: Arc<L>,
    ) -> Self {
        Self { state: State::Waiting { waiting: Some(Box::new(Waiting { verifying, service, request, layer })) } }
    }
}

impl<L, S, ReqBody, ResBody> Future for ResponseFuture<L, S, ReqBody, ResBody>
where
    L: Judge,
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
    L: Judge,
    S: Service<Request<ReqBody>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

impl<L: Judge, S, ReqBody> Waiting<L, S, ReqBody> {
    fn go_on<ResBody>(mut self, outcome: Result<Arc<L::Proven>, Refusal>) -> State<L, S, ReqBody, ResBody>
    where
        S: Service<Request<ReqBody>, Response = Response<ResBody>>,
        ResBody: From<Bytes>,
    {
        match outcome.and_then(|proven| self.layer.meets_requirements(proven)) {
            Ok(proven) => {
                self.request.extensions_mut().insert(proven);
                State::Inner { future: self.service.call(self.request) }
            }
            Err(refusal) => State::Answered { response: Some(self.layer.refuse(&refusal, &self.request)) },
        }
    }
}

#[expect(clippy::expect_used, reason = "no future may be polled after it has completed")]
fn take<T>(slot: &mut Option<T>) -> T {
    slot.take().expect("polled after completion")
}
