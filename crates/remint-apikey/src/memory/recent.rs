use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use remint_core::Timestamp;

/// What happened less than a while ago. What is older is dropped when room is needed.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    rows: HashMap<K, (Timestamp, V)>,
    kept: Duration,
    sweep_at: usize,
}

impl<K: Eq + Hash, V> Recent<K, V> {
    pub(super) fn new(kept: Duration) -> Self {
        Self { rows: HashMap::new(), kept, sweep_at: FIRST_SWEEP }
    }

    pub(super) fn get(&self, key: &K, now: Timestamp) -> Option<&V> {
        self.rows.get(key).filter(|(at, _)| now.saturating_duration_since(*at) < self.kept).map(|(_, value)| value)
    }

    pub(super) fn insert(&mut self, key: K, value: V, now: Timestamp) {
        if self.rows.len() >= self.sweep_at {
            self.rows.retain(|_, (at, _)| now.saturating_duration_since(*at) < self.kept);
            self.sweep_at = FIRST_SWEEP.max(self.rows.len().saturating_mul(2));
        }
        self.rows.insert(key, (now, value));
    }
}

const FIRST_SWEEP: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_old_makes_room() {
        let mut recent = Recent::new(Duration::from_secs(60));
        for second in 0..100_000 {
            recent.insert(second, (), Timestamp::from_secs(second));
            assert!(recent.rows.len() <= FIRST_SWEEP);
            assert!(recent.get(&second.saturating_sub(59), Timestamp::from_secs(second)).is_some());
        }
    }
}
