use async_trait::async_trait;
use remint_core::{
    ApiKeyRecord, ApiKeyStore, Commit, Directory, KeyId, Page, SignUp, StoreError, Timestamp, Unavailable, User,
    UserChange, UserId,
};

/// The calls of most tests: one thing at a time, without audit events, idempotency keys and pages.
#[async_trait]
pub trait Plain: ApiKeyStore + Directory {
    /// Keeps a user who has no external identities and no keys.
    ///
    /// # Errors
    ///
    /// As [`Directory::sign_up`].
    async fn insert_user(&self, user: &User) -> Result<(), StoreError> {
        let sign_up = SignUp { user: user.clone(), external: Vec::new(), keys: Vec::new() };
        self.sign_up(&sign_up, Commit::default()).await
    }

    /// Whether there is such a user, enabled or disabled from now on.
    ///
    /// # Errors
    ///
    /// As [`Directory::change_user`].
    async fn set_enabled(&self, id: &UserId, enabled: bool) -> Result<bool, StoreError> {
        let change = UserChange { enabled: Some(enabled), ..UserChange::default() };
        self.change_user(id, &change, Commit::default()).await.map(|user| user.is_some())
    }

    /// Whether there was such a user, who is gone.
    ///
    /// # Errors
    ///
    /// As [`Directory::delete_user`].
    async fn remove_user(&self, id: &UserId) -> Result<bool, Unavailable> {
        self.delete_user(id, Commit::default()).await.map(|user| user.is_some())
    }

    /// Keeps a key.
    ///
    /// # Errors
    ///
    /// As [`ApiKeyStore::insert`].
    async fn insert_key(&self, key: &ApiKeyRecord) -> Result<(), StoreError> {
        self.insert(std::slice::from_ref(key), Commit::default()).await
    }

    /// All keys of a user.
    ///
    /// # Errors
    ///
    /// As [`ApiKeyStore::list`].
    async fn keys(&self, user: &UserId) -> Result<Vec<ApiKeyRecord>, Unavailable> {
        self.list(user, Page::all()).await
    }

    /// Revokes a key.
    ///
    /// # Errors
    ///
    /// As [`ApiKeyStore::revoke`].
    async fn revoke_key(&self, id: &KeyId, at: Timestamp) -> Result<Option<ApiKeyRecord>, Unavailable> {
        self.revoke(id, at, Commit::default()).await
    }
}

impl<S: ApiKeyStore + Directory + ?Sized> Plain for S {}
