use std::sync::Arc;

use async_trait::async_trait;
use remint_core::{
    Dependencies, RevocationWriter, StoreOrigin, StoreRecord, StoreRegistry, Timestamp, Unavailable, UnavailableKind,
};
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use crate::statement::sql;
use crate::{Postgres, row};

#[async_trait]
impl StoreRegistry for Postgres {
    fn origin(&self) -> StoreOrigin {
        self.opened().clone()
    }

    fn log(&self) -> Option<Arc<dyn RevocationWriter>> {
        Some(Arc::new(self.clone()))
    }

    async fn record(&self) -> Result<StoreRecord, Unavailable> {
        let read = self.read(|| async {
            let row = self.row(sql(RECORD)).await?;
            Ok(record(&row)?)
        });
        Ok(read.await?)
    }

    async fn set_dependencies(&self, revision: u64, depends_on: &Dependencies) -> Result<bool, Unavailable> {
        let revision = i64::try_from(revision).unwrap_or(i64::MAX);
        let depends_on = serde_json::to_string(depends_on)
            .map_err(|error| Unavailable::new(UnavailableKind::Internal).with_source(error))?;
        let change = self.write(|| async {
            let mut transaction = self.begin().await?;
            let query = sql(SET_DEPENDENCIES).bind(&depends_on).bind(revision);
            let done = query.execute(&mut *transaction).await?;
            transaction.commit().await?;
            Ok(done.rows_affected() > 0)
        });
        Ok(change.await?)
    }

    async fn live_schemes(&self, prefix: &str, now: Timestamp) -> Result<Vec<Box<str>>, Unavailable> {
        let read = self.read(|| async {
            let query = sql(LIVE_SCHEMES).bind(prefix).bind(row::integer(now));
            let rows = self.rows(query).await?;
            Ok(rows.iter().map(|row| row.try_get::<String, _>(0).map(Into::into)).collect::<Result<_, _>>()?)
        });
        Ok(read.await?)
    }
}

fn record(row: &PgRow) -> Result<StoreRecord, sqlx::Error> {
    let id: String = row.try_get(0)?;
    let depends_on: &str = row.try_get(2)?;
    Ok(StoreRecord {
        id: id.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
        revision: u64::try_from(row.try_get::<i64, _>(1)?).map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
        depends_on: serde_json::from_str(depends_on).map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
    })
}

const RECORD: &str = "SELECT id, revision, depends_on::text FROM remint.store WHERE one";

const SET_DEPENDENCIES: &str =
    "UPDATE remint.store SET depends_on = $1::json, revision = revision + 1 WHERE one AND revision = $2";

/// From scheme to scheme by the index, and one look at the key of each that ends last.
const LIVE_SCHEMES: &str = "
    WITH RECURSIVE named (scheme) AS (
        (SELECT scheme FROM remint.api_keys WHERE revoked_at IS NULL AND scheme >= $1 ORDER BY scheme LIMIT 1)
        UNION ALL
        SELECT (
            SELECT k.scheme FROM remint.api_keys k WHERE k.revoked_at IS NULL AND k.scheme > n.scheme
            ORDER BY k.scheme LIMIT 1
        )
        FROM named n WHERE starts_with(n.scheme, $1)
    )
    SELECT n.scheme FROM named n
    WHERE starts_with(n.scheme, $1) AND $2 < (
        SELECT coalesce(k.expires_at, 9223372036854775807) FROM remint.api_keys k
        WHERE k.revoked_at IS NULL AND k.scheme = n.scheme
        ORDER BY k.scheme DESC, coalesce(k.expires_at, 9223372036854775807) DESC LIMIT 1
    )";
