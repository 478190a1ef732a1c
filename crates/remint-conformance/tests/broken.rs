//! A deliberately broken log and tier for each case of their suites: each case can fail.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use remint_conformance::{ManualClock, revocation_log, shared_tier};
use remint_core::{
    Clock, Cursor, LogId, LoggedRevocation, Page, Position, Reading, Retention, Revocation, RevocationLog,
    RevocationWriter, RowId, SharedKey, SharedTier, Stamp, Target, Timestamp, Unavailable,
};
use remint_revocation::MemoryLog;

#[derive(Debug, Clone, Copy, PartialEq)]
enum LogFault {
    None,
    NewestFirst,
    RepeatsTheHead,
    IgnoresTheLimit,
    AnswersForAnyLog,
    ComparesNoRow,
    AnswersBeyondTheHead,
    KeepsOnePageOnly,
    FindsTheFirst,
    KeepsItsId,
    ForgetsTooMuch,
    LosesEverySecond,
}

#[derive(Debug)]
struct Log(LogFault, MemoryLog);

impl Log {
    fn new(fault: LogFault) -> Self {
        Self(fault, MemoryLog::new(1000).unwrap())
    }

    async fn row_at(&self, position: Position) -> Option<LoggedRevocation> {
        let log = self.1.head().await.unwrap().log;
        let rows = self.1.kept(&log, Page::all()).await.unwrap().unwrap();
        rows.into_iter().find(|row| row.position == position)
    }
}

#[async_trait]
impl RevocationLog for Log {
    async fn head(&self) -> Result<Cursor, Unavailable> {
        self.1.head().await
    }

    async fn read_after(&self, cursor: &Cursor, limit: usize) -> Result<Reading, Unavailable> {
        let mut cursor = cursor.clone();
        let head = self.1.head().await?;
        match self.0 {
            LogFault::AnswersForAnyLog => cursor.log = head.log,
            LogFault::AnswersBeyondTheHead if cursor.position > head.position => cursor = head,
            LogFault::ComparesNoRow if cursor.position <= head.position => {
                cursor.row = self.row_at(cursor.position).await.map_or(RowId::NONE, |row| row.id);
            }
            LogFault::RepeatsTheHead if cursor == head => {
                let last = self.row_at(head.position).await;
                return Ok(Reading::Rows(last.into_iter().collect()));
            }
            _ => {}
        }
        let limit = if self.0 == LogFault::IgnoresTheLimit { usize::MAX } else { limit };
        let reading = self.1.read_after(&cursor, limit).await?;
        Ok(match reading {
            Reading::Rows(mut rows) if self.0 == LogFault::NewestFirst => {
                rows.reverse();
                Reading::Rows(rows)
            }
            reading => reading,
        })
    }

    async fn kept(&self, log: &LogId, page: Page<Position>) -> Result<Option<Vec<LoggedRevocation>>, Unavailable> {
        let again = self.0 == LogFault::KeepsOnePageOnly && page.after.is_some();
        Ok(self.1.kept(log, page).await?.map(|rows| if again { Vec::new() } else { rows }))
    }

    async fn latest(&self, targets: &[Target]) -> Result<Vec<LoggedRevocation>, Unavailable> {
        let mut found = self.1.latest(targets).await?;
        if self.0 == LogFault::FindsTheFirst {
            for row in &mut found {
                row.position = Position(1);
            }
        }
        Ok(found)
    }

    fn pause(&self) -> Duration {
        self.1.pause()
    }
}

#[async_trait]
impl RevocationWriter for Log {
    async fn append(&self, rows: &[Revocation]) -> Result<Stamp, Unavailable> {
        let kept = rows.iter().filter(|row| self.0 != LogFault::LosesEverySecond || row.at.as_secs().is_multiple_of(2));
        self.1.append(&kept.cloned().collect::<Vec<_>>()).await
    }

    async fn renew(&self, log: &LogId) -> Result<(), Unavailable> {
        if self.0 == LogFault::KeepsItsId { Ok(()) } else { self.1.renew(log).await }
    }

    async fn forget(&self, retention: Retention, limit: usize) -> Result<usize, Unavailable> {
        let none = Retention { held: Duration::ZERO, external: Duration::ZERO };
        self.1.forget(if self.0 == LogFault::ForgetsTooMuch { none } else { retention }, limit).await
    }
}

/// Whether this case refutes a log with this fault, and lets one without pass.
macro_rules! log_case {
    ($case:ident, $fault:expr) => {
        #[tokio::test]
        async fn $case() {
            revocation_log::$case(Log::new(LogFault::None)).await;
            let broken = tokio::spawn(revocation_log::$case(Log::new($fault)));
            assert!(broken.await.is_err(), "it passed a log that {:?}", $fault);
        }
    };
}

log_case!(positions_grow_by_one_and_rows_come_back_in_order, LogFault::NewestFirst);
log_case!(reading_at_the_head_is_empty, LogFault::RepeatsTheHead);
log_case!(a_limit_is_kept_and_reading_goes_on, LogFault::IgnoresTheLimit);
log_case!(another_log_is_a_gap, LogFault::AnswersForAnyLog);
log_case!(another_row_at_the_cursor_is_rewritten_history, LogFault::ComparesNoRow);
log_case!(a_place_beyond_the_head_is_rewritten_history, LogFault::AnswersBeyondTheHead);
log_case!(what_is_kept_comes_in_pages, LogFault::KeepsOnePageOnly);
log_case!(the_latest_row_that_ended_a_target_is_found, LogFault::FindsTheFirst);
log_case!(a_renewed_log_has_another_id_and_its_rows, LogFault::KeepsItsId);
log_case!(what_is_forgotten_leaves_a_gap_and_nothing_else_goes, LogFault::ForgetsTooMuch);
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
