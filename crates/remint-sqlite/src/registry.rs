use std::sync::Arc;

use async_trait::async_trait;
use remint_core::{Dependencies, RevocationWriter, StoreOrigin, StoreRecord, StoreRegistry, Timestamp, Unavailable};

use crate::Sqlite;
use crate::columns::{Columns, integer, json, signed};
use crate::sqlite::unavailable;

#[async_trait]
impl StoreRegistry for Sqlite {
    fn origin(&self) -> StoreOrigin {
        self.opened().clone()
    }

    fn log(&self) -> Option<Arc<dyn RevocationWriter>> {
        Some(Arc::new(self.clone()))
    }

    async fn record(&self) -> Result<StoreRecord, Unavailable> {
        let row = sqlx::query(RECORD).fetch_one(self.readers()).await.map_err(unavailable)?;
        let mut columns = Columns::of(&row);
        let mut read =
            || Ok(StoreRecord { id: columns.parsed()?, revision: columns.number()?, depends_on: columns.json()? });
        read().map_err(unavailable)
    }

    async fn set_dependencies(&self, revision: u64, depends_on: &Dependencies) -> Result<bool, Unavailable> {
        let depends_on = json(depends_on).map_err(unavailable)?;
        let query = sqlx::query(SET_DEPENDENCIES).bind(depends_on).bind(signed(revision));
        Ok(query.execute(self.writer()).await.map_err(unavailable)?.rows_affected() > 0)
    }

    async fn live_schemes(&self, prefix: &str, now: Timestamp) -> Result<Vec<Box<str>>, Unavailable> {
        let query = sqlx::query_scalar::<_, String>(LIVE_SCHEMES).bind(prefix).bind(integer(now));
        let schemes = query.fetch_all(self.readers()).await.map_err(unavailable)?;
        Ok(schemes.into_iter().map(Into::into).collect())
    }
}

pub(crate) const RECORD: &str = "SELECT id, revision, depends_on FROM store WHERE one = 1";

pub(crate) const SET_DEPENDENCIES: &str =
    "UPDATE store SET depends_on = ?1, revision = revision + 1 WHERE one = 1 AND revision = ?2";

/// From scheme to scheme by the index, and one look at the key of each that ends last.
pub(crate) const LIVE_SCHEMES: &str = "
    WITH RECURSIVE named (scheme) AS (
        SELECT min(scheme) FROM api_keys WHERE revoked_at IS NULL AND scheme >= ?1
        UNION ALL
        SELECT (SELECT min(k.scheme) FROM api_keys k WHERE k.revoked_at IS NULL AND k.scheme > n.scheme)
        FROM named n
        WHERE substr(CAST(n.scheme AS BLOB), 1, length(CAST(?1 AS BLOB))) = CAST(?1 AS BLOB)
    )
    SELECT n.scheme FROM named n
    WHERE substr(CAST(n.scheme AS BLOB), 1, length(CAST(?1 AS BLOB))) = CAST(?1 AS BLOB)
    AND EXISTS (
        SELECT 1 FROM api_keys k
        WHERE k.revoked_at IS NULL AND k.scheme = n.scheme AND coalesce(k.expires_at, 9223372036854775807) > ?2
    )";
