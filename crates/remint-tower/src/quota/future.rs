use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use remint_core::{QuotaAnswer, QuotaFuture, QuotaTaken};
use remint_quota::Draw;
use tower_service::Service;

use super::settings::{Settings, Watch};
use super::telemetry;

pin_project! {
    /// The response of [`Limited`](super::Limited).
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
        Forwarded { #[pin] future: F, watch: Option<Watch> },
        Waiting { pending: Box<Pending<S, ReqBody>> },
        TakingBack { given: QuotaFuture<()>, watch: Option<Watch>, response: Option<Response<ResBody>> },
        Answered { response: Option<Response<ResBody>> },
    }
}

/// A request that waits for a counter elsewhere.
struct Pending<S, ReqBody> {
    answer: QuotaFuture<QuotaTaken>,
    waiting: Option<(Draw, Request<ReqBody>, S)>,
    settings: Arc<Settings>,
}

impl<S, ReqBody, ResBody> ResponseFuture<S, ReqBody, ResBody>
where
    S: Service<Request<ReqBody>>,
{
    pub(super) const fn forwarded(future: S::Future, watch: Option<Watch>) -> Self {
        Self { state: State::Forwarded { future, watch } }
    }

    pub(super) const fn answered(response: Response<ResBody>) -> Self {
        Self { state: State::Answered { response: Some(response) } }
    }

    #[cold]
    pub(super) fn waiting(
        answer: QuotaFuture<QuotaTaken>,
        draw: Draw,
        request: Request<ReqBody>,
        ready: S,
        settings: Arc<Settings>,
    ) -> Self {
        let pending = Box::new(Pending { answer, waiting: Some((draw, request, ready)), settings });
        Self { state: State::Waiting { pending } }
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
                StateProjection::Forwarded { future, watch } => {
                    let mut response = ready!(future.poll(context))?;
                    let Some(mut watch) = watch.take() else { return Poll::Ready(Ok(response)) };
                    match watch.take_back(&response) {
                        Some(QuotaAnswer::Later(given)) => {
                            State::TakingBack { given, watch: Some(watch), response: Some(response) }
                        }
                        now => {
                            if let Some(QuotaAnswer::Now(Err(unavailable))) = now {
                                telemetry::unavailable(&unavailable, None);
                            }
                            watch.tell(&mut response);
                            return Poll::Ready(Ok(response));
                        }
                    }
                }
                StateProjection::Waiting { pending } => match ready!(pending.poll_admit(context)) {
                    Ok((future, watch)) => State::Forwarded { future, watch },
                    Err(response) => State::Answered { response: Some(*response) },
                },
                StateProjection::TakingBack { given, watch, response } => {
                    if let Err(unavailable) = ready!(given.as_mut().poll(context)) {
                        telemetry::unavailable(&unavailable, None);
                    }
                    let mut response = response.take();
                    if let (Some(watch), Some(response)) = (watch.take(), &mut response) {
                        watch.tell(response);
                    }
                    State::Answered { response }
                }
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

/// The inner service's future with its watch, or a refusal.
type Admitted<F, ResBody> = Result<(F, Option<Watch>), Box<Response<ResBody>>>;

impl<S, ReqBody> Pending<S, ReqBody> {
    fn poll_admit<ResBody>(&mut self, context: &mut Context<'_>) -> Poll<Admitted<S::Future, ResBody>>
    where
        S: Service<Request<ReqBody>>,
        ResBody: From<Bytes>,
    {
        let answer = ready!(self.answer.as_mut().poll(context));
        #[expect(clippy::expect_used, reason = "no future may be polled after it has completed")]
        let (draw, mut request, mut service) = self.waiting.take().expect("polled after completion");
        Poll::Ready(match self.settings.admit(draw, answer, &mut request) {
            Ok(watch) => Ok((service.call(request), watch)),
            Err(response) => Err(Box::new(response)),
        })
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
