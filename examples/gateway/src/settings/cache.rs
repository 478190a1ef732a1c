use std::time::Duration;

use remint::LifetimeRule;

use super::node::Origin;
use super::section::Section;
use super::value::Size;

/// `[cache]`: how long, and how much, is remembered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CacheSettings {
    pub(crate) capacity: u64,
    pub(crate) lifetime: LifetimeRule,
}

impl CacheSettings {
    pub(super) fn read(mut section: Section<'_, '_>, ttl: Duration) -> Self {
        let standard = LifetimeRule::default();
        let capacity = section.or("capacity", Size(64 << 20));
        let max_ttl = section.or("max_ttl", standard.max_ttl);
        let min_remaining = section.or("min_remaining", standard.min_remaining);
        section.later("l2");
        section.later("secret");
        // The default makes room for short-lived tokens by itself.
        if *min_remaining > ttl && min_remaining.origin != Origin::Default {
            let message = "`cache.min_remaining` is longer than `issuer.ttl`: no token would ever be cached";
            section.problem(&min_remaining.origin, message);
        }
        section.finish();
        let lifetime = LifetimeRule { max_ttl: *max_ttl, min_remaining: *min_remaining };
        Self { capacity: capacity.value.0, lifetime }
    }
}
