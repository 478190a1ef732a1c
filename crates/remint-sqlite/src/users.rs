//! Users, tenants and external identities within a change.

use std::collections::BTreeSet;

use remint_core::{ExternalIdentity, StoreError, Tenant, TenantId, Timestamp, Unavailable, User, UserId};
use sqlx::sqlite::SqliteConnection;

use crate::api_keys::refused;
use crate::change::Change;
use crate::columns::{Columns, integer, json};
use crate::records::{self, tenant_columns, user_columns};
use crate::sqlite::unavailable;

pub(crate) async fn user(connection: &mut SqliteConnection, id: &UserId) -> Result<Option<User>, Unavailable> {
    let row = sqlx::query(USER).bind(id.as_str()).fetch_optional(connection).await.map_err(unavailable)?;
    row.as_ref().map(records::user).transpose().map_err(unavailable)
}

pub(crate) async fn external(
    connection: &mut SqliteConnection,
    id: &UserId,
) -> Result<Vec<ExternalIdentity>, Unavailable> {
    let rows = sqlx::query(EXTERNAL).bind(id.as_str()).fetch_all(connection).await.map_err(unavailable)?;
    let read = |row| {
        let mut columns = Columns::of(row);
        Ok(ExternalIdentity { issuer: columns.parsed()?, subject: columns.parsed()? })
    };
    rows.iter().map(read).collect::<Result<_, _>>().map_err(unavailable)
}

pub(crate) async fn tenant(connection: &mut SqliteConnection, id: &TenantId) -> Result<Option<Tenant>, Unavailable> {
    let row = sqlx::query(TENANT).bind(id.as_str()).fetch_optional(connection).await.map_err(unavailable)?;
    row.as_ref().map(records::tenant).transpose().map_err(unavailable)
}

impl Change {
    pub(crate) async fn insert_user(&mut self, user: &User) -> Result<(), StoreError> {
        self.write_user(INSERT_USER, user).await
    }

    /// All of a user who is there.
    pub(crate) async fn update_user(&mut self, user: &User) -> Result<(), StoreError> {
        self.write_user(UPDATE_USER, user).await
    }

    async fn write_user(&mut self, statement: &'static str, user: &User) -> Result<(), StoreError> {
        sqlx::query(statement)
            .bind(user.id.as_str())
            .bind(user.tenant.as_ref().map(AsRef::<str>::as_ref))
            .bind(user.enabled)
            .bind(user.scopes.to_string())
            .bind(json(&user.roles).map_err(unavailable)?)
            .bind(json(&user.entitlements).map_err(unavailable)?)
            .bind(user.plan.as_ref().map(AsRef::<str>::as_ref))
            .bind(integer(user.created_at))
            .execute(self.connection())
            .await
            .map(|_done| ())
            .map_err(refused)
    }

    /// Makes a tenant unless it is there.
    pub(crate) async fn ensure_tenant(&mut self, id: &TenantId, created_at: Timestamp) -> Result<(), Unavailable> {
        sqlx::query(ENSURE_TENANT)
            .bind(id.as_str())
            .bind(integer(created_at))
            .execute(self.connection())
            .await
            .map(|_done| ())
            .map_err(unavailable)
    }

    pub(crate) async fn update_tenant(&mut self, tenant: &Tenant) -> Result<(), Unavailable> {
        sqlx::query(UPDATE_TENANT)
            .bind(tenant.enabled)
            .bind(tenant.plan.as_ref().map(AsRef::<str>::as_ref))
            .bind(tenant.id.as_str())
            .execute(self.connection())
            .await
            .map(|_done| ())
            .map_err(unavailable)
    }

    /// Links a user to these; one that is named twice is linked once.
    pub(crate) async fn link(&mut self, user: &UserId, external: &[ExternalIdentity]) -> Result<(), StoreError> {
        for identity in external.iter().collect::<BTreeSet<_>>() {
            sqlx::query(LINK)
                .bind(identity.issuer.as_str())
                .bind(identity.subject.as_str())
                .bind(user.as_str())
                .execute(self.connection())
                .await
                .map_err(refused)?;
        }
        Ok(())
    }

    pub(crate) async fn unlink_all(&mut self, user: &UserId) -> Result<(), Unavailable> {
        sqlx::query(UNLINK_ALL)
            .bind(user.as_str())
            .execute(self.connection())
            .await
            .map(|_done| ())
            .map_err(unavailable)
    }

    /// Foreign keys take the user's API keys and external identities along, in the same statement.
    pub(crate) async fn delete(&mut self, user: &UserId) -> Result<(), Unavailable> {
        sqlx::query(DELETE_USER)
            .bind(user.as_str())
            .execute(self.connection())
            .await
            .map(|_done| ())
            .map_err(unavailable)
    }
}

pub(crate) const USER: &str = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.id = ?");

pub(crate) const EXTERNAL: &str =
    "SELECT issuer, subject FROM external_identities WHERE user_id = ? ORDER BY issuer, subject";

pub(crate) const TENANT: &str = concat!("SELECT ", tenant_columns!(), " FROM tenants t WHERE t.id = ?");

const INSERT_USER: &str = "INSERT INTO users (id, tenant_id, enabled, scopes, roles, entitlements, plan, created_at) \
                           VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

const UPDATE_USER: &str = "UPDATE users SET tenant_id = ?2, enabled = ?3, scopes = ?4, roles = ?5, entitlements = ?6, \
                           plan = ?7, created_at = ?8 WHERE id = ?1";

const ENSURE_TENANT: &str =
    "INSERT INTO tenants (id, enabled, created_at) VALUES (?, 1, ?) ON CONFLICT (id) DO NOTHING";

const UPDATE_TENANT: &str = "UPDATE tenants SET enabled = ?, plan = ? WHERE id = ?";

const LINK: &str = "INSERT INTO external_identities (issuer, subject, user_id) VALUES (?, ?, ?)";

const UNLINK_ALL: &str = "DELETE FROM external_identities WHERE user_id = ?";

pub(crate) const DELETE_USER: &str = "DELETE FROM users WHERE id = ?";
