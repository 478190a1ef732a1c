use remint_core::{AuditEvent, Unavailable};
use sqlx::SqliteTransaction;
use sqlx::sqlite::SqliteConnection;

use crate::Sqlite;
use crate::sqlite::unavailable;

/// A change of the store: one transaction, which holds the write lock from its beginning.
///
/// Dropped before it is committed, whether for a refusal, an outage or a caller who went away, it
/// leaves nothing behind.
pub(crate) struct Change(SqliteTransaction<'static>);

impl Change {
    pub(crate) async fn begin(store: &Sqlite) -> Result<Self, Unavailable> {
        store.writer().begin_with("BEGIN IMMEDIATE").await.map(Self).map_err(unavailable)
    }

    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.0
    }

    /// With the events that tell of it. What failed here was not done.
    pub(crate) async fn commit(mut self, audit: &[AuditEvent]) -> Result<(), Unavailable> {
        self.record(audit).await?;
        self.0.commit().await.map_err(unavailable)
    }
}
