use std::collections::HashMap;

use remint_core::{UsageCount, UsageKey, UsageRow};

/// Counts added up by names.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    counts: HashMap<UsageKey, UsageCount>,
    /// Requests for which there was no room.
    lost: u64,
}

impl Ledger {
    /// How many rows it holds at most.
    pub(crate) const CAPACITY: usize = 131_072;

    /// Adds a count, if its row is there or there is room for one.
    pub(crate) fn add(&mut self, key: &UsageKey, count: UsageCount) {
        if self.counts.len() < Self::CAPACITY || self.counts.contains_key(key) {
            self.merge(key, count);
        } else {
            self.lost = self.lost.saturating_add(count.requests);
            metrics::counter!("remint_usage_dropped_total").increment(count.requests);
        }
    }

    /// Adds a count in any case.
    pub(crate) fn merge(&mut self, key: &UsageKey, count: UsageCount) {
        if count == UsageCount::default() {
            return;
        }
        let Some(sum) = self.counts.get_mut(key) else {
            self.counts.insert(key.clone(), count);
            return;
        };
        sum.requests = sum.requests.saturating_add(count.requests);
        sum.units = sum.units.saturating_add(count.units);
    }

    /// The rows, in the order of their keys, so that transactions of several processes do not wait
    /// for each other crosswise.
    pub(crate) fn into_rows(self) -> Vec<UsageRow> {
        if self.lost > 0 {
            tracing::error!(target: "remint", requests = self.lost, "usage was lost: too many rows in one interval");
        }
        let mut rows: Vec<_> = self.counts.into_iter().map(|(key, count)| UsageRow { key, count }).collect();
        rows.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        rows
    }
}

#[cfg(test)]
mod tests {
    use remint_core::{Day, Environment, Subject};

    use super::*;

    fn key(number: usize) -> UsageKey {
        let subject = Subject::new(format!("user-{number}")).unwrap();
        UsageKey { day: Day(1), subject, tenant: None, key: None, environment: Environment::Live }
    }

    #[test]
    fn the_ledger_is_bounded_and_who_stands_in_it_still_counts() {
        let mut ledger = Ledger::default();
        let one = UsageCount { requests: 1, units: 1 };
        (0..Ledger::CAPACITY + 10).for_each(|number| ledger.add(&key(number), one));
        ledger.add(&key(0), one);
        assert_eq!(ledger.counts.len(), Ledger::CAPACITY);
        assert_eq!(ledger.counts[&key(0)].requests, 2);
        assert_eq!(ledger.lost, 10);
    }

    #[test]
    fn rows_come_in_the_order_of_their_keys() {
        let mut ledger = Ledger::default();
        (0..100).rev().for_each(|number| ledger.add(&key(number), UsageCount { requests: 1, units: 1 }));
        let keys: Vec<_> = ledger.into_rows().into_iter().map(|row| row.key).collect();
        assert_eq!(keys.len(), 100);
        assert!(keys.is_sorted());
    }

    #[test]
    fn sums_saturate() {
        let mut ledger = Ledger::default();
        let most = UsageCount { requests: u64::MAX, units: u64::MAX };
        ledger.add(&key(0), most);
        ledger.add(&key(0), most);
        assert_eq!(ledger.into_rows()[0].count, most);
    }
}
