use tokio::task::JoinError;
use tracing::Instrument as _;

/// Carries work out to its end, also when the client hangs up and the handler's future is dropped.
///
/// A change writes to the store and then to the revocation log. No client decides whether the second happens after
/// the first.
///
/// # Errors
///
/// [`JoinError`] if the work panics.
pub async fn run_to_completion<T>(work: impl Future<Output = T> + Send + 'static) -> Result<T, JoinError>
where
    T: Send + 'static,
{
    tokio::spawn(work.in_current_span()).await
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use futures_util::FutureExt as _;
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn work_goes_on_when_nobody_waits_for_it() {
        let (proceed, waiting) = oneshot::channel::<()>();
        let (finished, end) = oneshot::channel::<()>();
        let done = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&done);
        let work = run_to_completion(async move {
            waiting.await.unwrap();
            flag.store(true, Ordering::SeqCst);
            finished.send(()).unwrap();
        });
        assert!(work.now_or_never().is_none());
        proceed.send(()).unwrap();
        end.await.unwrap();
        assert!(done.load(Ordering::SeqCst));
    }
}
