use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use remint_core::{
    ApiKeyRecord, AuditEvent, Commit, Dependencies, ExternalIdentity, FoundKey, FoundUser, IdempotencyRecord,
    KeyDigest, KeyId, StoreError, StoreId, Tenant, TenantId, Timestamp, UsageCount, UsageKey, User, UserId,
};

use super::recent::Recent;

/// Everything. A change first checks all that can stand in its way, then does all of it.
#[derive(Debug)]
pub(super) struct State {
    pub(super) users: HashMap<UserId, Owner>,
    pub(super) tenants: HashMap<TenantId, Tenant>,
    pub(super) external: HashMap<ExternalIdentity, UserId>,
    pub(super) keys: HashMap<KeyId, ApiKeyRecord>,
    pub(super) digests: HashMap<KeyDigest, KeyId>,
    /// By `start` and scheme.
    pub(super) starts: BTreeMap<(String, Box<str>), BTreeSet<KeyId>>,
    /// Which keys each key made; it stays when they go.
    pub(super) made: HashMap<KeyId, BTreeSet<KeyId>>,
    pub(super) audit: Vec<AuditEvent>,
    pub(super) usage: BTreeMap<UsageKey, UsageCount>,
    /// The ids of batches of usage.
    pub(super) batches: Recent<[u8; 16], ()>,
    once: Recent<[u8; 32], Done>,
    /// Made when it is first asked for.
    pub(super) id: Option<StoreId>,
    pub(super) revision: u64,
    pub(super) depends_on: Dependencies,
}

#[derive(Debug)]
pub(super) struct Owner {
    pub(super) user: User,
    /// In the order of the list, read backwards.
    pub(super) keys: BTreeSet<(Timestamp, KeyId)>,
    pub(super) external: BTreeSet<ExternalIdentity>,
}

#[derive(Debug)]
struct Done {
    request: [u8; 32],
    resource: String,
}

impl State {
    /// Whether this is asked for the first time.
    pub(super) fn check_once(&self, once: Option<&IdempotencyRecord>) -> Result<(), StoreError> {
        match once.and_then(|once| Some((once, self.once.get(&once.key, once.at)?))) {
            None => Ok(()),
            Some((once, done)) if once.request == done.request => {
                Err(StoreError::Replayed { resource: done.resource.clone() })
            }
            Some(_) => Err(StoreError::IdempotencyKeyReused),
        }
    }

    /// Whether these keys can be kept, once `joining` is there.
    pub(super) fn check_keys(&self, keys: &[ApiKeyRecord], joining: Option<&UserId>) -> Result<(), StoreError> {
        let (mut ids, mut digests) = (HashSet::new(), HashSet::new());
        for key in keys {
            if joining != Some(&key.user) && !self.users.contains_key(&key.user) {
                return Err(StoreError::UnknownUser);
            }
            let maker = |id| self.keys.get(id).is_some_and(|maker| maker.is_active(key.created_at));
            if !key.made_by.key().is_none_or(maker) {
                return Err(StoreError::MakerEnded);
            }
            let known = self.keys.contains_key(&key.id) || self.digests.contains_key(&key.digest);
            if known || !ids.insert(&key.id) || !digests.insert(&key.digest) {
                return Err(StoreError::Conflict);
            }
        }
        Ok(())
    }

    pub(super) fn keep(&mut self, key: &ApiKeyRecord) {
        if let Some(owner) = self.users.get_mut(&key.user) {
            owner.keys.insert((key.created_at, key.id.clone()));
            self.index(key);
            self.keys.insert(key.id.clone(), key.clone());
            if let Some(maker) = key.made_by.key() {
                self.made.entry(maker.clone()).or_default().insert(key.id.clone());
            }
        }
    }

    pub(super) fn drop_key(&mut self, id: &KeyId) {
        if let Some(key) = self.keys.remove(id) {
            self.unindex(&key);
        }
    }

    pub(super) fn index(&mut self, key: &ApiKeyRecord) {
        self.digests.insert(key.digest.clone(), key.id.clone());
        self.starts.entry((key.start.clone(), key.digest.scheme.clone())).or_default().insert(key.id.clone());
    }

    pub(super) fn unindex(&mut self, key: &ApiKeyRecord) {
        self.digests.remove(&key.digest);
        let place = (key.start.clone(), key.digest.scheme.clone());
        if let Some(ids) = self.starts.get_mut(&place) {
            ids.remove(&key.id);
            if ids.is_empty() {
                self.starts.remove(&place);
            }
        }
    }

    pub(super) fn make_tenant(&mut self, id: Option<&TenantId>, created_at: Timestamp) {
        if let Some(id) = id.filter(|id| !self.tenants.contains_key(id)) {
            self.tenants.insert(id.clone(), Tenant { id: id.clone(), enabled: true, plan: None, created_at });
        }
    }

    /// Writes down what was done.
    pub(super) fn done(&mut self, commit: Commit<'_>, resource: Option<&str>) {
        if let (Some(once), Some(resource)) = (commit.once, resource) {
            self.once.insert(once.key, Done { request: once.request, resource: resource.to_owned() }, once.at);
        }
        self.audit.extend_from_slice(commit.audit);
    }

    pub(super) fn found_key(&self, id: &KeyId) -> Option<FoundKey> {
        let key = self.keys.get(id)?;
        let FoundUser { user, tenant } = self.found_user(&key.user)?;
        Some(FoundKey { key: key.clone(), user, tenant })
    }

    pub(super) fn found_user(&self, id: &UserId) -> Option<FoundUser> {
        let user = self.users.get(id)?.user.clone();
        let tenant = user.tenant.as_ref().and_then(|id| self.tenants.get(id)).cloned();
        Some(FoundUser { user, tenant })
    }
}

impl Default for State {
    fn default() -> Self {
        Self {
            users: HashMap::new(),
            tenants: HashMap::new(),
            external: HashMap::new(),
            keys: HashMap::new(),
            digests: HashMap::new(),
            starts: BTreeMap::new(),
            made: HashMap::new(),
            audit: Vec::new(),
            usage: BTreeMap::new(),
            batches: Recent::new(IdempotencyRecord::KEPT),
            once: Recent::new(IdempotencyRecord::KEPT),
            id: None,
            revision: 0,
            depends_on: Dependencies::default(),
        }
    }
}
