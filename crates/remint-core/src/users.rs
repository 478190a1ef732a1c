use std::fmt;

use async_trait::async_trait;

use crate::{Environment, KeyId, Scopes, TenantId, Timestamp, Unavailable, UserId};

/// A user of ours: whom API keys belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id, chosen by whoever signs users up.
    pub id: UserId,
    /// The tenant the user belongs to.
    pub tenant: Option<TenantId>,
    /// Whether the user may act. A disabled user's keys are refused; enabling brings them back.
    pub enabled: bool,
    /// What the user may do; a key never has more.
    pub scopes: Scopes,
    /// When the user was created.
    pub created_at: Timestamp,
}

/// An API key at rest: everything but its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRecord {
    /// The public id.
    pub id: KeyId,
    /// Whose it is.
    pub user: UserId,
    /// `live` or `test`.
    pub environment: Environment,
    /// A name for people.
    pub name: Option<String>,
    /// The non-secret beginning of the text, to recognise the key by.
    pub start: String,
    /// What the key may do; `None`: what the user may.
    pub scopes: Option<Scopes>,
    /// The keyed digest of the text.
    pub digest: KeyDigest,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to within the flush interval.
    pub last_used_at: Option<Timestamp>,
}

/// The digest of an API key's text, and the scheme that made it (with the pepper's id).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct KeyDigest {
    /// The scheme's name, such as `hmac-sha256:<pepper id>`.
    pub scheme: Box<str>,
    /// The digest.
    pub bytes: Box<[u8]>,
}

impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyDigest").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

/// A key with the user it belongs to, from one read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundKey {
    /// The key.
    pub key: ApiKeyRecord,
    /// Its user.
    pub user: User,
}

/// Why a store did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Something of that id (or digest) is already there.
    #[error("it already exists")]
    Conflict,
    /// The user the key is to belong to is not there.
    #[error("no such user")]
    UnknownUser,
    /// The store did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Where API keys are kept.
///
/// # Contract
///
/// - `insert` is atomic: a key of an unknown user, or with an id or digest that exists, leaves no
///   trace.
/// - `find` reads key and user in one consistent read, at a source that has seen every
///   acknowledged write; it finds revoked and expired keys and keys of disabled users too, since
///   the caller tells them apart.
/// - Absence is `Ok(None)`; an outage is an error, never absence.
/// - `revoke` keeps the first moment when called twice.
/// - `list` has the newest key first.
#[async_trait]
pub trait ApiKeyStore: fmt::Debug + Send + Sync + 'static {
    /// Keeps a new key.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`], [`StoreError::UnknownUser`] or [`StoreError::Unavailable`].
    async fn insert(&self, key: &ApiKeyRecord) -> Result<(), StoreError>;

    /// The key with this digest, and its user.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn find(&self, digest: &KeyDigest) -> Result<Option<FoundKey>, Unavailable>;

    /// A user's keys.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn list(&self, user: &UserId) -> Result<Vec<ApiKeyRecord>, Unavailable>;

    /// Marks a key as revoked at `at` and returns it; `None` if there is no such key.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn revoke(&self, id: &KeyId, at: Timestamp) -> Result<Option<ApiKeyRecord>, Unavailable>;
}

/// Where it is kept when a key was last used.
///
/// # Contract
///
/// - A later moment replaces an earlier one, never the reverse, in whatever order they come.
/// - A key that is gone is passed over.
#[async_trait]
pub trait LastUsedStore: fmt::Debug + Send + Sync + 'static {
    /// Records a batch.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer; the batch may be sent again.
    async fn record_last_used(&self, batch: &[(KeyId, Timestamp)]) -> Result<(), Unavailable>;
}

/// Where users are kept.
///
/// # Contract
///
/// - `delete` takes the user and every key of theirs in one transaction; a user created later
///   under the same id inherits none of them.
/// - After `set_enabled(_, false)` has returned, `find` of each of their keys shows the user
///   disabled.
/// - Absence is `Ok(None)` or `Ok(false)`; an outage is an error.
#[async_trait]
pub trait Directory: fmt::Debug + Send + Sync + 'static {
    /// Keeps a new user.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] or [`StoreError::Unavailable`].
    async fn insert_user(&self, user: &User) -> Result<(), StoreError>;

    /// The user of this id.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn user(&self, id: &UserId) -> Result<Option<User>, Unavailable>;

    /// Enables or disables a user; `false` if there is none.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn set_enabled(&self, id: &UserId, enabled: bool) -> Result<bool, Unavailable>;

    /// Deletes a user with all that hangs on them; `false` if there is none.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn delete_user(&self, id: &UserId) -> Result<bool, Unavailable>;
}
