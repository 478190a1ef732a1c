use std::time::Duration;

use remint_core::Timestamp;

/// Until when a token may live: the end of its source (the credential, or the token it is exchanged for), and
/// of what else it says.
///
/// `exp` counts whole seconds, rounded down. A token of which no whole second is left is not minted, and
/// [`NothingLeft`] says whose fault that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    source_ends: Timestamp,
    enrichment_ends: Timestamp,
}

impl Life {
    /// The life of a token whose source ends then.
    #[must_use]
    pub const fn of_source(ends: Timestamp) -> Self {
        Self { source_ends: ends, enrichment_ends: Timestamp::MAX }
    }

    /// The same, of a token that says what holds until then only.
    #[must_use]
    pub const fn with_enrichment(self, ends: Timestamp) -> Self {
        Self { enrichment_ends: ends, ..self }
    }

    /// The earlier of both ends.
    ///
    /// # Errors
    ///
    /// [`NothingLeft`] if no whole second lies between now and then.
    pub fn not_after(self, now: Timestamp) -> Result<Timestamp, NothingLeft> {
        let not_after = self.source_ends.min(self.enrichment_ends);
        if expiry(now, Duration::MAX, not_after).is_some() {
            Ok(not_after)
        } else if expiry(now, Duration::MAX, self.source_ends).is_none() {
            Err(NothingLeft::OfSource)
        } else {
            Err(NothingLeft::OfEnrichment)
        }
    }
}

/// Why a token would have ended when it is minted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NothingLeft {
    /// The caller's fault: the credential has ended.
    #[error("the source of the token has ended")]
    OfSource,
    /// Our fault: what is known of the caller ends within this second. Asked again, it holds longer.
    #[error("what the token would say holds for less than a second")]
    OfEnrichment,
}

/// `exp` of a token that is minted now: the earlier of `not_after` and the time to live from now, in whole
/// seconds, rounded down. `None` if that is not later than now.
#[must_use]
pub fn expiry(now: Timestamp, ttl: Duration, not_after: Timestamp) -> Option<Timestamp> {
    let expires_at = Timestamp::from_secs(now.saturating_add(ttl).min(not_after).as_secs());
    (expires_at > now).then_some(expires_at)
}

#[cfg(test)]
mod tests {
    use NothingLeft::{OfEnrichment, OfSource};

    use super::*;

    const fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    const NEVER: u64 = u64::MAX;

    #[test]
    fn a_token_lives_until_the_first_of_its_ends_and_nothing_left_has_one_fault() {
        for (now, source, enrichment, expected) in [
            (10_000, NEVER, NEVER, Ok(NEVER)),
            (10_000, 20_500, NEVER, Ok(20_500)),
            (10_000, NEVER, 20_500, Ok(20_500)),
            (10_000, 20_500, 20_400, Ok(20_400)),
            (10_000, 11_000, 11_000, Ok(11_000)),
            (10_999, 11_000, NEVER, Ok(11_000)),
            (10_000, 10_999, NEVER, Err(OfSource)),
            (10_000, 10_000, NEVER, Err(OfSource)),
            (10_000, 9_000, NEVER, Err(OfSource)),
            (10_000, NEVER, 10_999, Err(OfEnrichment)),
            (10_500, 11_000, 10_900, Err(OfEnrichment)),
            // Both: the caller is told what they can change.
            (10_000, 10_999, 10_500, Err(OfSource)),
            (10_000, 10_500, 10_999, Err(OfSource)),
        ] {
            let life = Life::of_source(at(source)).with_enrichment(at(enrichment));
            assert_eq!(life.not_after(at(now)), expected.map(at), "{now} {source} {enrichment}");
        }
    }

    #[test]
    fn exp_is_a_whole_second_and_no_later_than_any_bound() {
        let ttl = Duration::from_secs(300);
        for (now, not_after, expected) in [
            (0, NEVER, Some(300_000)),
            (999, NEVER, Some(300_000)),
            (1000, NEVER, Some(301_000)),
            (0, 300_000, Some(300_000)),
            (0, 299_999, Some(299_000)),
            (0, 1000, Some(1000)),
            (999, 1000, Some(1000)),
            (0, 999, None),
            (500, 900, None),
            (1000, 1000, None),
            (1000, 0, None),
        ] {
            assert_eq!(expiry(at(now), ttl, at(not_after)), expected.map(at), "{now} {not_after}");
        }
        assert_eq!(expiry(at(0), Duration::from_millis(999), at(NEVER)), None);
    }
}
