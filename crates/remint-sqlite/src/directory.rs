use async_trait::async_trait;
use remint_core::{Directory, StoreError, Unavailable, User, UserId};

use crate::Sqlite;
use crate::api_keys::not_inserted;
use crate::row::{self, user_columns};
use crate::sqlite::unavailable;

#[async_trait]
impl Directory for Sqlite {
    async fn insert_user(&self, user: &User) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO users (id, tenant, enabled, scopes, created_at) VALUES (?, ?, ?, ?, ?)")
            .bind(user.id.as_str())
            .bind(user.tenant.as_ref().map(AsRef::<str>::as_ref))
            .bind(user.enabled)
            .bind(user.scopes.to_string())
            .bind(row::integer(user.created_at))
            .execute(self.writer())
            .await
            .map(|_done| ())
            .map_err(not_inserted)
    }

    async fn user(&self, id: &UserId) -> Result<Option<User>, Unavailable> {
        let found = sqlx::query(concat!("SELECT ", user_columns!(), " FROM users u WHERE u.id = ?"))
            .bind(id.as_str())
            .fetch_optional(self.readers())
            .await
            .map_err(unavailable)?;
        found.map(|row| row::user(&row, 0)).transpose().map_err(unavailable)
    }

    async fn set_enabled(&self, id: &UserId, enabled: bool) -> Result<bool, Unavailable> {
        let done = sqlx::query("UPDATE users SET enabled = ? WHERE id = ?")
            .bind(enabled)
            .bind(id.as_str())
            .execute(self.writer())
            .await
            .map_err(unavailable)?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_user(&self, id: &UserId) -> Result<bool, Unavailable> {
        // The foreign key takes the user's keys along, in the same statement.
        let done = sqlx::query("DELETE FROM users WHERE id = ?")
            .bind(id.as_str())
            .execute(self.writer())
            .await
            .map_err(unavailable)?;
        Ok(done.rows_affected() > 0)
    }
}
