use std::fmt;

use async_trait::async_trait;

use crate::{
    ApiKeyRecord, Commit, Descent, FoundKey, KeyCursor, KeyDigest, KeyEnd, KeyId, KeyRotation, Page, StoreError,
    Timestamp, Unavailable, UserId,
};

/// Where API keys are kept.
///
/// # Contract
///
/// - Each change is one transaction, together with its [`Commit`]: all of it is there afterwards, or nothing.
/// - `find` reads key, user and tenant in one consistent read, at a source that has seen every
///   acknowledged write; it finds revoked and expired keys and keys of disabled users too, since
///   the caller tells them apart.
/// - A key that another key [made](crate::MadeBy) is kept only while its maker is
///   [active](ApiKeyRecord::is_active), at the new key's `created_at`, and not beyond: once a revocation of the
///   maker has returned, `descent` shows each key that it made, and no further one is kept. This holds for
///   [`sign_up`](crate::Directory::sign_up) too, which answers [`StoreError::MakerEnded`] likewise.
/// - Which key made which stays known when either of them is gone.
/// - Absence is `Ok(None)`; an outage is an error, never absence.
/// - Texts and bytes are compared byte by byte.
#[async_trait]
pub trait ApiKeyStore: fmt::Debug + Send + Sync + 'static {
    /// Keeps new keys, all or none; the resource of [`Commit::once`] is the first one's id.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] for an id or digest that exists, [`StoreError::UnknownUser`],
    /// [`StoreError::MakerEnded`], [`StoreError::Replayed`], [`StoreError::IdempotencyKeyReused`] or
    /// [`StoreError::Unavailable`].
    async fn insert(&self, keys: &[ApiKeyRecord], commit: Commit<'_>) -> Result<(), StoreError>;

    /// The key with this digest, with its user and their tenant.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn find(&self, digest: &KeyDigest) -> Result<Option<FoundKey>, Unavailable>;

    /// The keys with this `start` whose scheme begins with `scheme`, at most 8, in no order: those
    /// of a slow scheme, which cannot be looked up by digest.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn candidates(&self, scheme: &str, start: &str) -> Result<Vec<FoundKey>, Unavailable>;

    /// The key of this id.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn key(&self, id: &KeyId) -> Result<Option<ApiKeyRecord>, Unavailable>;

    /// A user's keys, newest first (by `created_at`, then by id, both descending).
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn list(&self, user: &UserId, page: Page<KeyCursor>) -> Result<Vec<ApiKeyRecord>, Unavailable>;

    /// Marks a key as revoked at `at` and returns it; `None` if there is no such key. Called twice,
    /// the first moment stays and the audit events are not written again.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn revoke(&self, id: &KeyId, at: Timestamp, commit: Commit<'_>) -> Result<Option<ApiKeyRecord>, Unavailable>;

    /// Marks keys as revoked at `at`, all of them or none, and returns those that were not revoked before, in
    /// no order. The events of the others are not written; keys that are not there are passed over.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn revoke_all(&self, keys: &[KeyEnd], at: Timestamp) -> Result<Vec<KeyId>, Unavailable>;

    /// Which keys these keys made, in ascending order of the maker's id, then of the key's.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn descent(&self, makers: &[KeyId], page: Page<Descent>) -> Result<Vec<Descent>, Unavailable>;

    /// Keeps the new key, sets the old one's `rotated_to`, and its `expires_at` to the deadline
    /// unless it ends before that. Returns the old key as it is now. The resource of [`Commit::once`] is the
    /// new key's id.
    ///
    /// # Errors
    ///
    /// [`StoreError::UnknownKey`]; [`StoreError::Ended`] if the old key is not
    /// [active](ApiKeyRecord::is_active) at the new one's `created_at` or was rotated already;
    /// otherwise as [`insert`](Self::insert).
    async fn rotate(&self, rotation: &KeyRotation, commit: Commit<'_>) -> Result<ApiKeyRecord, StoreError>;

    /// Replaces a key's digest, if it is still `from`; `false` if it is not.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] if another key has the new digest, [`StoreError::Unavailable`].
    async fn rehash(&self, id: &KeyId, from: &KeyDigest, to: &KeyDigest) -> Result<bool, StoreError>;

    /// How many keys are [active](ApiKeyRecord::is_active) at this moment, have scopes of their own, and belong to a
    /// user with entitlements: these entitlements do not go with them.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn keys_without_entitlements(&self, at: Timestamp) -> Result<u64, Unavailable>;
}
