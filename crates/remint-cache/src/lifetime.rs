use std::time::Duration;

use remint_core::Timestamp;

/// How long an entry may answer: nothing outlives what it came from, and a cached token leaves with
/// at least `min_remaining`, unless its source ends sooner.
#[derive(Debug, Clone, Copy)]
pub struct LifetimeRule {
    /// The longest an entry may answer.
    pub max_ttl: Duration,
    /// What a token has left, at least, when it leaves.
    pub min_remaining: Duration,
}

impl Default for LifetimeRule {
    /// Five minutes, and fifteen seconds.
    fn default() -> Self {
        Self { max_ttl: Duration::from_secs(300), min_remaining: Duration::from_secs(15) }
    }
}

impl LifetimeRule {
    /// The moment from which an entry made at `now` answers no more: `token_ends` is the internal
    /// token's `exp`, `source_ends` the end of what it came from.
    #[must_use]
    pub fn use_until(&self, now: Timestamp, token_ends: Timestamp, source_ends: Timestamp) -> Timestamp {
        // `exp` has whole seconds: a token cut short by its source ends in the source's second.
        let cut_short = token_ends.as_secs() >= source_ends.as_secs();
        let leaves_until = if cut_short { token_ends } else { token_ends.saturating_sub(self.min_remaining) };
        leaves_until.min(source_ends).min(now.saturating_add(self.max_ttl))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Timestamp {
        Timestamp::from_secs(seconds)
    }

    #[test]
    fn an_entry_ends_at_the_least_of_all_bounds() {
        let rule = LifetimeRule::default();
        assert_eq!(rule.use_until(at(0), at(600), Timestamp::MAX), at(300), "max_ttl");
        assert_eq!(rule.use_until(at(0), at(300), Timestamp::MAX), at(285), "min_remaining");
        assert_eq!(rule.use_until(at(0), at(100), at(100)), at(100), "the source ends");
        assert_eq!(rule.use_until(at(0), at(100), Timestamp::from_millis(100_500)), at(100), "within the second");
        assert_eq!(rule.use_until(at(0), at(200), at(100)), at(100), "though the token were to outlive its source");
        assert_eq!(rule.use_until(at(0), at(10), Timestamp::MAX), at(0), "shorter than min_remaining: not kept");
    }
}
