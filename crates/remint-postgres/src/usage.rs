use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use remint_core::{
    Day, KeyId, Page, TenantId, Unavailable, UsageBatch, UsageCount, UsageFilter, UsageKey, UsageRow, UsageStore,
};
use sqlx::postgres::PgRow;
use sqlx::{QueryBuilder, Row};

use crate::statement::sql;
use crate::{Postgres, row};

#[async_trait]
impl UsageStore for Postgres {
    async fn add_usage(&self, batch: &UsageBatch) -> Result<(), Unavailable> {
        let sums: Vec<_> = sums(&batch.rows).into_iter().collect();
        let add = self.write(|| async {
            let mut transaction = self.begin().await?;
            let at = row::integer(batch.at);
            let query = sql(BATCH).bind(batch.id).bind(at).bind(at.saturating_sub(KEPT.as_millis() as i64));
            if query.execute(&mut *transaction).await?.rows_affected() == 0 {
                return Ok(());
            }
            sql(ADD)
                .bind(sums.iter().map(|(key, _)| i64::from(key.day.0)).collect::<Vec<_>>())
                .bind(sums.iter().map(|(key, _)| key.subject.as_str()).collect::<Vec<_>>())
                .bind(sums.iter().map(|(key, _)| text(key.tenant.as_ref())).collect::<Vec<_>>())
                .bind(sums.iter().map(|(key, _)| text(key.key.as_ref())).collect::<Vec<_>>())
                .bind(sums.iter().map(|(key, _)| key.environment.as_str()).collect::<Vec<_>>())
                .bind(sums.iter().map(|(_, count)| integer(count.requests)).collect::<Vec<_>>())
                .bind(sums.iter().map(|(_, count)| integer(count.units)).collect::<Vec<_>>())
                .execute(&mut *transaction)
                .await?;
            Ok(transaction.commit().await?)
        });
        Ok(add.await?)
    }

    async fn usage(&self, filter: &UsageFilter, page: Page<UsageKey>) -> Result<Vec<UsageRow>, Unavailable> {
        let read = self.read(|| async {
            let rows = self.rows(select(filter, &page).build().persistent(false)).await?;
            Ok(rows.iter().map(usage_row).collect::<Result<_, _>>()?)
        });
        Ok(read.await?)
    }
}

/// One row for each key, in order: whoever adds to the same at the same time then waits and does
/// not stand in the way.
fn sums(rows: &[UsageRow]) -> BTreeMap<&UsageKey, UsageCount> {
    let mut sums = BTreeMap::new();
    for UsageRow { key, count } in rows {
        let sum: &mut UsageCount = sums.entry(key).or_default();
        sum.requests = sum.requests.saturating_add(count.requests);
        sum.units = sum.units.saturating_add(count.units);
    }
    sums
}

fn select<'a>(filter: &'a UsageFilter, page: &'a Page<UsageKey>) -> QueryBuilder<sqlx::Postgres> {
    let mut query = QueryBuilder::new(
        "SELECT day, subject, tenant, api_key, environment, requests, units FROM remint.usage WHERE true",
    );
    if let Some(subject) = &filter.subject {
        query.push(" AND subject = ").push_bind(subject.to_string());
    }
    if let Some(tenant) = &filter.tenant {
        query.push(" AND tenant = ").push_bind(tenant.to_string());
    }
    if let Some(Day(from)) = filter.from {
        query.push(" AND day >= ").push_bind(i64::from(from));
    }
    if let Some(Day(to)) = filter.to {
        query.push(" AND day <= ").push_bind(i64::from(to));
    }
    if let Some(after) = &page.after {
        query.push(" AND (day, subject, tenant, api_key, environment) > (").push_bind(i64::from(after.day.0));
        query.push(", ").push_bind(after.subject.to_string());
        query.push(", ").push_bind(text(after.tenant.as_ref()).to_owned());
        query.push(", ").push_bind(text(after.key.as_ref()).to_owned());
        query.push(", ").push_bind(after.environment.as_str()).push(")");
    }
    query.push(" ORDER BY day, subject, tenant, api_key, environment LIMIT ").push_bind(row::limit(page.limit));
    query
}

fn usage_row(row: &PgRow) -> Result<UsageRow, sqlx::Error> {
    let key = UsageKey {
        day: Day(u32::try_from(row.try_get::<i64, _>(0)?).map_err(row::undecodable)?),
        subject: row::parsed(row, 1)?,
        tenant: name(row.try_get(2)?).map(TenantId::new).transpose().map_err(row::undecodable)?,
        key: name(row.try_get(3)?).map(KeyId::new).transpose().map_err(row::undecodable)?,
        environment: row::parsed(row, 4)?,
    };
    Ok(UsageRow { key, count: UsageCount { requests: count(row, 5)?, units: count(row, 6)? } })
}

/// The text that stands for a name, or for none.
fn text<T: AsRef<str>>(name: Option<&T>) -> &str {
    name.map_or("", AsRef::as_ref)
}

fn name(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn count(row: &PgRow, column: usize) -> Result<u64, sqlx::Error> {
    u64::try_from(row.try_get::<i64, _>(column)?).map_err(row::undecodable)
}

/// Old rows of others go on the way, a few at a time.
const BATCH: &str = "
    WITH old AS (
        DELETE FROM remint.usage_batches WHERE id IN (
            SELECT id FROM remint.usage_batches WHERE at < $3 AND id <> $1 ORDER BY at LIMIT 8 FOR UPDATE SKIP LOCKED
        )
    )
    INSERT INTO remint.usage_batches (id, at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";

const ADD: &str = "
    INSERT INTO remint.usage AS kept (day, subject, tenant, api_key, environment, requests, units)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[])
    ON CONFLICT (day, subject, tenant, api_key, environment) DO UPDATE
    SET requests = least(kept.requests::numeric + excluded.requests, 9223372036854775807),
        units = least(kept.units::numeric + excluded.units, 9223372036854775807)";

/// How long the id of a batch is kept: twice what the contract asks for, since clocks differ.
const KEPT: Duration = Duration::from_secs(2 * 24 * 3600);
