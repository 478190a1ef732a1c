use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A moment: milliseconds since the Unix epoch.
///
/// JOSE counts seconds (`NumericDate`, RFC 7519 §2); the milliseconds serve short-lived cache
/// entries. Arithmetic saturates: no value a stranger sends can wrap it around.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// Later than any real moment: "does not end".
    pub const MAX: Self = Self(u64::MAX);

    /// The moment `seconds` after the epoch.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// The moment `millis` milliseconds after the epoch.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// `self + by`, or [`Timestamp::MAX`].
    #[must_use]
    pub fn saturating_add(self, by: Duration) -> Self {
        Self(self.0.saturating_add(millis(by)))
    }

    /// `self - by`, or the epoch.
    #[must_use]
    pub fn saturating_sub(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(millis(by)))
    }

    /// How long after `earlier` this is; zero if it is not.
    #[must_use]
    pub const fn saturating_duration_since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({}.{:03})", self.as_secs(), self.0 % 1000)
    }
}

/// How far a clock of another party may be ahead of ours: the leeway of `iat` and `nbf`, and how much longer a
/// revocation reaches.
pub const CLOCK_SKEW: Duration = Duration::from_secs(30);

/// Where the time comes from.
///
/// # Contract
///
/// `now` does not block and may be called on every request.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// The clock behind a pointer, as those keep it that take an `impl Clock`. A pointer is returned as it is: no
    /// second one is put around it.
    fn into_arc(self) -> Arc<dyn Clock>
    where
        Self: Sized,
    {
        Arc::new(self)
    }
}

/// The clock of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(millis(since))
    }
}

impl<T: Clock> Clock for Arc<T> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }

    fn into_arc(self) -> Arc<dyn Clock> {
        self
    }
}

impl Clock for Arc<dyn Clock> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }

    fn into_arc(self) -> Self {
        self
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        assert_eq!(Timestamp::from_secs(u64::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::MAX.saturating_add(Duration::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::from_secs(1).saturating_sub(Duration::from_secs(2)), Timestamp::from_secs(0));
    }

    #[test]
    fn a_pointer_to_a_clock_is_not_put_behind_another() {
        let clock = Arc::new(SystemClock);
        let shared: Arc<dyn Clock> = Arc::clone(&clock).into_arc();
        assert_eq!(Arc::strong_count(&clock), 2);
        let again = Arc::clone(&shared).into_arc();
        assert_eq!(Arc::strong_count(&again), 3);
    }
}
