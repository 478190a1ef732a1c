use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::SteadyClock;

/// A steady clock that stands still until a test moves it. Clones share the hands.
#[derive(Debug, Clone, Default)]
pub struct ManualSteadyClock(Arc<AtomicU64>);

impl ManualSteadyClock {
    /// Moves the hands forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::SeqCst);
    }
}

impl SteadyClock for ManualSteadyClock {
    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}
