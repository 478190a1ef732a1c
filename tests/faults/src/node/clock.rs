use std::time::Duration;

use remint::{Clock, SystemClock, Timestamp};

/// A clock that is wrong by a constant.
#[derive(Debug)]
pub(super) struct Wrong {
    /// Seconds.
    pub(super) ahead: i64,
}

impl Clock for Wrong {
    fn now(&self) -> Timestamp {
        let by = Duration::from_secs(self.ahead.unsigned_abs());
        let now = SystemClock.now();
        if self.ahead < 0 { now.saturating_sub(by) } else { now.saturating_add(by) }
    }
}
