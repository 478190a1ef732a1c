use remint_core::{IdempotencyRecord, StoreError, Unavailable};
use sqlx::Row;

use crate::change::Change;
use crate::columns::{integer, signed};
use crate::sqlite::unavailable;

impl Change {
    /// Checks that a request was not carried out before, and keeps that it is now.
    pub(crate) async fn once(&mut self, once: Option<&IdempotencyRecord>, resource: &str) -> Result<(), StoreError> {
        let Some(once) = once else { return Ok(()) };
        let forgotten = integer(once.at) - signed(KEPT_MILLIS);
        let row = sqlx::query(BEFORE)
            .bind(&once.key[..])
            .bind(forgotten)
            .fetch_optional(self.connection())
            .await
            .map_err(unavailable)?;
        if let Some(row) = row {
            let request: &[u8] = row.try_get(0).map_err(unavailable)?;
            let resource = row.try_get(1).map_err(unavailable)?;
            return Err(if request == once.request {
                StoreError::Replayed { resource }
            } else {
                StoreError::IdempotencyKeyReused
            });
        }
        self.keep(once, resource).await?;
        sqlx::query(PRUNE).bind(forgotten).execute(self.connection()).await.map_err(unavailable)?;
        Ok(())
    }

    async fn keep(&mut self, once: &IdempotencyRecord, resource: &str) -> Result<(), Unavailable> {
        sqlx::query(KEEP)
            .bind(&once.key[..])
            .bind(&once.request[..])
            .bind(resource)
            .bind(integer(once.at))
            .execute(self.connection())
            .await
            .map(|_done| ())
            .map_err(unavailable)
    }
}

const BEFORE: &str = "SELECT request, resource FROM once WHERE key = ? AND at > ?";

const KEEP: &str = "INSERT OR REPLACE INTO once (key, request, resource, at) VALUES (?, ?, ?, ?)";

/// A few at a time, so that nobody waits for the sweep of a busy day.
const PRUNE: &str = "DELETE FROM once WHERE key IN (SELECT key FROM once WHERE at <= ? ORDER BY at LIMIT 16)";

const KEPT_MILLIS: u64 = IdempotencyRecord::KEPT.as_secs() * 1000;
