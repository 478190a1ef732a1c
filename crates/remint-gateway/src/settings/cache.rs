use std::ops::RangeInclusive;
use std::time::Duration;

use remint::LifetimeRule;

use super::origin::Origin;
use super::section::Section;
use super::value::Size;

/// `[cache]`: how long, and how much, is remembered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CacheSettings {
    pub(crate) capacity: u64,
    pub(crate) lifetime: LifetimeRule,
    /// How many misses may wait for one part.
    pub(crate) max_waiting: usize,
    /// How long.
    pub(crate) max_wait: Duration,
}

impl CacheSettings {
    pub(super) fn read(mut section: Section<'_, '_>, ttl: Duration) -> Self {
        let standard = LifetimeRule::default();
        let capacity = section.or("capacity", Size(64 << 20));
        let max_ttl = section.or("max_ttl", standard.max_ttl);
        let min_remaining = section.or("min_remaining", standard.min_remaining);
        let max_waiting = section.or("max_waiting", 1024_u64);
        let max_wait = section.or("max_wait", Duration::from_secs(20));
        if !MAX_WAITING.contains(&*max_waiting) {
            section.problem(&max_waiting.origin, "`cache.max_waiting`: between 4 and 1000000");
        }
        if !MAX_WAIT.contains(&*max_wait) {
            let message = "`cache.max_wait`: between 16s and 5m (a fetch of a key set may take 15s)";
            section.problem(&max_wait.origin, message);
        }
        section.later("l2");
        section.later("secret");
        // The default makes room for short-lived tokens by itself.
        if *min_remaining > ttl && min_remaining.origin != Origin::Default {
            let message = "`cache.min_remaining` is longer than `issuer.ttl`: no token would ever be cached";
            section.problem(&min_remaining.origin, message);
        }
        section.finish();
        let lifetime = LifetimeRule { max_ttl: *max_ttl, min_remaining: *min_remaining };
        let most = usize::try_from(*max_waiting).unwrap_or(usize::MAX);
        Self { capacity: capacity.value.0, lifetime, max_waiting: most, max_wait: *max_wait }
    }
}

/// One issuer gets a quarter.
const MAX_WAITING: RangeInclusive<u64> = 4..=1_000_000;
const MAX_WAIT: RangeInclusive<Duration> = Duration::from_secs(16)..=Duration::from_secs(300);
