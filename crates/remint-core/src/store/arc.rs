//! Every port of a store through an [`Arc`].

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    ApiKeyRecord, ApiKeyStore, AuditEvent, AuditLog, Commit, DeletedUser, Dependencies, Descent, Directory,
    ExternalIdentity, FoundKey, FoundUser, KeyCursor, KeyDigest, KeyEnd, KeyId, KeyRotation, LastUsedStore, Page,
    RevocationWriter, SignUp, StoreError, StoreOrigin, StoreRecord, StoreRegistry, Tenant, TenantChange, TenantId,
    Timestamp, Unavailable, UsageBatch, UsageFilter, UsageKey, UsageRow, UsageStore, User, UserChange, UserId,
};

#[async_trait]
impl<T: ApiKeyStore + ?Sized> ApiKeyStore for Arc<T> {
    async fn insert(&self, keys: &[ApiKeyRecord], commit: Commit<'_>) -> Result<(), StoreError> {
        (**self).insert(keys, commit).await
    }

    async fn find(&self, digest: &KeyDigest) -> Result<Option<FoundKey>, Unavailable> {
        (**self).find(digest).await
    }

    async fn candidates(&self, scheme: &str, start: &str) -> Result<Vec<FoundKey>, Unavailable> {
        (**self).candidates(scheme, start).await
    }

    async fn key(&self, id: &KeyId) -> Result<Option<ApiKeyRecord>, Unavailable> {
        (**self).key(id).await
    }

    async fn list(&self, user: &UserId, page: Page<KeyCursor>) -> Result<Vec<ApiKeyRecord>, Unavailable> {
        (**self).list(user, page).await
    }

    async fn revoke(&self, id: &KeyId, at: Timestamp, commit: Commit<'_>) -> Result<Option<ApiKeyRecord>, Unavailable> {
        (**self).revoke(id, at, commit).await
    }

    async fn revoke_all(&self, keys: &[KeyEnd], at: Timestamp) -> Result<Vec<KeyId>, Unavailable> {
        (**self).revoke_all(keys, at).await
    }

    async fn descent(&self, makers: &[KeyId], page: Page<Descent>) -> Result<Vec<Descent>, Unavailable> {
        (**self).descent(makers, page).await
    }

    async fn rotate(&self, rotation: &KeyRotation, commit: Commit<'_>) -> Result<ApiKeyRecord, StoreError> {
        (**self).rotate(rotation, commit).await
    }

    async fn rehash(&self, id: &KeyId, from: &KeyDigest, to: &KeyDigest) -> Result<bool, StoreError> {
        (**self).rehash(id, from, to).await
    }

    async fn keys_without_entitlements(&self, at: Timestamp) -> Result<u64, Unavailable> {
        (**self).keys_without_entitlements(at).await
    }
}

#[async_trait]
impl<T: Directory + ?Sized> Directory for Arc<T> {
    async fn sign_up(&self, sign_up: &SignUp, commit: Commit<'_>) -> Result<(), StoreError> {
        (**self).sign_up(sign_up, commit).await
    }

    async fn insert_users(&self, users: &[User], commit: Commit<'_>) -> Result<(), StoreError> {
        (**self).insert_users(users, commit).await
    }

    async fn user(&self, id: &UserId) -> Result<Option<User>, Unavailable> {
        (**self).user(id).await
    }

    async fn external(&self, id: &UserId) -> Result<Vec<ExternalIdentity>, Unavailable> {
        (**self).external(id).await
    }

    async fn linked(&self, external: &ExternalIdentity) -> Result<Option<FoundUser>, Unavailable> {
        (**self).linked(external).await
    }

    async fn change_user(
        &self,
        id: &UserId,
        change: &UserChange,
        commit: Commit<'_>,
    ) -> Result<Option<User>, StoreError> {
        (**self).change_user(id, change, commit).await
    }

    async fn delete_user(&self, id: &UserId, commit: Commit<'_>) -> Result<Option<DeletedUser>, Unavailable> {
        (**self).delete_user(id, commit).await
    }

    async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, Unavailable> {
        (**self).tenant(id).await
    }

    async fn change_tenant(
        &self,
        id: &TenantId,
        change: &TenantChange,
        commit: Commit<'_>,
    ) -> Result<Option<Tenant>, Unavailable> {
        (**self).change_tenant(id, change, commit).await
    }
}

#[async_trait]
impl<T: LastUsedStore + ?Sized> LastUsedStore for Arc<T> {
    async fn record_last_used(&self, batch: &[(KeyId, Timestamp)]) -> Result<(), Unavailable> {
        (**self).record_last_used(batch).await
    }
}

#[async_trait]
impl<T: UsageStore + ?Sized> UsageStore for Arc<T> {
    async fn add_usage(&self, batch: &UsageBatch) -> Result<(), Unavailable> {
        (**self).add_usage(batch).await
    }

    async fn usage(&self, filter: &UsageFilter, page: Page<UsageKey>) -> Result<Vec<UsageRow>, Unavailable> {
        (**self).usage(filter, page).await
    }
}

#[async_trait]
impl<T: AuditLog + ?Sized> AuditLog for Arc<T> {
    async fn append(&self, events: &[AuditEvent]) -> Result<(), Unavailable> {
        (**self).append(events).await
    }

    async fn events(&self, page: Page<u64>) -> Result<Vec<(u64, AuditEvent)>, Unavailable> {
        (**self).events(page).await
    }
}

#[async_trait]
impl<T: StoreRegistry + ?Sized> StoreRegistry for Arc<T> {
    fn origin(&self) -> StoreOrigin {
        (**self).origin()
    }

    fn log(&self) -> Option<Arc<dyn RevocationWriter>> {
        (**self).log()
    }

    async fn record(&self) -> Result<StoreRecord, Unavailable> {
        (**self).record().await
    }

    async fn set_dependencies(&self, revision: u64, depends_on: &Dependencies) -> Result<bool, Unavailable> {
        (**self).set_dependencies(revision, depends_on).await
    }

    async fn live_schemes(&self, prefix: &str, now: Timestamp) -> Result<Vec<Box<str>>, Unavailable> {
        (**self).live_schemes(prefix, now).await
    }
}
