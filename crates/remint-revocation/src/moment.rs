use std::time::Duration;

/// A moment by a clock that nobody sets. Moments of two tables have nothing to do with each other.
///
/// The default is before every other moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub(crate) u64);

impl Moment {
    pub(crate) fn at(elapsed: Duration) -> Self {
        Self(millis(elapsed).saturating_add(FIRST))
    }

    /// This much later, in milliseconds.
    pub(crate) const fn plus(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// How long after `earlier` this is.
    pub(crate) const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Where clocks begin: a hundred years after the default, so that nothing lasts until then.
const FIRST: u64 = 100 * 365 * 24 * 3600 * 1000;
