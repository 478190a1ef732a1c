use async_trait::async_trait;
use remint_core::{ApiKeyRecord, ApiKeyStore, FoundKey, KeyDigest, KeyId, StoreError, Timestamp, Unavailable, UserId};
use sqlx::error::ErrorKind;

use crate::Sqlite;
use crate::row::{self, key_columns, user_columns};
use crate::sqlite::unavailable;

#[async_trait]
impl ApiKeyStore for Sqlite {
    async fn insert(&self, key: &ApiKeyRecord) -> Result<(), StoreError> {
        sqlx::query(INSERT)
            .bind(key.id.as_str())
            .bind(key.user.as_str())
            .bind(key.environment.as_str())
            .bind(key.name.as_deref())
            .bind(&key.start)
            .bind(key.scopes.as_ref().map(ToString::to_string))
            .bind(&*key.digest.scheme)
            .bind(&*key.digest.bytes)
            .bind(row::integer(key.created_at))
            .bind(key.expires_at.map(row::integer))
            .bind(key.revoked_at.map(row::integer))
            .bind(key.last_used_at.map(row::integer))
            .execute(self.writer())
            .await
            .map(|_done| ())
            .map_err(not_inserted)
    }

    async fn find(&self, digest: &KeyDigest) -> Result<Option<FoundKey>, Unavailable> {
        let found = sqlx::query(FIND)
            .bind(&*digest.scheme)
            .bind(&*digest.bytes)
            .fetch_optional(self.readers())
            .await
            .map_err(unavailable)?;
        let read = |row| Ok(FoundKey { key: row::key(&row)?, user: row::user(&row, row::KEY_COLUMNS)? });
        found.map(read).transpose().map_err(unavailable)
    }

    async fn list(&self, user: &UserId) -> Result<Vec<ApiKeyRecord>, Unavailable> {
        let rows = sqlx::query(LIST).bind(user.as_str()).fetch_all(self.readers()).await.map_err(unavailable)?;
        rows.iter().map(row::key).collect::<Result<_, _>>().map_err(unavailable)
    }

    async fn revoke(&self, id: &KeyId, at: Timestamp) -> Result<Option<ApiKeyRecord>, Unavailable> {
        // All rows, though there is one at most: only the end of the statement is the commit, and
        // `fetch_optional` would not hear of its failure.
        let rows = sqlx::query(REVOKE)
            .bind(row::integer(at))
            .bind(id.as_str())
            .fetch_all(self.writer())
            .await
            .map_err(unavailable)?;
        rows.first().map(row::key).transpose().map_err(unavailable)
    }
}

pub(crate) fn not_inserted(error: sqlx::Error) -> StoreError {
    match error.as_database_error().map(|error| error.kind()) {
        Some(ErrorKind::UniqueViolation) => StoreError::Conflict,
        Some(ErrorKind::ForeignKeyViolation) => StoreError::UnknownUser,
        _ => unavailable(error).into(),
    }
}

const INSERT: &str = "INSERT INTO api_keys (id, user_id, environment, name, start, scopes, scheme, digest, \
                      created_at, expires_at, revoked_at, last_used_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const FIND: &str = concat!(
    "SELECT ",
    key_columns!(),
    ", ",
    user_columns!(),
    " FROM api_keys k JOIN users u ON u.id = k.user_id WHERE k.scheme = ? AND k.digest = ?"
);

const LIST: &str =
    concat!("SELECT ", key_columns!(), " FROM api_keys k WHERE k.user_id = ? ORDER BY k.created_at DESC, k.seq DESC");

const REVOKE: &str = concat!(
    "UPDATE api_keys AS k SET revoked_at = coalesce(k.revoked_at, ?) WHERE k.id = ? RETURNING ",
    "id, user_id, environment, name, start, scopes, scheme, digest, created_at, expires_at, revoked_at, last_used_at"
);

#[cfg(test)]
mod tests {
    use sqlx::Row;

    use super::*;

    /// What SQLite says it would do for a statement.
    async fn plan(statement: &'static str) -> String {
        let store = Sqlite::in_memory().await.unwrap();
        let explained = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
        let rows = sqlx::query(explained).fetch_all(store.readers()).await.unwrap();
        rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("; ")
    }

    #[tokio::test]
    async fn a_look_up_is_two_searches_by_index() {
        let plan = plan(FIND).await;
        assert!(plan.contains("SEARCH k USING INDEX") && plan.contains("SEARCH u USING PRIMARY KEY"), "{plan}");
        assert!(!plan.contains("SCAN"), "{plan}");
    }

    #[tokio::test]
    async fn a_list_is_read_in_the_order_of_its_index() {
        let plan = plan(LIST).await;
        assert!(plan.contains("SEARCH k USING INDEX") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}
