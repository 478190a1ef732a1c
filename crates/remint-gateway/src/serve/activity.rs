use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Error;
use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// Whether we work for a connection, and since when we do not. We work from the head of a request to its answer, and
/// for what is still to come of the answer's body; not while the client does not take what there is.
#[derive(Debug, Clone)]
pub(super) struct Activity(Arc<watch::Sender<State>>);

#[derive(Debug, Clone, Copy)]
struct State {
    /// Of how many requests.
    working: usize,
    /// When that last changed.
    changed: Instant,
    /// Whether a request has had its answer.
    answered: bool,
}

impl Activity {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(State { working: 0, changed: Instant::now(), answered: false })))
    }

    /// A request begins.
    pub(super) fn begin(&self) -> Work {
        let mut work = Work { activity: self.clone(), is_counted: false };
        work.resume();
        work
    }

    /// Completes when there has been no work for this long.
    pub(super) async fn idle_for(&self, time: Duration) {
        let mut states = self.0.subscribe();
        loop {
            let State { working, changed, .. } = *states.borrow_and_update();
            let idle = async {
                match working {
                    0 => sleep_until(changed + time).await,
                    _ => std::future::pending().await,
                }
            };
            tokio::select! {
                () = idle => return,
                // The sender is `self`.
                _ = states.changed() => {}
            }
        }
    }

    /// Completes when a request has had its answer.
    pub(super) async fn answered(&self) {
        // The sender is `self`.
        _ = self.0.subscribe().wait_for(|state| state.answered).await;
    }
}

/// The work for one request. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Work {
    activity: Activity,
    is_counted: bool,
}

impl Work {
    /// The answer is there. What is left is for the client to take.
    pub(super) fn answer(mut self, body: Body) -> Body {
        self.pause();
        self.activity.0.send_modify(|state| state.answered = true);
        if body.is_end_stream() { body } else { Body::new(Answer { body, work: self }) }
    }

    fn resume(&mut self) {
        if !std::mem::replace(&mut self.is_counted, true) {
            self.change(|working| working.saturating_add(1));
        }
    }

    fn pause(&mut self) {
        if std::mem::replace(&mut self.is_counted, false) {
            self.change(|working| working.saturating_sub(1));
        }
    }

    fn change(&self, change: impl FnOnce(usize) -> usize) {
        self.activity.0.send_modify(|state| {
            state.working = change(state.working);
            state.changed = Instant::now();
        });
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.pause();
    }
}

/// The body of an answer.
#[derive(Debug)]
struct Answer {
    body: Body,
    work: Work,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = Error;

    /// It is asked for more when the client has taken what there was.
    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.work.resume();
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        self.work.pause();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use tokio::time::timeout;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    async fn is_idle_after(activity: &Activity, time: Duration) -> bool {
        timeout(time, activity.idle_for(MINUTE)).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_a_request_is_idle_from_its_beginning() {
        let activity = Activity::new();
        assert!(!is_idle_after(&activity, MINUTE / 2).await);
        assert!(is_idle_after(&activity, MINUTE / 2 + Duration::from_millis(1)).await);
    }

    #[tokio::test(start_paused = true)]
    async fn while_a_request_is_under_way_a_connection_is_not_idle() {
        let activity = Activity::new();
        let work = activity.begin();
        assert!(!is_idle_after(&activity, 10 * MINUTE).await);
        drop(work);
        assert!(!is_idle_after(&activity, MINUTE / 2).await);
        assert!(is_idle_after(&activity, MINUTE).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_take_its_answer_is_idle() {
        let activity = Activity::new();
        let body = activity.begin().answer(Body::from("the answer"));
        assert!(is_idle_after(&activity, 2 * MINUTE).await);
        assert_eq!(to_bytes(body, 1024).await.unwrap(), "the answer");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_still_being_made_is_work() {
        let (frames, body) = tokio::sync::oneshot::channel::<Bytes>();
        let body = Body::from_stream(futures_util::stream::once(body));
        let activity = Activity::new();
        let mut body = activity.begin().answer(body);
        let waits = std::future::poll_fn(|context| Poll::Ready(Pin::new(&mut body).poll_frame(context).is_pending()));
        assert!(waits.await);
        assert!(!is_idle_after(&activity, 10 * MINUTE).await);
        frames.send(Bytes::from_static(b"at last")).unwrap();
        assert_eq!(to_bytes(body, 1024).await.unwrap(), "at last");
        assert!(is_idle_after(&activity, 2 * MINUTE).await);
    }
}
