use async_trait::async_trait;
use remint_core::{AuditEvent, AuditLog, Page, Unavailable};
use sqlx::sqlite::SqliteRow;

use crate::Sqlite;
use crate::change::Change;
use crate::columns::{Columns, integer, json, limit, signed};
use crate::sqlite::unavailable;

#[async_trait]
impl AuditLog for Sqlite {
    async fn append(&self, events: &[AuditEvent]) -> Result<(), Unavailable> {
        Change::begin(self).await?.commit(events).await
    }

    async fn events(&self, page: Page<u64>) -> Result<Vec<(u64, AuditEvent)>, Unavailable> {
        let rows = sqlx::query(EVENTS)
            .bind(page.after.map_or(0, signed))
            .bind(limit(page.limit))
            .fetch_all(self.readers())
            .await
            .map_err(unavailable)?;
        rows.iter().map(event).collect::<Result<_, _>>().map_err(unavailable)
    }
}

impl Change {
    pub(crate) async fn record(&mut self, events: &[AuditEvent]) -> Result<(), Unavailable> {
        for event in events {
            sqlx::query(RECORD)
                .bind(integer(event.at))
                .bind(event.action.as_str())
                .bind(json(&event.actor).map_err(unavailable)?)
                .bind(event.user.as_ref().map(AsRef::<str>::as_ref))
                .bind(event.tenant.as_ref().map(AsRef::<str>::as_ref))
                .bind(event.key.as_ref().map(AsRef::<str>::as_ref))
                .bind(json(&event.detail).map_err(unavailable)?)
                .execute(self.connection())
                .await
                .map_err(unavailable)?;
        }
        Ok(())
    }
}

fn event(row: &SqliteRow) -> Result<(u64, AuditEvent), sqlx::Error> {
    let mut columns = Columns::of(row);
    let number = columns.number()?;
    let event = AuditEvent {
        at: columns.moment()?,
        action: columns.parsed()?,
        actor: columns.json()?,
        user: columns.parsed_if_any()?,
        tenant: columns.parsed_if_any()?,
        key: columns.parsed_if_any()?,
        detail: columns.json()?,
    };
    Ok((number, event))
}

const RECORD: &str =
    "INSERT INTO audit (at, action, actor, user_id, tenant, api_key, detail) VALUES (?, ?, ?, ?, ?, ?, ?)";

pub(crate) const EVENTS: &str = "SELECT seq, at, action, actor, user_id, tenant, api_key, detail FROM audit \
                                 WHERE seq > ? ORDER BY seq LIMIT ?";
