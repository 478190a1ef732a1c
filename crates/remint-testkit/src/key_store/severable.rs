use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use remint_core::{
    ApiKeyRecord, ApiKeyStore, Directory, FoundKey, KeyDigest, KeyId, LastUsedStore, StoreError, Timestamp,
    Unavailable, UnavailableKind, User, UserId,
};

/// A store behind a connection that a test can cut, and that counts the calls. Clones share it.
#[derive(Debug)]
pub struct Severable<S> {
    inner: Arc<S>,
    cut: Arc<AtomicBool>,
    finds: Arc<AtomicUsize>,
}

impl<S> Severable<S> {
    /// A connected store.
    #[must_use]
    pub fn new(inner: S) -> Self {
        Self { inner: Arc::new(inner), cut: Arc::default(), finds: Arc::default() }
    }

    /// Cuts the connection: each call is an outage until it is mended.
    pub fn sever(&self) {
        self.cut.store(true, Ordering::SeqCst);
    }

    /// Mends the connection.
    pub fn mend(&self) {
        self.cut.store(false, Ordering::SeqCst);
    }

    /// How many look-ups of keys there were so far.
    #[must_use]
    pub fn finds(&self) -> usize {
        self.finds.load(Ordering::SeqCst)
    }

    fn connected(&self) -> Result<&S, Unavailable> {
        if self.cut.load(Ordering::SeqCst) { Err(Unavailable::new(UnavailableKind::Store)) } else { Ok(&self.inner) }
    }
}

impl<S> Clone for Severable<S> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), cut: self.cut.clone(), finds: self.finds.clone() }
    }
}

#[async_trait]
impl<S: ApiKeyStore> ApiKeyStore for Severable<S> {
    async fn insert(&self, key: &ApiKeyRecord) -> Result<(), StoreError> {
        self.connected()?.insert(key).await
    }

    async fn find(&self, digest: &KeyDigest) -> Result<Option<FoundKey>, Unavailable> {
        self.finds.fetch_add(1, Ordering::SeqCst);
        self.connected()?.find(digest).await
    }

    async fn list(&self, user: &UserId) -> Result<Vec<ApiKeyRecord>, Unavailable> {
        self.connected()?.list(user).await
    }

    async fn revoke(&self, id: &KeyId, at: Timestamp) -> Result<Option<ApiKeyRecord>, Unavailable> {
        self.connected()?.revoke(id, at).await
    }
}

#[async_trait]
impl<S: LastUsedStore> LastUsedStore for Severable<S> {
    async fn record_last_used(&self, batch: &[(KeyId, Timestamp)]) -> Result<(), Unavailable> {
        self.connected()?.record_last_used(batch).await
    }
}

#[async_trait]
impl<S: Directory> Directory for Severable<S> {
    async fn insert_user(&self, user: &User) -> Result<(), StoreError> {
        self.connected()?.insert_user(user).await
    }

    async fn user(&self, id: &UserId) -> Result<Option<User>, Unavailable> {
        self.connected()?.user(id).await
    }

    async fn set_enabled(&self, id: &UserId, enabled: bool) -> Result<bool, Unavailable> {
        self.connected()?.set_enabled(id, enabled).await
    }

    async fn delete_user(&self, id: &UserId) -> Result<bool, Unavailable> {
        self.connected()?.delete_user(id).await
    }
}
