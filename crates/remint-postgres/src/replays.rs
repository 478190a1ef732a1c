use std::time::Duration;

use async_trait::async_trait;
use remint_core::{ReplayKey, ReplayStore, Timestamp, Unavailable};

use crate::statement::sql;
use crate::{Postgres, row};

/// A use is remembered for five minutes beyond its end: the nodes' clocks may differ by as much.
#[async_trait]
impl ReplayStore for Postgres {
    async fn first_use(&self, key: ReplayKey, now: Timestamp, until: Timestamp) -> Result<bool, Unavailable> {
        let statement = if self.turn().is_due() { USE_AND_FORGET } else { USE };
        // A call whose answer did not arrive may have been a use, so it is not made again.
        let used = self.write(|| async {
            let query =
                sql(statement).bind(key.0).bind(row::integer(until)).bind(row::integer(now.saturating_sub(AHEAD)));
            Ok(self.execute(query).await? > 0)
        });
        Ok(used.await?)
    }
}

macro_rules! insert {
    () => {
        "INSERT INTO remint.replays AS kept (key, until) VALUES ($1, $2)
         ON CONFLICT (key) DO UPDATE SET until = excluded.until WHERE kept.until <= $3"
    };
}

const USE: &str = insert!();

/// Twice as many as came since, so that what has ended does not pile up; what another node is about
/// to forget is left to it.
const USE_AND_FORGET: &str = concat!(
    "WITH old AS (
         DELETE FROM remint.replays WHERE key IN (
             SELECT key FROM remint.replays WHERE until <= $3 AND key <> $1
             ORDER BY until LIMIT 64 FOR UPDATE SKIP LOCKED
         )
     ) ",
    insert!()
);

/// By how much clocks may differ.
const AHEAD: Duration = Duration::from_secs(300);
