use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use remint_core::{
    ApiKeyRecord, ApiKeyStore, AuditEvent, AuditLog, Commit, DeletedUser, Dependencies, Descent, Directory,
    ExternalIdentity, FoundKey, FoundUser, KeyCursor, KeyDigest, KeyEnd, KeyId, KeyRotation, LastUsedStore, Page,
    Revocation, RevocationWriter, SignUp, StoreAge, StoreError, StoreOrigin, StoreRecord, StoreRegistry, Tenant,
    TenantChange, TenantId, Timestamp, Unavailable, UnavailableKind, UsageBatch, UsageFilter, UsageKey, UsageRow,
    UsageStore, User, UserChange, UserId,
};

use crate::severable::Connection;

/// A store behind a connection that a test can cut or tamper with, and that counts the look-ups.
/// Clones share it.
#[derive(Debug)]
pub struct Severable<S> {
    inner: Arc<S>,
    connection: Connection,
    finds: Arc<AtomicUsize>,
    no_rehash: Arc<AtomicBool>,
    rehashed: Arc<AtomicUsize>,
    tamper: Arc<Mutex<Option<Tamper>>>,
    pause_before: Arc<AtomicUsize>,
    origin: Option<StoreOrigin>,
    first: Arc<Mutex<Option<ApiKeyRecord>>>,
    rows: Arc<Mutex<Vec<Revocation>>>,
}

type Tamper = fn(&mut FoundKey);

impl<S> Severable<S> {
    /// A connected store.
    #[must_use]
    pub fn new(inner: S) -> Self {
        Self {
            inner: Arc::new(inner),
            connection: Connection::default(),
            finds: Arc::default(),
            no_rehash: Arc::default(),
            rehashed: Arc::default(),
            tamper: Arc::default(),
            pause_before: Arc::default(),
            origin: None,
            first: Arc::default(),
            rows: Arc::default(),
        }
    }

    /// A handle on the same that says it is here, and of this age.
    #[must_use]
    pub fn at(&self, place: &str, age: StoreAge) -> Self {
        Self { origin: Some(StoreOrigin { place: place.to_owned(), age }), ..self.clone() }
    }

    /// Makes one look-up of a key wait until it is polled again: the one after so many more.
    pub fn pause_after(&self, finds: usize) {
        self.pause_before.store(self.finds() + finds + 1, Ordering::SeqCst);
    }

    async fn count_find(&self) {
        if self.finds.fetch_add(1, Ordering::SeqCst) + 1 == self.pause_before.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
    }

    /// Cuts the connection: each call is an outage until it is mended.
    pub fn sever(&self) {
        self.sever_but(usize::MAX);
    }

    /// Cuts the connection, and lets one call through all the same: the one after so many.
    pub fn sever_but(&self, leak: usize) {
        self.connection.sever_but(leak);
    }

    /// Mends the connection.
    pub fn mend(&self) {
        self.connection.mend();
    }

    /// Changes what each look-up of a key finds, from now on.
    pub fn tamper(&self, change: fn(&mut FoundKey)) {
        *self.tamper.lock().unwrap_or_else(PoisonError::into_inner) = Some(change);
    }

    /// Keeps this key right before the next call that ends several: another caller was first.
    pub fn insert_before_the_next_end(&self, key: ApiKeyRecord) {
        *self.first.lock().unwrap_or_else(PoisonError::into_inner) = Some(key);
    }

