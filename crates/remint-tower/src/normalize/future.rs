use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use remint_gate::{ResponseHeaders, Waiting};
use tower_service::Service;

use super::service::follow;

pin_project! {
    /// The response of [`Normalize`](super::Normalize). On a hit it boxes nothing.
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
        Forwarded { #[pin] future: F, response: ResponseHeaders },
        Waiting { pending: Box<Pending<S, ReqBody>> },
        Answered { response: Option<Response<ResBody>> },
    }
}

/// A request that waits for its verdict.
struct Pending<S, ReqBody> {
    verdict: Waiting,
    request: Option<(Request<ReqBody>, S)>,
}

impl<S, ReqBody, ResBody> ResponseFuture<S, ReqBody, ResBody>
where
    S: Service<Request<ReqBody>>,
{
    #[inline]
    pub(super) const fn forwarded(future: S::Future, response: ResponseHeaders) -> Self {
        Self { state: State::Forwarded { future, response } }
    }

    #[cold]
    pub(super) fn waiting(verdict: Waiting, request: Request<ReqBody>, ready: S) -> Self {
        Self { state: State::Waiting { pending: Box::new(Pending { verdict, request: Some((request, ready)) }) } }
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
                StateProjection::Forwarded { future, response } => {
                    // Mostly there are none, and the answer is moved no further.
                    if response.is_empty() {
                        return future.poll(context);
                    }
                    return future.poll(context).map_ok(|answer| with_headers(answer, response));
                }
                StateProjection::Waiting { pending } => match ready!(pending.poll_verdict(context)) {
                    Ok((future, response)) => State::Forwarded { future, response },
                    Err(answer) => State::Answered { response: Some(answer) },
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

#[cold]
fn with_headers<B>(mut answer: Response<B>, headers: &ResponseHeaders) -> Response<B> {
    headers.apply(answer.headers_mut());
    answer
}

type Followed<F, ResBody> = Result<(F, ResponseHeaders), Response<ResBody>>;

impl<S, ReqBody> Pending<S, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    fn poll_verdict<ResBody: From<Bytes>>(&mut self, context: &mut Context<'_>) -> Poll<Followed<S::Future, ResBody>> {
        let verdict = ready!(Pin::new(&mut self.verdict).poll(context));
        #[expect(clippy::expect_used, reason = "no future may be polled after it has completed")]
        let (mut request, mut service) = self.request.take().expect("polled after completion");
        let policy = self.verdict.policy();
        Poll::Ready(follow(verdict, policy, &mut request).map(|response| (service.call(request), response)))
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
