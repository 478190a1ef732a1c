use async_trait::async_trait;
use remint_core::{KeyId, LastUsedStore, Timestamp, Unavailable};

use crate::sqlite::unavailable;
use crate::{Sqlite, row};

#[async_trait]
impl LastUsedStore for Sqlite {
    async fn record_last_used(&self, batch: &[(KeyId, Timestamp)]) -> Result<(), Unavailable> {
        // One transaction: one `fsync` for the batch.
        let mut transaction = self.writer().begin_with("BEGIN IMMEDIATE").await.map_err(unavailable)?;
        for (id, at) in batch {
            sqlx::query("UPDATE api_keys SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?")
                .bind(row::integer(*at))
                .bind(id.as_str())
                .execute(&mut *transaction)
                .await
                .map_err(unavailable)?;
        }
        transaction.commit().await.map_err(unavailable)
    }
}
