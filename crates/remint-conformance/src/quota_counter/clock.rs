use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use remint_core::Clock as _;

use crate::ManualClock;

/// The clock that a counter under test goes by.
///
/// A counter in this process goes by a [`ManualClock`]. One that goes by its server's time is told
/// to shift what the server says, and its clock runs on by itself meanwhile: see
/// [`drift`](Self::drift).
#[async_trait]
pub trait CounterClock: fmt::Debug + Send + Sync + 'static {
    /// Moves it forward, by whole milliseconds.
    async fn advance(&self, by: Duration);

    /// Sets it back, by whole milliseconds.
    async fn set_back(&self, by: Duration);

    /// How much time passes by itself while a case runs, at the most: zero if the clock stands still,
    /// and never more than a minute.
    fn drift(&self) -> Duration;
}

#[async_trait]
impl CounterClock for ManualClock {
    async fn advance(&self, by: Duration) {
        Self::advance(self, by);
    }

    async fn set_back(&self, by: Duration) {
        self.set(self.now().saturating_sub(by));
    }

    fn drift(&self) -> Duration {
        Duration::ZERO
    }
}
