use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;
use remint_core::{
    ApiKeyRecord, ApiKeyStore, Directory, FoundKey, KeyDigest, KeyId, LastUsedStore, StoreError, Timestamp,
    Unavailable, UnavailableKind, User, UserId,
};

/// Keys and users in this process's memory: for tests, demos, and services whose users are made at
/// start. What it holds ends with the process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    users: HashMap<UserId, Owner>,
    keys: HashMap<KeyId, ApiKeyRecord>,
    digests: HashMap<KeyDigest, KeyId>,
}

#[derive(Debug)]
struct Owner {
    user: User,
    /// In the order in which they came.
    keys: Vec<KeyId>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn read(&self) -> Result<RwLockReadGuard<'_, State>, Unavailable> {
        self.state.read().map_err(half_changed)
    }

    fn write(&self) -> Result<RwLockWriteGuard<'_, State>, Unavailable> {
        self.state.write().map_err(half_changed)
    }
}

#[async_trait]
impl ApiKeyStore for MemoryStore {
    async fn insert(&self, key: &ApiKeyRecord) -> Result<(), StoreError> {
        let state = &mut *self.write()?;
        let owner = state.users.get_mut(&key.user).ok_or(StoreError::UnknownUser)?;
        if state.keys.contains_key(&key.id) || state.digests.contains_key(&key.digest) {
            return Err(StoreError::Conflict);
        }
        owner.keys.push(key.id.clone());
        state.digests.insert(key.digest.clone(), key.id.clone());
        state.keys.insert(key.id.clone(), key.clone());
        Ok(())
    }

    async fn find(&self, digest: &KeyDigest) -> Result<Option<FoundKey>, Unavailable> {
        let state = self.read()?;
        let Some(key) = state.digests.get(digest).and_then(|id| state.keys.get(id)) else { return Ok(None) };
        let owner = state.users.get(&key.user);
        Ok(owner.map(|owner| FoundKey { key: key.clone(), user: owner.user.clone() }))
    }

    async fn list(&self, user: &UserId) -> Result<Vec<ApiKeyRecord>, Unavailable> {
        let state = self.read()?;
        let ids = state.users.get(user).map(|owner| &*owner.keys).unwrap_or_default();
        let mut keys: Vec<_> = ids.iter().rev().filter_map(|id| state.keys.get(id)).cloned().collect();
        keys.sort_by_key(|key| std::cmp::Reverse(key.created_at));
        Ok(keys)
    }

    async fn revoke(&self, id: &KeyId, at: Timestamp) -> Result<Option<ApiKeyRecord>, Unavailable> {
        Ok(self.write()?.keys.get_mut(id).map(|key| {
            key.revoked_at.get_or_insert(at);
            key.clone()
        }))
    }
}

#[async_trait]
impl LastUsedStore for MemoryStore {
    async fn record_last_used(&self, batch: &[(KeyId, Timestamp)]) -> Result<(), Unavailable> {
        let mut state = self.write()?;
        for (id, at) in batch {
            if let Some(key) = state.keys.get_mut(id) {
                key.last_used_at = key.last_used_at.max(Some(*at));
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Directory for MemoryStore {
    async fn insert_user(&self, user: &User) -> Result<(), StoreError> {
        match self.write()?.users.entry(user.id.clone()) {
            Entry::Occupied(_) => Err(StoreError::Conflict),
            Entry::Vacant(place) => {
                place.insert(Owner { user: user.clone(), keys: Vec::new() });
                Ok(())
            }
        }
    }

    async fn user(&self, id: &UserId) -> Result<Option<User>, Unavailable> {
        Ok(self.read()?.users.get(id).map(|owner| owner.user.clone()))
    }

    async fn set_enabled(&self, id: &UserId, enabled: bool) -> Result<bool, Unavailable> {
        Ok(self.write()?.users.get_mut(id).map(|owner| owner.user.enabled = enabled).is_some())
    }

    async fn delete_user(&self, id: &UserId) -> Result<bool, Unavailable> {
        let state = &mut *self.write()?;
        let Some(owner) = state.users.remove(id) else { return Ok(false) };
        for key in owner.keys.iter().filter_map(|id| state.keys.remove(id)) {
            state.digests.remove(&key.digest);
        }
        Ok(true)
    }
}

/// A panic while the lock was held for writing: nobody can say what was done.
fn half_changed<Guard>(_poisoned: PoisonError<Guard>) -> Unavailable {
    Unavailable::new(UnavailableKind::Store)
}
