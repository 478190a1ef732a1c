use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A clock that nobody sets: it only goes forward, and goes on while the process or the machine is suspended.
///
/// # Contract
///
/// `elapsed` does not block and may be called on every request. It never goes back.
pub trait SteadyClock: fmt::Debug + Send + Sync + 'static {
    /// How long it is since some moment that stays the same for this process.
    fn elapsed(&self) -> Duration;
}

impl<T: SteadyClock + ?Sized> SteadyClock for Arc<T> {
    fn elapsed(&self) -> Duration {
        (**self).elapsed()
    }
}
