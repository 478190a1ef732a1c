#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "it is for tests")]

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use async_trait::async_trait;
use remint_core::{
    ApiKeyRecord, ApiKeyStore, Directory, Environment, FoundKey, KeyDigest, KeyId, LastUsedStore, Scopes, StoreError,
    Timestamp, Unavailable, UnavailableKind, User, UserId,
};
use remint_testkit::key_store::{self, Store};

/// A sound store made unsound in the one way that a case of the suite is to notice.
#[derive(Debug)]
pub(crate) struct Broken<S> {
    inner: S,
    case: &'static str,
    inserted: Mutex<Option<KeyDigest>>,
    last_written: Mutex<HashMap<KeyId, Timestamp>>,
    hidden: Mutex<HashSet<UserId>>,
}

impl<S: Store> Broken<S> {
    pub(crate) fn new(inner: S, case: &'static str) -> Self {
        let (inserted, last_written, hidden) = Default::default();
        Self { inner, case, inserted, last_written, hidden }
    }

    async fn revoke_all(&self, user: &UserId, at: Timestamp) -> Result<(), Unavailable> {
        for key in self.inner.list(user).await? {
            self.inner.revoke(&key.id, at).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl<S: Store> ApiKeyStore for Broken<S> {
    async fn insert(&self, key: &ApiKeyRecord) -> Result<(), StoreError> {
        let mut key = key.clone();
        match self.case {
            "a_key_comes_back_whole_with_its_user" => key.environment = Environment::Live,
            "what_is_absent_stays_absent_and_what_is_empty_stays_empty" => {
                key.scopes = key.scopes.filter(|scopes| !scopes.is_empty());
            }
            "the_furthest_moments_come_back" => key.expires_at = key.expires_at.filter(|at| *at < Timestamp::MAX),
            "a_digest_is_bytes_and_not_text" => key.digest.bytes.make_ascii_lowercase(),
            "the_scheme_is_part_of_the_digest" => key.digest.scheme = "any".into(),
            "texts_are_kept_to_the_byte" => {
                key.name = key.name.map(|name| name.split('\0').next().unwrap_or_default().to_owned());
            }
            _ => {}
        }
        *self.inserted.lock().unwrap() = Some(key.digest.clone());
        match (self.inner.insert(&key).await, self.case) {
            (Err(StoreError::UnknownUser), "a_key_of_an_unknown_user_leaves_no_trace") => {
                self.inner.insert_user(&key_store::user(key.user.as_str())).await?;
                self.inner.insert(&key).await?;
                self.inner.set_enabled(&key.user, false).await?;
                Err(StoreError::UnknownUser)
            }
            (
                Err(StoreError::Conflict),
                "a_key_with_an_id_that_exists_leaves_no_trace"
                | "a_key_with_a_digest_that_exists_leaves_no_trace"
                | "of_many_keys_with_one_digest_one_is_kept",
            ) => Ok(()),
            (Err(StoreError::Unavailable(_)), "an_outage_is_never_success") => Err(StoreError::Conflict),
            (outcome, _) => outcome,
        }
    }

    async fn find(&self, digest: &KeyDigest) -> Result<Option<FoundKey>, Unavailable> {
        let mut digest = digest.clone();
        match self.case {
            "a_digest_is_bytes_and_not_text" => digest.bytes.make_ascii_lowercase(),
            "the_scheme_is_part_of_the_digest" => digest.scheme = "any".into(),
            "another_digest_finds_nothing" => {
                let known = self.inserted.lock().unwrap().clone();
                digest = known.filter(|known| known.bytes.starts_with(&digest.bytes)).unwrap_or(digest);
            }
            _ => {}
        }
        let mut found = match (self.inner.find(&digest).await, self.case) {
            (Err(_), "an_outage_is_never_absence") => None,
            (outcome, _) => outcome?,
        };
        if let Some(found) = &mut found {
            match self.case {
                "every_reader_sees_an_acknowledged_revocation" => found.key.revoked_at = None,
                "disabling_shows_in_each_of_the_users_keys" | "every_reader_sees_a_disabled_user" => {
                    found.user.enabled = true;
                }
                "an_earlier_use_never_replaces_a_later_one" => {
                    found.key.last_used_at = self.last_written.lock().unwrap().get(&found.key.id).copied();
                }
                _ => {}
            }
        }
        let unrevoked = self.case == "a_revoked_key_is_found_as_revoked";
        Ok(found.filter(|found| !unrevoked || found.key.revoked_at.is_none()))
    }

    async fn list(&self, user: &UserId) -> Result<Vec<ApiKeyRecord>, Unavailable> {
        let user = match self.case {
            "a_list_holds_one_users_keys" => UserId::new(user.as_str().to_lowercase()).unwrap(),
            _ => user.clone(),
        };
        let mut list = self.inner.list(&user).await?;
        if self.case == "the_newest_key_comes_first" {
            list.sort_by_key(|key| (std::cmp::Reverse(key.created_at), key.id.clone()));
        }
        Ok(list)
    }

    async fn revoke(&self, id: &KeyId, at: Timestamp) -> Result<Option<ApiKeyRecord>, Unavailable> {
        let id = match self.case {
            "revoking_what_is_not_there_is_no_error" => KeyId::new(id.as_str().to_lowercase()).unwrap(),
            _ => id.clone(),
        };
        let mut revoked = self.inner.revoke(&id, at).await?;
        if let Some(key) = &mut revoked {
            match self.case {
                "the_first_revocation_stands" | "concurrent_revocations_agree_on_one_moment" => {
                    key.revoked_at = Some(at);
                }
                "revoking_one_key_leaves_the_others" => self.revoke_all(&key.user, at).await?,
                _ => {}
            }
        }
        Ok(revoked)
    }
}

#[async_trait]
impl<S: Store> LastUsedStore for Broken<S> {
    async fn record_last_used(&self, batch: &[(KeyId, Timestamp)]) -> Result<(), Unavailable> {
        self.last_written.lock().unwrap().extend(batch.iter().cloned());
        let batch = match self.case {
            "a_use_shows_in_the_list_and_in_the_look_up" | "concurrent_uses_settle_on_the_latest" => &[],
            "the_latest_of_one_batch_counts" => &batch[..1],
            "a_large_batch_is_recorded_whole" => &batch[..999],
            "a_key_that_is_gone_is_passed_over" if batch.iter().any(|(id, _)| id.as_str() == "key_gone") => {
                return Err(Unavailable::new(UnavailableKind::Store));
            }
            _ => batch,
        };
        self.inner.record_last_used(batch).await
    }
}

#[async_trait]
impl<S: Store> Directory for Broken<S> {
    async fn insert_user(&self, user: &User) -> Result<(), StoreError> {
        let mut user = user.clone();
        match self.case {
            "a_user_comes_back_whole" => user.enabled = true,
            "names_that_look_alike_are_different_users" => {
                user.id = UserId::new(user.id.as_str().to_lowercase()).unwrap();
            }
            _ => {}
        }
        match (self.inner.insert_user(&user).await, self.case) {
            (Err(StoreError::Conflict), "of_many_users_with_one_id_one_is_kept") => Ok(()),
            (Err(StoreError::Conflict), "a_second_user_of_the_same_id_changes_nothing") => {
                self.inner.delete_user(&user.id).await?;
                self.inner.insert_user(&user).await?;
                Err(StoreError::Conflict)
            }
            (Err(StoreError::Conflict), "a_user_created_again_inherits_nothing") => {
                self.inner.set_enabled(&user.id, true).await?;
                Ok(())
            }
            (outcome, _) => outcome,
        }
    }

    async fn user(&self, id: &UserId) -> Result<Option<User>, Unavailable> {
        if self.hidden.lock().unwrap().contains(id) {
            return Ok(None);
        }
        let user = self.inner.user(id).await?;
        match self.case {
            "an_absent_user_is_absent" => {
                Ok(user.or_else(|| Some(User { scopes: Scopes::new(), ..key_store::user("x") })))
            }
            _ => Ok(user),
        }
    }

    async fn set_enabled(&self, id: &UserId, enabled: bool) -> Result<bool, Unavailable> {
        let known = self.inner.set_enabled(id, enabled).await?;
        match self.case {
            "enabling_brings_the_user_back" => self.revoke_all(id, Timestamp::from_secs(1)).await?,
            "disabling_one_user_leaves_the_others" => {
                self.inner.set_enabled(&key_store::user_id("bob"), enabled).await?;
            }
            "enabling_who_is_not_there_is_no_error" => return Ok(true),
            _ => {}
        }
        Ok(known)
    }

    async fn delete_user(&self, id: &UserId) -> Result<bool, Unavailable> {
        match self.case {
            "deleting_a_user_takes_every_key" | "no_key_outlives_its_user" => return Ok(true),
            "a_user_created_again_inherits_nothing" => return self.inner.set_enabled(id, false).await,
            "deleting_one_user_leaves_the_others" => {
                self.inner.delete_user(&key_store::user_id("bob")).await?;
            }
            "deleting_who_is_not_there_is_no_error" => {
                self.inner.delete_user(id).await?;
                return Ok(true);
            }
            "a_dropped_call_leaves_the_store_whole" => {
                self.hidden.lock().unwrap().insert(id.clone());
                tokio::task::yield_now().await;
            }
            _ => {}
        }
        self.inner.delete_user(id).await
    }
}
