use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use remint_conformance::key_store::{self, Plain as _, Store};
use remint_core::{
    ApiKeyRecord, ApiKeyStore, Commit, Descent, Environment, FoundKey, KeyCursor, KeyDigest, KeyEnd, KeyId,
    KeyRotation, LastUsedStore, MadeBy, Page, StoreError, Timestamp, Unavailable, UnavailableKind, UserId,
};

use crate::store::{Broken, folded};

impl<S: Store> Broken<S> {
    fn kept(&self, key: &ApiKeyRecord) -> ApiKeyRecord {
        let mut key = key.clone();
        match self.case {
            "a_key_comes_back_whole_with_its_user" => key.environment = Environment::Live,
            "what_is_absent_stays_absent_and_what_is_empty_stays_empty" => {
                key.scopes = key.scopes.filter(|scopes| !scopes.is_empty());
            }
            "for_whom_a_key_may_act_comes_back_as_it_was_given" => {
                if let Some(right) = &mut key.act_for {
                    right.scopes = right.scopes.take().filter(|scopes| !scopes.is_empty());
                }
            }
            "what_made_a_key_comes_back_as_it_was_given" => {
                key.made_by = key.made_by.key().map_or(MadeBy::Unknown, |_| key.made_by.clone());
            }
            "the_furthest_moments_come_back" => key.expires_at = key.expires_at.filter(|at| *at < Timestamp::MAX),
            "a_digest_is_bytes_and_not_text" => key.digest.bytes.make_ascii_lowercase(),
            "the_scheme_is_part_of_the_digest" => key.digest.scheme = "any".into(),
            "texts_are_kept_to_the_byte" => key.name = key.name.map(|name| name.trim().to_owned()),
            _ => {}
        }
        key
    }
}

