use async_trait::async_trait;
use remint_core::{AuditEvent, AuditLog, Page, Unavailable};
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgRow};

use crate::failed::Failed;
use crate::statement::sql;
use crate::{Postgres, row};

#[async_trait]
impl AuditLog for Postgres {
    async fn append(&self, events: &[AuditEvent]) -> Result<(), Unavailable> {
        let append = self.write(|| async {
            let mut transaction = self.begin().await?;
            write(&mut transaction, events).await?;
            Ok(transaction.commit().await?)
        });
        Ok(append.await?)
    }

    async fn events(&self, page: Page<u64>) -> Result<Vec<(u64, AuditEvent)>, Unavailable> {
        let after = page.after.map_or(0, |after| i64::try_from(after).unwrap_or(i64::MAX));
        let read = self.read(|| async {
            let query = sql(EVENTS).bind(after).bind(row::limit(page.limit));
            let rows = self.rows(query).await?;
            Ok(rows.iter().map(event).collect::<Result<_, _>>()?)
        });
        Ok(read.await?)
    }
}

/// Writes events, as the last thing of their transaction: their numbers come in the order in which
/// transactions end, or a reader who goes on from the last number would miss some.
pub(crate) async fn write(connection: &mut PgConnection, events: &[AuditEvent]) -> Result<(), Failed> {
    if events.is_empty() {
        return Ok(());
    }
    sql("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *connection).await?;
    let actors: Vec<String> = events
        .iter()
        .map(|event| serde_json::to_string(&event.actor))
        .collect::<Result<_, _>>()
        .map_err(unencodable)?;
    let details: Vec<String> = events
        .iter()
        .map(|event| serde_json::to_string(&event.detail))
        .collect::<Result<_, _>>()
        .map_err(unencodable)?;
    sql(WRITE)
        .bind(events.iter().map(|event| row::integer(event.at)).collect::<Vec<_>>())
        .bind(events.iter().map(|event| event.action.as_str()).collect::<Vec<_>>())
        .bind(actors)
        .bind(events.iter().map(|event| event.user.as_ref().map(AsRef::as_ref)).collect::<Vec<Option<&str>>>())
        .bind(events.iter().map(|event| event.tenant.as_ref().map(AsRef::as_ref)).collect::<Vec<Option<&str>>>())
        .bind(events.iter().map(|event| event.key.as_ref().map(AsRef::as_ref)).collect::<Vec<Option<&str>>>())
        .bind(details)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

fn event(row: &PgRow) -> Result<(u64, AuditEvent), sqlx::Error> {
    let number = u64::try_from(row.try_get::<i64, _>(0)?).map_err(row::undecodable)?;
    let event = AuditEvent {
        at: row::moment(row.try_get(1)?),
        action: row::parsed(row, 2)?,
        actor: serde_json::from_str(row.try_get(3)?).map_err(row::undecodable)?,
        user: row::parsed_if_any(row, 4)?,
        tenant: row::parsed_if_any(row, 5)?,
        key: row::parsed_if_any(row, 6)?,
        detail: serde_json::from_str(row.try_get(7)?).map_err(row::undecodable)?,
    };
    Ok((number, event))
}

fn unencodable(error: serde_json::Error) -> sqlx::Error {
    sqlx::Error::Encode(Box::new(error))
}

const WRITE: &str = "
    INSERT INTO remint.audit (at, action, actor, user_id, tenant, api_key, detail)
    SELECT at, action, actor::json, user_id, tenant, api_key, detail::json
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    WITH ORDINALITY AS event (at, action, actor, user_id, tenant, api_key, detail, place)
    ORDER BY place";

const EVENTS: &str = "
    SELECT seq, at, action, actor::text, user_id, tenant, api_key, detail::text
    FROM remint.audit WHERE seq > $1 ORDER BY seq LIMIT $2";

const LOCK: i64 = i64::from_be_bytes(*b"remint\0\x02");
