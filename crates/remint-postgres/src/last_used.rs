use std::collections::BTreeMap;

use async_trait::async_trait;
use remint_core::{KeyId, LastUsedStore, Timestamp, Unavailable};

use crate::statement::sql;
use crate::{Postgres, row};

#[async_trait]
impl LastUsedStore for Postgres {
    async fn record_last_used(&self, batch: &[(KeyId, Timestamp)]) -> Result<(), Unavailable> {
        let mut latest = BTreeMap::new();
        for (id, at) in batch {
            let kept = latest.entry(id.as_str()).or_insert(0);
            *kept = row::integer(*at).max(*kept);
        }
        let (ids, moments): (Vec<_>, Vec<_>) = latest.into_iter().unzip();
        let record = self.write(|| async {
            let mut transaction = self.begin().await?;
            // Locked in one order, whatever the batch, or two batches could wait for each other.
            sql(LOCK).bind(&ids).execute(&mut *transaction).await?;
            sql(RECORD).bind(&ids).bind(&moments).execute(&mut *transaction).await?;
            Ok(transaction.commit().await?)
        });
        Ok(record.await?)
    }
}

const LOCK: &str = "SELECT FROM remint.api_keys WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE";

const RECORD: &str = "
    UPDATE remint.api_keys k SET last_used_at = used.at
    FROM unnest($1::text[], $2::bigint[]) AS used (id, at)
    WHERE k.id = used.id AND (k.last_used_at IS NULL OR k.last_used_at < used.at)";
