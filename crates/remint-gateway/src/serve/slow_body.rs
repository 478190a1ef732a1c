use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// A request's body that must have come as a whole before a deadline.
#[derive(Debug)]
pub(super) struct SlowBody {
    inner: Body,
    deadline: Pin<Box<Sleep>>,
}

impl SlowBody {
    /// The same, but not for longer than this.
    pub(super) fn bound(inner: Body, patience: Duration) -> Body {
        if inner.is_end_stream() { inner } else { Body::new(Self { inner, deadline: Box::pin(sleep(patience)) }) }
    }
}

impl HttpBody for SlowBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.deadline.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err(axum::Error::new(std::io::Error::from(std::io::ErrorKind::TimedOut)))));
        }
        Pin::new(&mut self.inner).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    /// A body of which nothing more comes.
    struct Endless;

    impl HttpBody for Endless {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            Poll::Pending
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_to_its_end_is_an_error_at_the_deadline() {
        let before = tokio::time::Instant::now();
        let body = SlowBody::bound(Body::new(Endless), Duration::from_secs(30));
        assert!(to_bytes(body, 1024).await.is_err());
        assert_eq!(before.elapsed().as_secs(), 30);
    }

    #[tokio::test]
    async fn a_body_that_comes_in_time_is_as_it_was() {
        let body = SlowBody::bound(Body::from("all of it"), Duration::from_secs(30));
        assert_eq!(to_bytes(body, 1024).await.unwrap(), "all of it");
    }
}
