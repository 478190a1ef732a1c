use std::time::Duration;

use remint_core::{CredentialRef, Identity, QuotaHolder};

/// What a limit is counted per.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Per {
    /// The internal `sub`: all keys and tokens of a user share one budget.
    #[default]
    User,
    /// The tenant; callers without one are not counted.
    Tenant,
    /// The API key; callers with a token are not counted.
    Key,
}

/// So many units in so much time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    name: Box<str>,
    quota: u64,
    window: Duration,
    burst: u64,
    interval: Duration,
    per: Per,
    class: Option<Box<str>>,
}

impl Limit {
    /// `quota` units in every `window`, all of which may be taken at once, per user and on every
    /// route. Callers read the name in the headers.
    ///
    /// # Errors
    ///
    /// [`InvalidLimit`] if the name is not 1 to 64 of `A–Z a–z 0–9 . _ -`, the quota not between 1 and
    /// 10⁹, or the window not between one second and 366 days, in whole seconds.
    pub fn new(name: &str, quota: u64, window: Duration) -> Result<Self, InvalidLimit> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if name.is_empty() || name.len() > 64 || !name.bytes().all(fits) {
            return Err(InvalidLimit::Name);
        }
        if !(1..=1_000_000_000).contains(&quota) {
            return Err(InvalidLimit::Quota);
        }
        if window.subsec_nanos() != 0 || !(1..=LONGEST.as_secs()).contains(&window.as_secs()) {
            return Err(InvalidLimit::Window);
        }
        let nanos = u64::try_from(window.as_nanos()).map_err(|_| InvalidLimit::Window)?;
        let interval = Duration::from_nanos(nanos.div_ceil(quota));
        Ok(Self { name: name.into(), quota, window, burst: quota, interval, per: Per::User, class: None })
    }

    /// The same with another number of units that may be taken at once.
    ///
    /// # Errors
    ///
    /// [`InvalidLimit::Burst`] if it is zero, or so many that they would take more than two years to
    /// come back.
    pub fn with_burst(mut self, burst: u64) -> Result<Self, InvalidLimit> {
        let span = self.interval.as_nanos().saturating_mul(burst.into());
        if burst == 0 || span > 2 * LONGEST.as_nanos() {
            return Err(InvalidLimit::Burst);
        }
        self.burst = burst;
        Ok(self)
    }

    /// The same, counted per this.
    #[must_use]
    pub const fn per(mut self, per: Per) -> Self {
        self.per = per;
        self
    }

    /// The same, on routes of this class only.
    #[must_use]
    pub fn with_class(mut self, class: &str) -> Self {
        self.class = Some(class.into());
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many units come back in a window.
    #[must_use]
    pub const fn quota(&self) -> u64 {
        self.quota
    }

    /// The window.
    #[must_use]
    pub const fn window(&self) -> Duration {
        self.window
    }

    /// How many units may be taken at once.
    #[must_use]
    pub const fn burst(&self) -> u64 {
        self.burst
    }

    /// How long it takes until one unit has come back.
    #[must_use]
    pub const fn interval(&self) -> Duration {
        self.interval
    }

    /// Whose budget a request of this caller is charged to, on a route of this class; `None`: the
    /// limit does not apply.
    pub(crate) fn holder<'a>(&self, identity: &'a Identity, class: Option<&str>) -> Option<QuotaHolder<'a>> {
        let applies = self.class.is_none() || self.class.as_deref() == class;
        if applies { self.any_holder(identity) } else { None }
    }

    /// The same on any route.
    pub(crate) fn any_holder<'a>(&self, identity: &'a Identity) -> Option<QuotaHolder<'a>> {
        match (self.per, &identity.credential) {
            (Per::User, _) => Some(QuotaHolder::Subject(&identity.subject)),
            (Per::Tenant, _) => identity.tenant.as_ref().map(QuotaHolder::Tenant),
            (Per::Key, CredentialRef::ApiKey { id }) => Some(QuotaHolder::Key(id)),
            (Per::Key, _) => None,
        }
    }
}

/// Why a limit is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidLimit {
    /// The name.
    #[error("a limit's name must be 1 to 64 letters, digits, dots, underscores and hyphens of ASCII")]
    Name,
    /// The quota.
    #[error("a quota must be between 1 and 1000000000")]
    Quota,
    /// The window.
    #[error("a window must be between one second and 366 days, in whole seconds")]
    Window,
    /// The burst.
    #[error("a burst must be at least 1, and come back within two years")]
    Burst,
}

const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_limit_that_is_none_is_refused() {
        let long = "x".repeat(65);
        for name in ["", "two words", "a\"b", "ä", "a\n", long.as_str()] {
            assert_eq!(Limit::new(name, 1, MINUTE), Err(InvalidLimit::Name), "{name}");
        }
        for quota in [0, 1_000_000_001] {
            assert_eq!(Limit::new("a", quota, MINUTE), Err(InvalidLimit::Quota), "{quota}");
        }
        for window in [Duration::ZERO, Duration::from_millis(1500), LONGEST + Duration::from_secs(1), Duration::MAX] {
            assert_eq!(Limit::new("a", 1, window), Err(InvalidLimit::Window), "{window:?}");
        }
        for burst in [0, u64::MAX, 2_000_000] {
            assert_eq!(Limit::new("a", 1, MINUTE).unwrap().with_burst(burst), Err(InvalidLimit::Burst), "{burst}");
        }
    }

    #[test]
    fn the_greatest_limits_are_limits() {
        for (quota, window) in [(1, LONGEST), (1_000_000_000, Duration::from_secs(1)), (1_000_000_000, LONGEST)] {
            let limit = Limit::new("a", quota, window).unwrap();
            limit.with_burst(quota).unwrap();
        }
    }

    #[test]
    fn an_interval_is_rounded_up() {
        let limit = Limit::new("a", 3, Duration::from_secs(1)).unwrap();
        assert_eq!(limit.interval(), Duration::from_nanos(333_333_334));
    }
}
