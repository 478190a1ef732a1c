use async_trait::async_trait;
use remint_core::{KeyId, LastUsedStore, Timestamp, Unavailable};

use crate::Sqlite;
use crate::change::Change;
use crate::columns::integer;
use crate::sqlite::unavailable;

#[async_trait]
impl LastUsedStore for Sqlite {
    async fn record_last_used(&self, batch: &[(KeyId, Timestamp)]) -> Result<(), Unavailable> {
        // One transaction: one `fsync` for the batch.
        let mut change = Change::begin(self).await?;
        for (id, at) in batch {
            sqlx::query(RECORD)
                .bind(integer(*at))
                .bind(id.as_str())
                .execute(change.connection())
                .await
                .map_err(unavailable)?;
        }
        change.commit(&[]).await
    }
}

pub(crate) const RECORD: &str = "UPDATE api_keys SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?";
