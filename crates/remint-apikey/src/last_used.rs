use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use remint_core::{KeyId, LastUsedStore, Timestamp, Unavailable};

/// When keys were last used, in memory until the next flush: the store is not written for a
/// request.
///
/// It holds at most [`CAPACITY`](Self::CAPACITY) keys. A key beyond that is passed over until the
/// next flush, and counted in `remint_apikey_last_used_dropped_total`.
#[derive(Debug, Default)]
pub(crate) struct LastUsed {
    seen: Mutex<HashMap<KeyId, Timestamp>>,
}

impl LastUsed {
    const CAPACITY: usize = 65_536;
    const BATCH: usize = 500;

    pub(crate) fn record(&self, key: &KeyId, at: Timestamp) {
        let mut seen = self.lock();
        if let Some(last) = seen.get_mut(key) {
            *last = at.max(*last);
        } else if seen.len() < Self::CAPACITY {
            seen.insert(key.clone(), at);
        } else {
            metrics::counter!("remint_apikey_last_used_dropped_total").increment(1);
        }
    }

    /// Writes all that was recorded, in batches. What the store did not acknowledge is kept for
    /// the next time, also when the future is dropped.
    pub(crate) async fn flush(&self, store: &(impl LastUsedStore + ?Sized)) -> Result<(), Unavailable> {
        let left = std::mem::take(&mut *self.lock()).into_iter().collect();
        let mut pending = Pending { buffer: self, left };
        while !pending.left.is_empty() {
            let start = pending.left.len().saturating_sub(Self::BATCH);
            store.record_last_used(pending.left.get(start..).unwrap_or_default()).await?;
            pending.left.truncate(start);
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<KeyId, Timestamp>> {
        // A map of moments is whole after any panic.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a flush has taken out and the store has not acknowledged.
struct Pending<'a> {
    buffer: &'a LastUsed,
    left: Vec<(KeyId, Timestamp)>,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        for (key, at) in self.left.drain(..) {
            self.buffer.record(&key, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;
    use remint_core::UnavailableKind;

    use super::*;

    /// Takes so many batches and then fails, or hangs.
    #[derive(Debug, Default)]
    struct Store {
        taken: Mutex<HashMap<KeyId, Timestamp>>,
        calls: AtomicUsize,
        fails_after: Option<usize>,
        hangs: bool,
    }

    #[async_trait]
    impl LastUsedStore for Store {
        async fn record_last_used(&self, batch: &[(KeyId, Timestamp)]) -> Result<(), Unavailable> {
            assert!(batch.len() <= LastUsed::BATCH);
            if self.hangs {
                pending::<()>().await;
            }
            let call = self.calls.fetch_add(1, Ordering::SeqCst);
            if self.fails_after.is_some_and(|limit| call >= limit) {
                return Err(Unavailable::new(UnavailableKind::Store));
            }
            self.taken.lock().unwrap().extend(batch.iter().cloned());
            Ok(())
        }
    }

    fn key(number: usize) -> KeyId {
        KeyId::new(format!("key_{number}")).unwrap()
    }

    fn filled(keys: usize) -> LastUsed {
        let last_used = LastUsed::default();
        (0..keys).for_each(|number| last_used.record(&key(number), Timestamp::from_secs(number as u64)));
        last_used
    }

    #[tokio::test]
    async fn a_flush_writes_each_key_once_and_empties_the_buffer() {
        let (last_used, store) = (filled(1_234), Store::default());
        last_used.record(&key(7), Timestamp::from_secs(70));
        last_used.record(&key(7), Timestamp::from_secs(69));
        last_used.flush(&store).await.unwrap();
        assert_eq!(store.taken.lock().unwrap().len(), 1_234);
        assert_eq!(store.taken.lock().unwrap()[&key(7)], Timestamp::from_secs(70));
        assert_eq!(store.calls.load(Ordering::SeqCst), 3);
        last_used.flush(&store).await.unwrap();
        assert_eq!(store.calls.load(Ordering::SeqCst), 3, "an empty buffer asked the store");
    }

    #[tokio::test]
    async fn nothing_is_lost_when_a_flush_fails() {
        let last_used = filled(1_234);
        let broken = Store { fails_after: Some(1), ..Store::default() };
        last_used.flush(&broken).await.unwrap_err();
        let (mended, taken) = (Store::default(), broken.taken.lock().unwrap().len());
        last_used.flush(&mended).await.unwrap();
        assert_eq!(taken + mended.taken.lock().unwrap().len(), 1_234);
    }

    #[tokio::test]
    async fn nothing_is_lost_when_a_flush_is_dropped() {
        let last_used = filled(3);
        let hanging = Store { hangs: true, ..Store::default() };
        tokio::select! {
            biased;
            _ = last_used.flush(&hanging) => unreachable!("it hangs"),
            () = std::future::ready(()) => {}
        }
        let mended = Store::default();
        last_used.flush(&mended).await.unwrap();
        assert_eq!(mended.taken.lock().unwrap().len(), 3);
    }

    #[tokio::test]
    async fn a_use_during_a_failed_flush_is_not_overwritten_by_an_earlier_one() {
        let last_used = filled(3);
        let mut pending = Pending { buffer: &last_used, left: vec![(key(1), Timestamp::from_secs(1))] };
        last_used.record(&key(1), Timestamp::from_secs(99));
        pending.left.push((key(2), Timestamp::from_secs(98)));
        drop(pending);
        let store = Store::default();
        last_used.flush(&store).await.unwrap();
        assert_eq!(store.taken.lock().unwrap()[&key(1)], Timestamp::from_secs(99));
        assert_eq!(store.taken.lock().unwrap()[&key(2)], Timestamp::from_secs(98));
    }

    #[test]
    fn the_buffer_is_bounded() {
        let last_used = filled(LastUsed::CAPACITY + 10);
        last_used.record(&key(0), Timestamp::from_secs(5));
        assert_eq!(last_used.lock().len(), LastUsed::CAPACITY);
        assert_eq!(last_used.lock()[&key(0)], Timestamp::from_secs(5), "a known key still counts");
    }
}