    /// The rows of the revocation log that changes brought so far, taken out.
    #[must_use]
    pub fn take_rows(&self) -> Vec<Revocation> {
        std::mem::take(&mut self.rows.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many look-ups of keys there were so far, by digest or by start.
    #[must_use]
    pub fn finds(&self) -> usize {
        self.finds.load(Ordering::SeqCst)
    }

    /// Whether each call that replaces a digest, and nothing else, is an outage from now on.
    pub fn set_rehash_out(&self, out: bool) {
        self.no_rehash.store(out, Ordering::SeqCst);
    }

    /// How many digests were replaced so far.
    #[must_use]
    pub fn rehashed(&self) -> usize {
        self.rehashed.load(Ordering::SeqCst)
    }

    fn tampered(&self, found: &mut FoundKey) {
        if let Some(tamper) = *self.tamper.lock().unwrap_or_else(PoisonError::into_inner) {
            tamper(found);
        }
    }

    /// How many calls there were since the connection was cut.
    #[must_use]
    pub fn calls_since_the_cut(&self) -> usize {
        self.connection.calls()
    }

    fn changed_by(&self, rows: &[Revocation]) -> Result<&S, Unavailable> {
        let inner = self.connected()?;
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(rows);
        Ok(inner)
    }

    fn connected(&self) -> Result<&S, Unavailable> {
        self.connection.call(UnavailableKind::Store)?;
        Ok(&self.inner)
    }
}

impl<S> Clone for Severable<S> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            connection: self.connection.clone(),
            finds: self.finds.clone(),
            no_rehash: self.no_rehash.clone(),
            rehashed: self.rehashed.clone(),
            tamper: self.tamper.clone(),
            pause_before: self.pause_before.clone(),
            origin: self.origin.clone(),
            first: self.first.clone(),
            rows: self.rows.clone(),
        }
    }
}

#[async_trait]
impl<S: ApiKeyStore> ApiKeyStore for Severable<S> {
    async fn insert(&self, keys: &[ApiKeyRecord], commit: Commit<'_>) -> Result<(), StoreError> {
        self.changed_by(commit.revocations)?.insert(keys, commit).await
    }

    async fn find(&self, digest: &KeyDigest) -> Result<Option<FoundKey>, Unavailable> {
        self.count_find().await;
        let mut found = self.connected()?.find(digest).await?;
        found.iter_mut().for_each(|found| self.tampered(found));
        Ok(found)
    }

    async fn candidates(&self, scheme: &str, start: &str) -> Result<Vec<FoundKey>, Unavailable> {
        self.count_find().await;
        let mut found = self.connected()?.candidates(scheme, start).await?;
        found.iter_mut().for_each(|found| self.tampered(found));
        Ok(found)
    }

    async fn key(&self, id: &KeyId) -> Result<Option<ApiKeyRecord>, Unavailable> {
        self.connected()?.key(id).await
    }

    async fn list(&self, user: &UserId, page: Page<KeyCursor>) -> Result<Vec<ApiKeyRecord>, Unavailable> {
        self.connected()?.list(user, page).await
    }

    async fn revoke(&self, id: &KeyId, at: Timestamp, commit: Commit<'_>) -> Result<Option<ApiKeyRecord>, Unavailable> {
        self.changed_by(commit.revocations)?.revoke(id, at, commit).await
    }

    async fn revoke_all(&self, keys: &[KeyEnd], at: Timestamp) -> Result<Vec<KeyId>, Unavailable> {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(first) = first {
            let kept = self.connected()?.insert(&[first], Commit::default()).await;
            kept.map_err(|error| Unavailable::new(UnavailableKind::Internal).with_source(error))?;
        }
        let rows: Vec<_> = keys.iter().flat_map(|end| &end.revocations).cloned().collect();
        self.changed_by(&rows)?.revoke_all(keys, at).await
    }

    async fn descent(&self, makers: &[KeyId], page: Page<Descent>) -> Result<Vec<Descent>, Unavailable> {
        self.connected()?.descent(makers, page).await
    }

    async fn rotate(&self, rotation: &KeyRotation, commit: Commit<'_>) -> Result<ApiKeyRecord, StoreError> {
        self.changed_by(commit.revocations)?.rotate(rotation, commit).await
    }

    async fn rehash(&self, id: &KeyId, from: &KeyDigest, to: &KeyDigest) -> Result<bool, StoreError> {
        if self.no_rehash.load(Ordering::SeqCst) {
            return Err(Unavailable::new(UnavailableKind::Store).into());
        }
        let done = self.connected()?.rehash(id, from, to).await?;
        self.rehashed.fetch_add(usize::from(done), Ordering::SeqCst);
        Ok(done)
    }

