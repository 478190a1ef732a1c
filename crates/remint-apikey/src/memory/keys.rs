use std::collections::BTreeSet;

use async_trait::async_trait;
use remint_core::{
    ApiKeyRecord, ApiKeyStore, Commit, Descent, FoundKey, KeyCursor, KeyDigest, KeyEnd, KeyId, KeyRotation,
    LastUsedStore, Page, StoreError, Timestamp, Unavailable, UserId,
};

use super::MemoryStore;

#[async_trait]
impl ApiKeyStore for MemoryStore {
    async fn insert(&self, keys: &[ApiKeyRecord], commit: Commit<'_>) -> Result<(), StoreError> {
        let mut state = self.write()?;
        state.check_once(commit.once)?;
        state.check_keys(keys, None)?;
        for key in keys {
            state.keep(key);
        }
        state.done(commit, keys.first().map(|key| key.id.as_str()));
        Ok(())
    }

    async fn find(&self, digest: &KeyDigest) -> Result<Option<FoundKey>, Unavailable> {
        let state = self.read()?;
        Ok(state.digests.get(digest).and_then(|id| state.found_key(id)))
    }

    async fn candidates(&self, scheme: &str, start: &str) -> Result<Vec<FoundKey>, Unavailable> {
        let state = self.read()?;
        let from = (start.to_owned(), Box::from(scheme));
        let places = state.starts.range(from..);
        let places = places.take_while(|((at, of), _)| at == start && of.starts_with(scheme));
        let ids = places.flat_map(|(_, ids)| ids).take(CANDIDATES);
        Ok(ids.filter_map(|id| state.found_key(id)).collect())
    }

    async fn key(&self, id: &KeyId) -> Result<Option<ApiKeyRecord>, Unavailable> {
        Ok(self.read()?.keys.get(id).cloned())
    }

    async fn list(&self, user: &UserId, page: Page<KeyCursor>) -> Result<Vec<ApiKeyRecord>, Unavailable> {
        let state = self.read()?;
        let Some(owner) = state.users.get(user) else { return Ok(Vec::new()) };
        let ids = match page.after {
            Some(KeyCursor { created_at, id }) => owner.keys.range(..(created_at, id)),
            None => owner.keys.range(..),
        };
        Ok(ids.rev().take(page.limit).filter_map(|(_, id)| state.keys.get(id)).cloned().collect())
    }

    async fn revoke(&self, id: &KeyId, at: Timestamp, commit: Commit<'_>) -> Result<Option<ApiKeyRecord>, Unavailable> {
        let mut state = self.write()?;
        let Some(key) = state.keys.get_mut(id) else { return Ok(None) };
        let first = key.revoked_at.is_none();
        key.revoked_at.get_or_insert(at);
        let key = key.clone();
        if first {
            state.done(commit, None);
        }
        Ok(Some(key))
    }

    async fn revoke_all(&self, keys: &[KeyEnd], at: Timestamp) -> Result<Vec<KeyId>, Unavailable> {
        let mut state = self.write()?;
        let mut ended = Vec::new();
        for KeyEnd { id, audit, .. } in keys {
            let Some(key) = state.keys.get_mut(id).filter(|key| key.revoked_at.is_none()) else { continue };
            key.revoked_at = Some(at);
            state.done(Commit::audited(audit), None);
            ended.push(id.clone());
        }
        Ok(ended)
    }

    async fn descent(&self, makers: &[KeyId], page: Page<Descent>) -> Result<Vec<Descent>, Unavailable> {
        let state = self.read()?;
        let makers: BTreeSet<_> = makers.iter().collect();
        let of = |maker: &KeyId| state.made.get(maker).into_iter().flatten();
        let made = makers
            .into_iter()
            .flat_map(|maker| of(maker).map(|key| Descent { maker: maker.clone(), key: key.clone() }));
        Ok(made.filter(|made| page.after.as_ref().is_none_or(|after| made > after)).take(page.limit).collect())
    }

    async fn rotate(&self, rotation: &KeyRotation, commit: Commit<'_>) -> Result<ApiKeyRecord, StoreError> {
        let KeyRotation { old, deadline, new } = rotation;
        let mut state = self.write()?;
        state.check_once(commit.once)?;
        let key = state.keys.get(old).ok_or(StoreError::UnknownKey)?;
        if !key.is_active(new.created_at) || key.rotated_to.is_some() {
            return Err(StoreError::Ended);
        }
        state.check_keys(std::slice::from_ref(new), None)?;
        let key = state.keys.get_mut(old).ok_or(StoreError::UnknownKey)?;
        key.rotated_to = Some(new.id.clone());
        key.expires_at = Some(key.expires_at.map_or(*deadline, |end| end.min(*deadline)));
        let key = key.clone();
        state.keep(new);
        state.done(commit, Some(new.id.as_str()));
        Ok(key)
    }

    async fn rehash(&self, id: &KeyId, from: &KeyDigest, to: &KeyDigest) -> Result<bool, StoreError> {
        let mut state = self.write()?;
        let Some(mut key) = state.keys.get(id).filter(|key| key.digest == *from).cloned() else { return Ok(false) };
        if state.digests.get(to).is_some_and(|other| other != id) {
            return Err(StoreError::Conflict);
        }
        state.unindex(&key);
        key.digest = to.clone();
        state.index(&key);
        state.keys.insert(id.clone(), key);
        Ok(true)
    }

    async fn keys_without_entitlements(&self, at: Timestamp) -> Result<u64, Unavailable> {
        let state = self.read()?;
        let entitled =
            |key: &ApiKeyRecord| state.users.get(&key.user).is_some_and(|owner| !owner.user.entitlements.is_empty());
        let losing = state.keys.values().filter(|key| key.is_active(at) && key.scopes.is_some() && entitled(key));
        Ok(losing.count() as u64)
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

/// How many candidates there are at most.
const CANDIDATES: usize = 8;
