use remint_core::{AuditEvent, Commit, Unavailable};
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

    /// The same, with all that goes with a change.
    pub(crate) async fn commit_with(mut self, commit: Commit<'_>) -> Result<(), Unavailable> {
        self.revoke(commit.revocations).await?;
        self.commit(commit.audit).await
    }
}

#[cfg(test)]
mod tests {
    use remint_conformance::key_store::{Plain, user, user_id};
    use remint_core::Directory;

    use super::*;

    async fn pragma(store: &Sqlite, text: &'static str) {
        sqlx::query(text).execute(store.writer()).await.unwrap();
    }

    /// SQLite ends a transaction by itself when it cannot write, and knows of none to roll back then.
    #[tokio::test]
    async fn a_disk_that_was_full_once_does_not_end_all_writing() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path().join("keys.db")).await.unwrap();
        pragma(&store, "PRAGMA max_page_count = 1").await; // as few as there are
        let mut users = (0..).map(|number| format!("user-{number}-{}", "x".repeat(100)));
        let refused = loop {
            if let Err(error) = store.insert_user(&user(&users.next().unwrap())).await {
                break error;
            }
        };
        assert!(matches!(refused, remint_core::StoreError::Unavailable(_)), "{refused:?}");
        pragma(&store, "PRAGMA max_page_count = 1000000").await;
        store.insert_user(&user("alice")).await.unwrap();
        assert!(store.user(&user_id("alice")).await.unwrap().is_some());
    }
}
