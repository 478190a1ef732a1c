use std::time::Duration;

use remint_core::Timestamp;
use remint_jwt::Algorithm;

use crate::ring_key::RingKey;

/// When keys come and go.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    pub(crate) algorithm: Algorithm,
    pub(crate) ttl: Duration,
    pub(crate) publish_ahead: Duration,
    /// What is added to it for other processes with the same keys: until all have read the new one,
    /// and for their clocks.
    pub(crate) margin: Duration,
    pub(crate) rotate_every: Option<Duration>,
}

impl Schedule {
    /// How long before it signs a key is made.
    pub(crate) const fn ahead(&self) -> Duration {
        self.publish_ahead.saturating_add(self.margin)
    }

    /// Until when a key is published whose successor signs from `activation` on: until its last
    /// token has expired, by the slowest of the clocks.
    pub(crate) fn needed_until(&self, activation: Timestamp) -> Timestamp {
        activation.saturating_add(self.ttl).saturating_add(RETIREMENT_MARGIN)
    }

    /// The moment from which a new key is to sign, if there is to be one.
    ///
    /// Without any key: now. Otherwise no earlier than it has been published for long enough, and
    /// not while another one is waiting already.
    pub(crate) fn next_activation(&self, keys: &[RingKey], now: Timestamp, asked_for: bool) -> Option<Timestamp> {
        let Some(newest) = keys.last() else {
            return Some(Timestamp::from_secs(now.as_secs()));
        };
        if newest.activates_at > now {
            return None;
        }
        let earliest = whole_seconds_up(now.saturating_add(self.ahead()));
        let due = self.rotate_every.is_some_and(|every| newest.activates_at.saturating_add(every) <= earliest);
        (asked_for || due || newest.key.algorithm() != self.algorithm).then_some(earliest)
    }
}

/// File names carry whole seconds.
fn whole_seconds_up(at: Timestamp) -> Timestamp {
    Timestamp::from_secs(at.saturating_add(Duration::from_millis(999)).as_secs())
}

/// How far the clocks of two processes with the same keys may be apart.
const RETIREMENT_MARGIN: Duration = Duration::from_secs(60);

/// The margin of a shared folder: a minute in which every process reads it, and a minute by which
/// one clock may be ahead of another.
pub(crate) const SHARED_MARGIN: Duration = Duration::from_secs(120);
