use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, AtomicUsize};

use remint_conformance::key_store::{self, Plain as _, Store};
use remint_core::{
    Commit, ExternalIdentity, IdempotencyRecord, KeyDigest, KeyId, StoreError, TenantId, Timestamp, Unavailable, UserId,
};

/// A sound store made unsound in the one way that a case of the suite is to notice.
#[derive(Debug)]
pub(crate) struct Broken<S> {
    pub(crate) inner: S,
    pub(crate) case: &'static str,
    pub(crate) inserted: Mutex<Option<KeyDigest>>,
    pub(crate) last_written: Mutex<HashMap<KeyId, Timestamp>>,
    /// Users who are being deleted, or were.
    pub(crate) hidden: Mutex<HashSet<UserId>>,
    /// The links of users who are gone.
    pub(crate) left: Mutex<Vec<ExternalIdentity>>,
    /// Idempotency keys of changes that failed.
    pub(crate) spent: Mutex<HashSet<[u8; 32]>>,
    pub(crate) batches: AtomicU8,
    pub(crate) listed: AtomicUsize,
}

impl<S: Store> Broken<S> {
    pub(crate) fn new(inner: S, case: &'static str) -> Self {
        Self {
            inner,
            case,
            inserted: Mutex::default(),
            last_written: Mutex::default(),
            hidden: Mutex::default(),
            left: Mutex::default(),
            spent: Mutex::default(),
            batches: AtomicU8::default(),
            listed: AtomicUsize::default(),
        }
    }

    pub(crate) async fn revoke_all(&self, user: &UserId, at: Timestamp) -> Result<(), Unavailable> {
        for key in self.inner.keys(user).await? {
            self.inner.revoke_key(&key.id, at).await?;
        }
        Ok(())
    }

    pub(crate) fn somebody_is_gone(&self) -> bool {
        !self.hidden.lock().unwrap().is_empty()
    }

    /// The idempotency key as a store with this fault understands it.
    pub(crate) fn once(&self, once: Option<&IdempotencyRecord>) -> Result<Option<IdempotencyRecord>, StoreError> {
        let Some(mut once) = once.cloned() else { return Ok(None) };
        if self.spent.lock().unwrap().contains(&once.key) {
            return Err(StoreError::IdempotencyKeyReused);
        }
        match self.case {
            "a_request_that_is_repeated_is_done_once" | "of_many_equal_requests_one_is_done" => return Ok(None),
            "a_clock_that_is_behind_forgets_nothing" if once.at < key_store::MORNING => return Ok(None),
            "an_idempotency_key_is_of_one_request" => once.request = [0; 32],
            "idempotency_keys_do_not_meet" => once.key = [once.key[1]; 32],
            "a_request_is_forgotten_after_a_day" | "every_kind_of_request_is_forgotten_after_a_day" => {
                once.at = key_store::MORNING;
            }
            _ => {}
        }
        Ok(Some(once))
    }

    /// After a change with this commit failed.
    pub(crate) async fn failed(&self, commit: Commit<'_>) -> Result<(), Unavailable> {
        match (self.case, commit.once) {
            ("a_change_that_fails_leaves_no_idempotency_key", Some(once)) => {
                self.spent.lock().unwrap().insert(once.key);
            }
            ("a_change_that_fails_writes_no_event", _) => self.inner.append(commit.audit).await?,
            _ => {}
        }
        Ok(())
    }
}

pub(crate) fn folded(id: &KeyId) -> KeyId {
    KeyId::new(id.as_str().to_lowercase()).unwrap()
}

pub(crate) fn folded_tenant(id: &TenantId) -> TenantId {
    TenantId::new(id.as_str().to_lowercase()).unwrap()
}