#[async_trait]
impl<S: Store> ApiKeyStore for Broken<S> {
    async fn insert(&self, keys: &[ApiKeyRecord], commit: Commit<'_>) -> Result<(), StoreError> {
        let mut keys: Vec<_> = keys.iter().map(|key| self.kept(key)).collect();
        *self.inserted.lock().unwrap() = keys.last().map(|key| key.digest.clone());
        let kept_once = self.once(commit.once)?;
        match self.case {
            "several_keys_are_kept_together" => keys.truncate(1),
            "of_several_keys_all_are_kept_or_none" => {
                for key in &keys {
                    self.inner.insert_key(key).await?;
                }
                return Ok(());
            }
            _ => {}
        }
        let outcome = self.inner.insert(&keys, Commit { once: kept_once.as_ref(), ..commit }).await;
        if outcome.is_err() {
            self.failed(commit).await?;
        }
        match (outcome, self.case) {
            (Err(StoreError::UnknownUser), "a_key_of_an_unknown_user_leaves_no_trace") => {
                let user = &keys[0].user;
                self.inner.insert_user(&key_store::user(user.as_str())).await?;
                self.inner.insert(&keys, Commit::default()).await?;
                self.inner.set_enabled(user, false).await?;
                Err(StoreError::UnknownUser)
            }
            (
                Err(StoreError::Conflict),
                "a_key_with_an_id_that_exists_leaves_no_trace"
                | "a_key_with_a_digest_that_exists_leaves_no_trace"
                | "of_many_keys_with_one_digest_one_is_kept",
            ) => Ok(()),
            (
                Err(StoreError::MakerEnded),
                "a_key_that_has_ended_makes_no_other" | "no_key_is_made_behind_the_end_of_its_maker",
            ) => {
                for key in &mut keys {
                    key.made_by = MadeBy::Unknown;
                }
                self.inner.insert(&keys, Commit { once: None, ..commit }).await
            }
            (
                Err(StoreError::Replayed { .. } | StoreError::IdempotencyKeyReused),
                "an_idempotency_key_is_looked_at_first",
            ) => self.inner.insert(&keys, Commit { once: None, ..commit }).await,
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
                "disabling_a_tenant_shows_in_each_of_its_users" => {
                    found.tenant.as_mut().unwrap().enabled = true;
                }
                _ => {}
            }
        }
        Ok(found.filter(|found| match self.case {
            "a_revoked_key_is_found_as_revoked" => found.key.revoked_at.is_none(),
            "a_key_is_found_after_its_end" => found.key.is_active(key_store::MORNING),
            _ => true,
        }))
    }

    async fn candidates(&self, scheme: &str, start: &str) -> Result<Vec<FoundKey>, Unavailable> {
        let (mut scheme, mut start) = (scheme.to_owned(), start.to_owned());
        match self.case {
            "candidates_have_the_start_and_the_beginning_of_the_scheme" => scheme.clear(),
            "candidates_are_compared_byte_by_byte" => {
                scheme.make_ascii_lowercase();
                start.make_ascii_lowercase();
            }
            "there_are_eight_candidates_at_most" => {
                let mut found = self.inner.candidates(&format!("{scheme}-a"), &start).await?;
                found.extend(self.inner.candidates(&format!("{scheme}-b"), &start).await?);
                return Ok(found);
            }
            _ => {}
        }
        let mut found = self.inner.candidates(&scheme, &start).await?;
        found.retain(|found| self.case != "candidates_come_whole" || found.key.revoked_at.is_none());
        Ok(found)
    }

    async fn key(&self, id: &KeyId) -> Result<Option<ApiKeyRecord>, Unavailable> {
        let id = if self.case == "a_key_is_found_by_its_id" { folded(id) } else { id.clone() };
        self.inner.key(&id).await
    }

    async fn list(&self, user: &UserId, page: Page<KeyCursor>) -> Result<Vec<ApiKeyRecord>, Unavailable> {
        let (mut user, mut page) = (user.clone(), page);
        match self.case {
            "a_list_holds_one_users_keys" => user = UserId::new(user.as_str().to_lowercase()).unwrap(),
            "pages_have_no_gap_and_repeat_nothing" => {
                page.after = page.after.map(|after| KeyCursor { id: KeyId::new(" ").unwrap(), ..after });
            }
            "a_page_holds_no_more_than_its_limit" => page.limit = page.limit.saturating_add(1),
            "a_cursor_is_a_place" => {
                let known = match &page.after {
                    Some(after) => self.inner.key(&after.id).await?.is_some(),
                    None => false,
                };
                page.after = page.after.filter(|_| known);
            }
            "new_keys_do_not_move_the_pages" => {
                let skip = if page.after.is_some() { self.listed.load(Ordering::SeqCst) } else { 0 };
                let list: Vec<_> = self.inner.keys(&user).await?.into_iter().skip(skip).take(page.limit).collect();
                self.listed.store(list.len(), Ordering::SeqCst);
                return Ok(list);
            }
            _ => {}
        }
        let mut list = self.inner.list(&user, page).await?;
        if self.case == "the_newest_key_comes_first" {
            list.sort_by_key(|key| (std::cmp::Reverse(key.created_at), key.id.clone()));
        }
        Ok(list)
    }

    async fn revoke(&self, id: &KeyId, at: Timestamp, commit: Commit<'_>) -> Result<Option<ApiKeyRecord>, Unavailable> {
        let id = if self.case == "revoking_what_is_not_there_is_no_error" { folded(id) } else { id.clone() };
        let kept_audit = match self.case {
            "each_change_writes_its_events" => &[],
            "a_second_revocation_writes_no_event" | "of_many_revocations_one_is_written" => {
                self.inner.append(commit.audit).await?;
                &[]
            }
            _ => commit.audit,
        };
        let mut revoked = self.inner.revoke(&id, at, Commit { audit: kept_audit, ..commit }).await?;
        match (&mut revoked, self.case) {
            (Some(key), "the_first_revocation_stands" | "concurrent_revocations_agree_on_one_moment") => {
                key.revoked_at = Some(at);
            }
            (Some(key), "revoking_one_key_leaves_the_others") => self.revoke_all(&key.user, at).await?,
            (None, "a_change_of_what_is_not_there_writes_no_event") => self.inner.append(commit.audit).await?,
            _ => {}
        }
        Ok(revoked)
    }

    async fn revoke_all(&self, keys: &[KeyEnd], at: Timestamp) -> Result<Vec<KeyId>, Unavailable> {
        let ended = self.inner.revoke_all(keys, at).await?;
        match self.case {
            "keys_end_together_with_their_own_events" => {
                for end in keys.iter().filter(|end| !ended.contains(&end.id)) {
                    self.inner.append(&end.audit).await?;
                }
                Ok(ended)
            }
            "of_many_who_end_the_same_keys_one_ends_each" => Ok(keys.iter().map(|end| end.id.clone()).collect()),
            _ => Ok(ended),
        }
    }

    async fn descent(&self, makers: &[KeyId], mut page: Page<Descent>) -> Result<Vec<Descent>, Unavailable> {
        let mut makers = makers.to_vec();
        match self.case {
            "what_keys_made_is_read_page_by_page" => page.limit = page.limit.saturating_add(1),
            "descent_stays_when_a_key_goes" => {
                let mut left = Vec::new();
                for maker in makers {
                    if self.inner.key(&maker).await?.is_some() {
                        left.push(maker);
                    }
                }
                makers = left;
            }
            _ => {}
        }
        self.inner.descent(&makers, page).await
    }

    async fn rotate(&self, rotation: &KeyRotation, commit: Commit<'_>) -> Result<ApiKeyRecord, StoreError> {
        let mut rotation = rotation.clone();
        match self.case {
            "a_rotation_that_a_key_makes_is_descent" => rotation.new.made_by = MadeBy::Unknown,
            "a_key_that_is_not_there_is_not_rotated" => rotation.old = folded(&rotation.old),
            "a_key_at_its_end_is_not_rotated" => {
                rotation.new.created_at = rotation.new.created_at.saturating_sub(Duration::from_millis(1));
            }
            _ => {}
        }
        let kept_once = self.once(commit.once)?;
        let outcome = self.inner.rotate(&rotation, Commit { once: kept_once.as_ref(), ..commit }).await;
        if outcome.is_err() {
            self.failed(commit).await?;
        }
        match (outcome, self.case) {
            (Ok(old), "rotation_keeps_both_keys") => Ok(self.inner.revoke_key(&old.id, old.created_at).await?.unwrap()),
            (Ok(mut old), "a_deadline_never_lengthens_a_life") => {
                old.expires_at = Some(rotation.deadline);
                Ok(old)
            }
            (
                Err(StoreError::Ended),
                "a_revoked_key_is_not_rotated" | "a_key_is_rotated_once" | "of_many_rotations_one_wins",
            ) => {
                self.inner.insert(&[rotation.new], Commit { once: None, ..commit }).await?;
                Ok(self.inner.key(&rotation.old).await?.unwrap())
            }
            (Err(StoreError::Conflict), "a_rotation_to_a_key_that_exists_changes_nothing") => {
                self.inner.revoke_key(&rotation.old, rotation.deadline).await?;
                Err(StoreError::Conflict)
            }
            (outcome, _) => outcome,
        }
    }

    async fn keys_without_entitlements(&self, at: Timestamp) -> Result<u64, Unavailable> {
        match self.case {
            // Who forgets a condition counts more.
            "keys_with_scopes_of_users_with_entitlements_are_counted" => {
                Ok(self.inner.keys_without_entitlements(at).await? + 1)
            }
            _ => self.inner.keys_without_entitlements(at).await,
        }
    }

    async fn rehash(&self, id: &KeyId, from: &KeyDigest, to: &KeyDigest) -> Result<bool, StoreError> {
        match self.case {
            "a_rehashed_key_is_found_by_its_new_digest_only" => return Ok(true),
            "a_digest_that_is_another_meanwhile_stays" => {
                let now = self.inner.key(id).await?.map_or(from.clone(), |key| key.digest);
                return self.inner.rehash(id, &now, to).await;
            }
            _ => {}
        }
        match (self.inner.rehash(id, from, to).await, self.case) {
            (Err(StoreError::Conflict), "the_digest_of_another_key_is_not_taken") => Ok(false),
            (outcome, _) => outcome,
        }
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
