use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use remint_core::{Unavailable, UnavailableKind};
use tokio::sync::{Semaphore, oneshot};

/// Where slow hashes are made: on a few threads of their own, with few waiting for one.
///
/// A thread is started for each, which is nothing beside the hash itself, so that the pool needs no
/// runtime and leaves nothing behind. Whoever comes when all places are taken is told to come again.
#[derive(Debug, Clone)]
pub(crate) struct HashPool {
    /// As many as may run or wait.
    places: Arc<Semaphore>,
    /// As many as may run.
    threads: Arc<Semaphore>,
}

impl HashPool {
    pub(crate) fn new(threads: NonZeroUsize, waiting: usize) -> Self {
        let of = |permits: usize| Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS)));
        Self { places: of(threads.get().saturating_add(waiting)), threads: of(threads.get()) }
    }

    /// What the job returns. Once it runs it runs to its end, and holds its place until then, also
    /// when the future is dropped.
    ///
    /// # Errors
    ///
    /// [`Overloaded`](UnavailableKind::Overloaded) if no place is free or no thread can be had.
    pub(crate) async fn run<T, F>(&self, job: F) -> Result<T, Unavailable>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            metrics::counter!("remint_apikey_slow_hash_total", "outcome" => "full").increment(1);
            return Err(Unavailable::new(UnavailableKind::Overloaded));
        };
        let running = Arc::clone(&self.threads).acquire_owned().await.map_err(defect)?;
        let (answer, answered) = oneshot::channel();
        let work = move || {
            let answered = job();
            drop((running, place));
            // Nobody waits any more: the request was dropped.
            let _ = answer.send(answered);
        };
        let started = thread::Builder::new().name("remint-slow-hash".into()).spawn(work);
        started.map_err(|error| Unavailable::new(UnavailableKind::Overloaded).with_source(error))?;
        let answer = answered.await.map_err(defect)?;
        metrics::counter!("remint_apikey_slow_hash_total", "outcome" => "made").increment(1);
        Ok(answer)
    }
}

impl Default for HashPool {
    /// Half of the processors, four at most, and eight waiting for each: about a second at Django's
    /// defaults.
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let threads = NonZeroUsize::new((processors / 2).min(4)).unwrap_or(NonZeroUsize::MIN);
        Self::new(threads, 8 * threads.get())
    }
}

fn defect(error: impl std::error::Error + Send + Sync + 'static) -> Unavailable {
    Unavailable::new(UnavailableKind::Internal).with_source(error)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::mpsc;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// Polls a future once.
    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[tokio::test]
    async fn whoever_finds_the_pool_full_is_told_to_come_again() {
        let pool = HashPool::new(NonZeroUsize::MIN, 1);
        let (go, wait) = mpsc::channel::<()>();
        let mut running = pin!(pool.run(move || wait.recv().is_ok()));
        assert!(poll(running.as_mut()).is_pending());
        let mut waiting = pin!(pool.run(|| 7));
        assert!(poll(waiting.as_mut()).is_pending());

        let refused = pool.run(|| 8).await.unwrap_err();
        assert_eq!(refused.kind(), UnavailableKind::Overloaded);
        assert!(refused.retry_after() >= std::time::Duration::from_secs(1));

        go.send(()).unwrap();
        assert!(running.await.unwrap());
        assert_eq!(waiting.await.unwrap(), 7);
        assert_eq!(pool.run(|| 9).await.unwrap(), 9);
    }

    #[tokio::test]
    async fn a_dropped_request_keeps_its_place_until_its_hash_is_made() {
        let pool = HashPool::new(NonZeroUsize::MIN, 0);
        let (go, wait) = mpsc::channel::<()>();
        {
            let mut running = pin!(pool.run(move || wait.recv().is_ok()));
            assert!(poll(running.as_mut()).is_pending());
        }
        assert!(pool.run(|| ()).await.is_err());
        go.send(()).unwrap();
        let _free = pool.places.acquire().await.unwrap();
    }

    #[tokio::test]
    async fn a_request_dropped_while_it_waits_gives_its_place_back() {
        let pool = HashPool::new(NonZeroUsize::MIN, 1);
        let (go, wait) = mpsc::channel::<()>();
        let mut running = pin!(pool.run(move || wait.recv().is_ok()));
        assert!(poll(running.as_mut()).is_pending());
        assert!(poll(pin!(pool.run(|| ()))).is_pending());
        let mut next = pin!(pool.run(|| 1));
        assert!(poll(next.as_mut()).is_pending(), "the place was not given back");
        go.send(()).unwrap();
        assert!(running.await.unwrap());
        assert_eq!(next.await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_hash_that_panics_is_a_defect_and_gives_its_place_back() {
        let pool = HashPool::new(NonZeroUsize::MIN, 0);
        let failed = pool.run(|| -> () { panic!("a test") }).await.unwrap_err();
        assert_eq!(failed.kind(), UnavailableKind::Internal);
        let _free = pool.places.acquire().await.unwrap();
    }
}
