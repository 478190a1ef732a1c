use remint_core::{IdempotencyRecord, StoreError};
use sqlx::Row;
use sqlx::postgres::PgConnection;

use crate::failed::Failed;
use crate::row;
use crate::statement::sql;

/// Keeps the request's idempotency key, or says what became of the request that had it before. It
/// waits for a transaction that holds the same key.
pub(crate) async fn keep(
    connection: &mut PgConnection,
    once: Option<&IdempotencyRecord>,
    resource: Option<&str>,
) -> Result<(), Failed> {
    let (Some(once), Some(resource)) = (once, resource) else { return Ok(()) };
    let at = row::integer(once.at);
    let kept = sql(KEEP)
        .bind(once.key)
        .bind(once.request)
        .bind(resource)
        .bind(at)
        .bind(at.saturating_sub(KEPT))
        .execute(&mut *connection)
        .await?;
    if kept.rows_affected() > 0 {
        return Ok(());
    }
    // The statement above has locked the row: it is there.
    let before = sql("SELECT request, resource FROM remint.once WHERE key = $1")
        .bind(once.key)
        .fetch_one(&mut *connection)
        .await?;
    if before.try_get::<&[u8], _>(0)? == once.request {
        Err(StoreError::Replayed { resource: before.try_get(1)? }.into())
    } else {
        Err(StoreError::IdempotencyKeyReused.into())
    }
}

/// Old rows of others go on the way, a few at a time.
const KEEP: &str = "
    WITH old AS (
        DELETE FROM remint.once WHERE key IN (
            SELECT key FROM remint.once WHERE at <= $5 AND key <> $1 ORDER BY at LIMIT 8 FOR UPDATE SKIP LOCKED
        )
    )
    INSERT INTO remint.once AS kept (key, request, resource, at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (key) DO UPDATE
    SET request = excluded.request, resource = excluded.resource, at = excluded.at
    WHERE kept.at <= $5";

const KEPT: i64 = IdempotencyRecord::KEPT.as_millis() as i64;
