//! A deliberately broken log and tier for each case of their suites: each case can fail.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use remint_conformance::{ManualClock, revocation_log, shared_tier};
use remint_core::{
    Clock, LogId, LoggedRevocation, Position, Revocation, RevocationLog, SharedKey, SharedTier, Stamp, Timestamp,
    Unavailable,
};

#[derive(Debug, Clone, Copy, PartialEq)]
enum LogFault {
    None,
    NewestFirst,
    RepeatsTheHead,
    IgnoresTheLimit,
    AnswersForAnyLog,
    LosesEverySecond,
}

#[derive(Debug)]
struct Log(LogFault, Mutex<Vec<Revocation>>);

#[async_trait]
impl RevocationLog for Log {
    async fn head(&self) -> Result<Stamp, Unavailable> {
        let position = Position(self.1.lock().unwrap().len() as u64);
        Ok(Stamp { log: LogId::new("log").unwrap(), position })
    }

    async fn append(&self, revocation: &Revocation) -> Result<Position, Unavailable> {
        let mut rows = self.1.lock().unwrap();
        let lost = self.0 == LogFault::LosesEverySecond && revocation.at.as_secs() % 2 == 1;
        if !lost {
            rows.push(revocation.clone());
        }
        Ok(Position(rows.len() as u64))
    }

    async fn read_after(&self, stamp: &Stamp, limit: usize) -> Result<Option<Vec<LoggedRevocation>>, Unavailable> {
        let rows = self.1.lock().unwrap();
        let unknown = stamp.log.as_str() != "log" || stamp.position.0 > rows.len() as u64;
        if unknown && self.0 != LogFault::AnswersForAnyLog {
            return Ok(None);
        }
        let back = u64::from(self.0 == LogFault::RepeatsTheHead);
        let skip = usize::try_from(stamp.position.0.saturating_sub(back)).unwrap();
        let limit = if self.0 == LogFault::IgnoresTheLimit { usize::MAX } else { limit };
        let row = |(index, revocation): (usize, &Revocation)| LoggedRevocation {
            position: Position(index as u64 + 1),
            revocation: revocation.clone(),
        };
        let mut read: Vec<_> = rows.iter().enumerate().skip(skip).take(limit).map(row).collect();
        if self.0 == LogFault::NewestFirst {
            read.reverse();
        }
        Ok(Some(read))
    }
}

/// Whether this case refutes a log with this fault, and lets one without pass.
macro_rules! log_case {
    ($case:ident, $fault:expr) => {
        #[tokio::test]
        async fn $case() {
            revocation_log::$case(Log(LogFault::None, Mutex::default())).await;
            let broken = tokio::spawn(revocation_log::$case(Log($fault, Mutex::default())));
            assert!(broken.await.is_err(), "it passed a log that {:?}", $fault);
        }
    };
}

log_case!(positions_grow_and_rows_come_back_in_order, LogFault::NewestFirst);
log_case!(reading_at_the_head_is_empty, LogFault::RepeatsTheHead);
log_case!(a_limit_is_kept_and_reading_goes_on, LogFault::IgnoresTheLimit);
log_case!(another_log_cannot_answer, LogFault::AnswersForAnyLog);
log_case!(concurrent_appends_lose_nothing, LogFault::LosesEverySecond);

#[derive(Debug, Clone, Copy, PartialEq)]
enum TierFault {
    None,
    Truncates,
    InventsAValue,
    NeverForgets,
    KeepsTheFirst,
    RemovesNothing,
}

#[derive(Debug)]
struct Tier(TierFault, ManualClock, Mutex<HashMap<SharedKey, (Vec<u8>, Timestamp)>>);

#[async_trait]
impl SharedTier for Tier {
    async fn get(&self, key: &SharedKey) -> Result<Option<Vec<u8>>, Unavailable> {
        let values = self.2.lock().unwrap();
        let Some((value, until)) = values.get(key) else {
            return Ok((self.0 == TierFault::InventsAValue).then(Vec::new));
        };
        let length = if self.0 == TierFault::Truncates { value.len() / 2 } else { value.len() };
        let live = self.1.now() < *until || self.0 == TierFault::NeverForgets;
        Ok(live.then(|| value.iter().copied().take(length).collect()))
    }

    async fn put(&self, key: &SharedKey, value: Vec<u8>, ttl: Duration) -> Result<(), Unavailable> {
        let mut values = self.2.lock().unwrap();
        if self.0 != TierFault::KeepsTheFirst || !values.contains_key(key) {
            values.insert(*key, (value, self.1.now().saturating_add(ttl)));
        }
        Ok(())
    }

    async fn remove(&self, key: &SharedKey) -> Result<(), Unavailable> {
        if self.0 != TierFault::RemovesNothing {
            self.2.lock().unwrap().remove(key);
        }
        Ok(())
    }
}

/// Whether this case refutes a tier with this fault, and lets one without pass.
macro_rules! tier_case {
    ($case:ident, $fault:expr) => {
        #[tokio::test]
        async fn $case() {
            let tier = |fault, clock: &ManualClock| Tier(fault, clock.clone(), Mutex::default());
            let clock = ManualClock::default();
            shared_tier::$case(tier(TierFault::None, &clock), clock.clone()).await;
            let broken = tokio::spawn(shared_tier::$case(tier($fault, &clock), clock));
            assert!(broken.await.is_err(), "it passed a tier that {:?}", $fault);
        }
    };
}

tier_case!(what_was_put_comes_back_whole, TierFault::Truncates);
tier_case!(absence_is_none, TierFault::InventsAValue);
tier_case!(a_value_is_gone_when_its_time_is_over, TierFault::NeverForgets);
tier_case!(the_last_put_wins, TierFault::KeepsTheFirst);
tier_case!(removing_is_idempotent, TierFault::RemovesNothing);