    async fn keys_without_entitlements(&self, at: Timestamp) -> Result<u64, Unavailable> {
        self.connected()?.keys_without_entitlements(at).await
    }
}

#[async_trait]
impl<S: Directory> Directory for Severable<S> {
    async fn sign_up(&self, sign_up: &SignUp, commit: Commit<'_>) -> Result<(), StoreError> {
        self.changed_by(commit.revocations)?.sign_up(sign_up, commit).await
    }

    async fn insert_users(&self, users: &[User], commit: Commit<'_>) -> Result<(), StoreError> {
        self.changed_by(commit.revocations)?.insert_users(users, commit).await
    }

    async fn user(&self, id: &UserId) -> Result<Option<User>, Unavailable> {
        self.connected()?.user(id).await
    }

    async fn external(&self, id: &UserId) -> Result<Vec<ExternalIdentity>, Unavailable> {
        self.connected()?.external(id).await
    }

    async fn linked(&self, external: &ExternalIdentity) -> Result<Option<FoundUser>, Unavailable> {
        self.connected()?.linked(external).await
    }

    async fn change_user(
        &self,
        id: &UserId,
        change: &UserChange,
        commit: Commit<'_>,
    ) -> Result<Option<User>, StoreError> {
        self.changed_by(commit.revocations)?.change_user(id, change, commit).await
    }

    async fn delete_user(&self, id: &UserId, commit: Commit<'_>) -> Result<Option<DeletedUser>, Unavailable> {
        self.changed_by(commit.revocations)?.delete_user(id, commit).await
    }

    async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, Unavailable> {
        self.connected()?.tenant(id).await
    }

    async fn change_tenant(
        &self,
        id: &TenantId,
        change: &TenantChange,
        commit: Commit<'_>,
    ) -> Result<Option<Tenant>, Unavailable> {
        self.changed_by(commit.revocations)?.change_tenant(id, change, commit).await
    }
}

#[async_trait]
impl<S: LastUsedStore> LastUsedStore for Severable<S> {
    async fn record_last_used(&self, batch: &[(KeyId, Timestamp)]) -> Result<(), Unavailable> {
        self.connected()?.record_last_used(batch).await
    }
}

#[async_trait]
impl<S: UsageStore> UsageStore for Severable<S> {
    async fn add_usage(&self, batch: &UsageBatch) -> Result<(), Unavailable> {
        self.connected()?.add_usage(batch).await
    }

    async fn usage(&self, filter: &UsageFilter, page: Page<UsageKey>) -> Result<Vec<UsageRow>, Unavailable> {
        self.connected()?.usage(filter, page).await
    }
}

#[async_trait]
impl<S: AuditLog> AuditLog for Severable<S> {
    async fn append(&self, events: &[AuditEvent]) -> Result<(), Unavailable> {
        self.connected()?.append(events).await
    }

    async fn events(&self, page: Page<u64>) -> Result<Vec<(u64, AuditEvent)>, Unavailable> {
        self.connected()?.events(page).await
    }
}

#[async_trait]
impl<S: StoreRegistry> StoreRegistry for Severable<S> {
    fn origin(&self) -> StoreOrigin {
        self.origin.clone().unwrap_or_else(|| self.inner.origin())
    }

    fn log(&self) -> Option<Arc<dyn RevocationWriter>> {
        self.inner.log()
    }

    async fn record(&self) -> Result<StoreRecord, Unavailable> {
        self.connected()?.record().await
    }

    async fn set_dependencies(&self, revision: u64, depends_on: &Dependencies) -> Result<bool, Unavailable> {
        self.connected()?.set_dependencies(revision, depends_on).await
    }

    async fn live_schemes(&self, prefix: &str, now: Timestamp) -> Result<Vec<Box<str>>, Unavailable> {
        self.connected()?.live_schemes(prefix, now).await
    }
}
