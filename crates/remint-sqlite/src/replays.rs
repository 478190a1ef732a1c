use std::time::Duration;

use async_trait::async_trait;
use remint_core::{ReplayKey, ReplayStore, Timestamp, Unavailable};

use crate::Sqlite;
use crate::change::Change;
use crate::columns::integer;
use crate::sqlite::unavailable;

/// A use is remembered for five minutes beyond its end: the clocks of those who share the file may
/// differ by as much.
#[async_trait]
impl ReplayStore for Sqlite {
    async fn first_use(&self, key: ReplayKey, now: Timestamp, until: Timestamp) -> Result<bool, Unavailable> {
        let forgotten = integer(now.saturating_sub(AHEAD));
        let mut change = Change::begin(self).await?;
        let used = sqlx::query(USE)
            .bind(&key.0[..])
            .bind(integer(until))
            .bind(forgotten)
            .execute(change.connection())
            .await
            .map_err(unavailable)?;
        if self.turn().is_due() {
            sqlx::query(PRUNE).bind(forgotten).execute(change.connection()).await.map_err(unavailable)?;
        }
        change.commit(&[]).await?;
        Ok(used.rows_affected() > 0)
    }
}

pub(crate) const USE: &str = "INSERT INTO replays (key, until) VALUES (?1, ?2) \
                              ON CONFLICT (key) DO UPDATE SET until = excluded.until WHERE replays.until <= ?3";

/// Twice as many as came since, so that what has ended does not pile up.
pub(crate) const PRUNE: &str =
    "DELETE FROM replays WHERE key IN (SELECT key FROM replays WHERE until <= ? ORDER BY until LIMIT 64)";

/// By how much clocks may differ.
const AHEAD: Duration = Duration::from_secs(300);
