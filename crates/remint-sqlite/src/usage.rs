use std::time::Duration;

use async_trait::async_trait;
use remint_core::{Day, Page, Unavailable, UsageBatch, UsageCount, UsageFilter, UsageKey, UsageRow, UsageStore};
use sqlx::sqlite::SqliteRow;

use crate::Sqlite;
use crate::change::Change;
use crate::columns::{Columns, integer, limit, signed, unreadable};
use crate::sqlite::unavailable;

#[async_trait]
impl UsageStore for Sqlite {
    async fn add_usage(&self, batch: &UsageBatch) -> Result<(), Unavailable> {
        let mut change = Change::begin(self).await?;
        if !change.is_new(batch).await? {
            return Ok(());
        }
        for row in &batch.rows {
            change.add(row).await?;
        }
        change.commit(&[]).await
    }

    async fn usage(&self, filter: &UsageFilter, page: Page<UsageKey>) -> Result<Vec<UsageRow>, Unavailable> {
        let from = filter.from.unwrap_or_default();
        let (tenant, subject) = (text(filter.tenant.as_ref()), text(filter.subject.as_ref()));
        let query = match (subject, tenant) {
            (None, None) => sqlx::query(USAGE),
            (None, Some(_)) => sqlx::query(USAGE_OF_TENANT),
            (Some(_), _) => sqlx::query(USAGE_OF_SUBJECT),
        };
        // The later of the two beginnings. An empty text is less than all there are.
        let query = match page.after.as_ref().filter(|after| after.day >= from) {
            Some(UsageKey { day, subject, tenant, key, environment }) => query
                .bind(day.0)
                .bind(subject.as_str())
                .bind(text(tenant.as_ref()).unwrap_or_default())
                .bind(text(key.as_ref()).unwrap_or_default())
                .bind(environment.as_str()),
            None => query.bind(from.0).bind("").bind("").bind("").bind(""),
        };
        let rows = query
            .bind(filter.to.unwrap_or(Day(u32::MAX)).0)
            .bind(limit(page.limit))
            .bind(tenant)
            .bind(subject)
            .fetch_all(self.readers())
            .await
            .map_err(unavailable)?;
        rows.iter().map(row).collect::<Result<_, _>>().map_err(unavailable)
    }
}

impl Change {
    /// Whether this batch was not added before, which is kept; old ones are forgotten in passing.
    async fn is_new(&mut self, batch: &UsageBatch) -> Result<bool, Unavailable> {
        let kept = sqlx::query(KEEP_BATCH)
            .bind(&batch.id[..])
            .bind(integer(batch.at))
            .execute(self.connection())
            .await
            .map_err(unavailable)?;
        let old = batch.at.saturating_sub(BATCHES_KEPT);
        sqlx::query(PRUNE_BATCHES).bind(integer(old)).execute(self.connection()).await.map_err(unavailable)?;
        Ok(kept.rows_affected() > 0)
    }

    async fn add(&mut self, row: &UsageRow) -> Result<(), Unavailable> {
        let UsageRow { key, count } = row;
        sqlx::query(ADD)
            .bind(key.day.0)
            .bind(key.subject.as_str())
            .bind(text(key.tenant.as_ref()).unwrap_or_default())
            .bind(text(key.key.as_ref()).unwrap_or_default())
            .bind(key.environment.as_str())
            .bind(signed(count.requests))
            .bind(signed(count.units))
            .execute(self.connection())
            .await
            .map(|_done| ())
            .map_err(unavailable)
    }
}

fn text<T: AsRef<str>>(name: Option<&T>) -> Option<&str> {
    name.map(AsRef::as_ref)
}

fn row(row: &SqliteRow) -> Result<UsageRow, sqlx::Error> {
    let mut columns = Columns::of(row);
    let key = UsageKey {
        day: Day(u32::try_from(columns.number()?).map_err(unreadable)?),
        subject: columns.parsed()?,
        tenant: columns.parsed_unless_empty()?,
        key: columns.parsed_unless_empty()?,
        environment: columns.parsed()?,
    };
    Ok(UsageRow { key, count: UsageCount { requests: columns.number()?, units: columns.number()? } })
}

const KEEP_BATCH: &str = "INSERT INTO usage_batches (id, at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING";

const PRUNE_BATCHES: &str =
    "DELETE FROM usage_batches WHERE id IN (SELECT id FROM usage_batches WHERE at < ? ORDER BY at LIMIT 16)";

/// The sum of two integers that does not fit would be a float.
const ADD: &str = "INSERT INTO usage (day, subject, tenant, api_key, environment, requests, units) \
                   VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (day, subject, tenant, api_key, environment) DO UPDATE SET \
                   requests = requests + min(excluded.requests, 9223372036854775807 - requests), \
                   units = units + min(excluded.units, 9223372036854775807 - units)";

macro_rules! select_usage {
    ($restriction:literal) => {
        concat!(
            "SELECT day, subject, tenant, api_key, environment, requests, units FROM usage WHERE ",
            $restriction,
            "(day, subject, tenant, api_key, environment) > (?1, ?2, ?3, ?4, ?5) AND day <= ?6 \
             ORDER BY day, subject, tenant, api_key, environment LIMIT ?7"
        )
    };
}

pub(crate) const USAGE: &str = select_usage!("?8 IS NULL AND ?9 IS NULL AND ");

pub(crate) const USAGE_OF_TENANT: &str = select_usage!("tenant = ?8 AND ?9 IS NULL AND ");

pub(crate) const USAGE_OF_SUBJECT: &str = select_usage!("subject = ?9 AND (?8 IS NULL OR tenant = ?8) AND ");

/// A batch is sent again within seconds.
const BATCHES_KEPT: Duration = Duration::from_secs(3 * 24 * 3600);
