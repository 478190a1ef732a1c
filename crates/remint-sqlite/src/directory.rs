use async_trait::async_trait;
use remint_core::{
    Commit, DeletedUser, Directory, ExternalIdentity, FoundUser, SignUp, StoreError, Tenant, TenantChange, TenantId,
    Unavailable, User, UserChange, UserId,
};

use crate::change::Change;
use crate::records::{self, tenant_columns, user_columns};
use crate::sqlite::unavailable;
use crate::{Sqlite, users};

#[async_trait]
impl Directory for Sqlite {
    async fn sign_up(&self, sign_up: &SignUp, commit: Commit<'_>) -> Result<(), StoreError> {
        let SignUp { user, external, keys } = sign_up;
        let mut change = Change::begin(self).await?;
        change.once(commit.once, user.id.as_str()).await?;
        if let Some(tenant) = &user.tenant {
            change.ensure_tenant(tenant, user.created_at).await?;
        }
        change.insert_user(user).await?;
        change.link(&user.id, external).await?;
        for key in keys {
            change.insert_key(key).await?;
        }
        Ok(change.commit_with(commit).await?)
    }

    async fn insert_users(&self, users: &[User], commit: Commit<'_>) -> Result<(), StoreError> {
        let Some(first) = users.first() else { return Ok(()) };
        let mut change = Change::begin(self).await?;
        change.once(commit.once, first.id.as_str()).await?;
        for user in users {
            if let Some(tenant) = &user.tenant {
                change.ensure_tenant(tenant, user.created_at).await?;
            }
            change.insert_user(user).await?;
        }
        Ok(change.commit_with(commit).await?)
    }

    async fn user(&self, id: &UserId) -> Result<Option<User>, Unavailable> {
        let mut connection = self.readers().acquire().await.map_err(unavailable)?;
        users::user(&mut connection, id).await
    }

    async fn external(&self, id: &UserId) -> Result<Vec<ExternalIdentity>, Unavailable> {
        let mut connection = self.readers().acquire().await.map_err(unavailable)?;
        users::external(&mut connection, id).await
    }

    async fn linked(&self, external: &ExternalIdentity) -> Result<Option<FoundUser>, Unavailable> {
        let found = sqlx::query(LINKED)
            .bind(external.issuer.as_str())
            .bind(external.subject.as_str())
            .fetch_optional(self.readers())
            .await
            .map_err(unavailable)?;
        found.as_ref().map(records::found_user).transpose().map_err(unavailable)
    }

    async fn change_user(
        &self,
        id: &UserId,
        change: &UserChange,
        commit: Commit<'_>,
    ) -> Result<Option<User>, StoreError> {
        let UserChange { enabled, tenant, scopes, roles, entitlements, plan, external } = change.clone();
        let mut change = Change::begin(self).await?;
        let Some(mut user) = users::user(change.connection(), id).await? else { return Ok(None) };
        user.enabled = enabled.unwrap_or(user.enabled);
        user.tenant = tenant.unwrap_or(user.tenant);
        user.scopes = scopes.unwrap_or(user.scopes);
        user.roles = roles.unwrap_or(user.roles);
        user.entitlements = entitlements.unwrap_or(user.entitlements);
        user.plan = plan.unwrap_or(user.plan);
        if let Some(tenant) = &user.tenant {
            change.ensure_tenant(tenant, commit.audit.first().map_or(user.created_at, |event| event.at)).await?;
        }
        change.update_user(&user).await?;
        if let Some(external) = external {
            change.unlink_all(id).await?;
            change.link(id, &external).await?;
        }
        change.commit_with(commit).await?;
        Ok(Some(user))
    }

    async fn delete_user(&self, id: &UserId, commit: Commit<'_>) -> Result<Option<DeletedUser>, Unavailable> {
        let mut change = Change::begin(self).await?;
        let Some(user) = users::user(change.connection(), id).await? else { return Ok(None) };
        let external = users::external(change.connection(), id).await?;
        change.delete(id).await?;
        change.commit_with(commit).await?;
        Ok(Some(DeletedUser { user, external }))
    }

    async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, Unavailable> {
        let mut connection = self.readers().acquire().await.map_err(unavailable)?;
        users::tenant(&mut connection, id).await
    }

    async fn change_tenant(
        &self,
        id: &TenantId,
        change: &TenantChange,
        commit: Commit<'_>,
    ) -> Result<Option<Tenant>, Unavailable> {
        let TenantChange { enabled, plan } = change.clone();
        let mut change = Change::begin(self).await?;
        let Some(mut tenant) = users::tenant(change.connection(), id).await? else { return Ok(None) };
        tenant.enabled = enabled.unwrap_or(tenant.enabled);
        tenant.plan = plan.unwrap_or(tenant.plan);
        change.update_tenant(&tenant).await?;
        change.commit_with(commit).await?;
        Ok(Some(tenant))
    }
}

pub(crate) const LINKED: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", ",
    tenant_columns!(),
    " FROM external_identities e JOIN users u ON u.id = e.user_id LEFT JOIN tenants t ON t.id = u.tenant_id \
     WHERE e.issuer = ? AND e.subject = ?"
);
