use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;
use remint_usage::{Counted, Units};

pin_project! {
    /// The response of [`Metered`](super::Metered).
    pub struct ResponseFuture<F> {
        #[pin]
        future: F,
        counted: Option<Counted>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn new(future: F, counted: Option<Counted>) -> Self {
        Self { future, counted }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let outcome = ready!(this.future.poll(context));
        if let Some(counted) = this.counted.take()
            && let Ok(response) = &outcome
            && let Some(units) = response.extensions().get::<Units>()
        {
            counted.report(*units);
        }
        Poll::Ready(outcome)
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
