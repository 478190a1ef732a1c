use std::fmt;

use async_trait::async_trait;

use crate::{
    ApiKeyRecord, Commit, ExternalIdentity, FoundUser, StoreError, Tenant, TenantChange, TenantId, Unavailable, User,
    UserChange, UserId,
};

/// What comes into being with a user, in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignUp {
    /// The user. Their tenant is made if it is not there, enabled and without a plan, with the
    /// user's `created_at`.
    pub user: User,
    /// Who they are elsewhere.
    pub external: Vec<ExternalIdentity>,
    /// Their first keys.
    pub keys: Vec<ApiKeyRecord>,
}

/// A user who is gone, and what went with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedUser {
    /// The user as they were.
    pub user: User,
    /// Who they were elsewhere.
    pub external: Vec<ExternalIdentity>,
}

/// Where users and tenants are kept.
///
/// # Contract
///
/// - Each change is one transaction, together with its [`Commit`]: all of it is there afterwards, or nothing.
/// - Deleting takes the user, every key and every external identity of theirs; a user created later
///   under the same id inherits none of them. The tenant stays, and so do usage and audit events.
/// - After a change has returned, `find` of each of the user's (or tenant's) keys shows it.
/// - An external identity belongs to one user at most.
/// - Absence is `Ok(None)`; an outage is an error.
#[async_trait]
pub trait Directory: fmt::Debug + Send + Sync + 'static {
    /// Keeps a new user with all that comes with them; the resource of [`Commit::once`] is the user's id.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] if the user, one of the external identities or one of the keys is
    /// there already; [`StoreError::MakerEnded`], [`StoreError::Replayed`], [`StoreError::IdempotencyKeyReused`],
    /// [`StoreError::Unavailable`].
    async fn sign_up(&self, sign_up: &SignUp, commit: Commit<'_>) -> Result<(), StoreError>;

    /// Keeps new users with whom nothing comes, all or none, with their tenants as at sign-up. The resource of
    /// [`Commit::once`] is the first one's id; of no users nothing is written.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] if one of them is there already or stands there twice; otherwise as
    /// [`sign_up`](Self::sign_up).
    async fn insert_users(&self, users: &[User], commit: Commit<'_>) -> Result<(), StoreError>;

    /// The user of this id.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn user(&self, id: &UserId) -> Result<Option<User>, Unavailable>;

    /// Who a user is elsewhere, in ascending order.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn external(&self, id: &UserId) -> Result<Vec<ExternalIdentity>, Unavailable>;

    /// The user whom an external identity is linked to, with their tenant, from one read.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn linked(&self, external: &ExternalIdentity) -> Result<Option<FoundUser>, Unavailable>;

    /// Changes a user and returns them as they are now; `None` if there is none. A tenant that is
    /// not there is made, as at sign-up, with the first audit event's moment.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] if an external identity is another user's,
    /// [`StoreError::Unavailable`].
    async fn change_user(
        &self,
        id: &UserId,
        change: &UserChange,
        commit: Commit<'_>,
    ) -> Result<Option<User>, StoreError>;

    /// Deletes a user with all that hangs on them; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn delete_user(&self, id: &UserId, commit: Commit<'_>) -> Result<Option<DeletedUser>, Unavailable>;

    /// The tenant of this id.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, Unavailable>;

    /// Changes a tenant and returns it as it is now; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn change_tenant(
        &self,
        id: &TenantId,
        change: &TenantChange,
        commit: Commit<'_>,
    ) -> Result<Option<Tenant>, Unavailable>;
}
