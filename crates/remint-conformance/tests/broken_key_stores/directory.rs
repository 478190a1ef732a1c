use std::collections::BTreeSet;

use async_trait::async_trait;
use remint_conformance::key_store::{self, Plain as _, Store};
use remint_core::{
    Commit, DeletedUser, Directory, ExternalIdentity, FoundUser, Roles, Scopes, SignUp, StoreError, Subject, Tenant,
    TenantChange, TenantId, Timestamp, Unavailable, User, UserChange, UserId,
};

use crate::store::{Broken, folded_tenant};

#[async_trait]
impl<S: Store> Directory for Broken<S> {
    async fn sign_up(&self, sign_up: &SignUp, commit: Commit<'_>) -> Result<(), StoreError> {
        let SignUp { mut user, mut external, mut keys } = sign_up.clone();
        match self.case {
            "rows_of_the_revocation_log_change_nothing_else" if !commit.revocations.is_empty() => {
                return Err(StoreError::Conflict);
            }
            "a_user_comes_back_whole" => user.enabled = true,
            "names_that_look_alike_are_different_users" => {
                user.id = UserId::new(user.id.as_str().to_lowercase()).unwrap();
            }
            "a_user_signs_up_with_keys_and_links" => keys.truncate(1),
            "a_deleted_users_links_are_free" => external.append(&mut self.left.lock().unwrap()),
            "many_first_users_share_one_tenant" => {
                let there = self.inner.tenant(user.tenant.as_ref().unwrap()).await?.is_some();
                if there {
                    return Err(StoreError::Conflict);
                }
            }
            _ => {}
        }
        let kept_once = self.once(commit.once)?;
        let bare = SignUp { user: user.clone(), external: Vec::new(), keys: Vec::new() };
        let whole = SignUp { user, external, keys };
        let outcome = self.inner.sign_up(&whole, Commit { once: kept_once.as_ref(), ..commit }).await;
        if outcome.is_err() {
            self.failed(commit).await?;
        }
        match (outcome, self.case) {
            (Err(StoreError::Conflict), "of_many_users_with_one_id_one_is_kept") => Ok(()),
            (Err(StoreError::Conflict), "a_second_user_of_the_same_id_changes_nothing") => {
                self.inner.remove_user(&bare.user.id).await?;
                self.inner.insert_user(&bare.user).await?;
                Err(StoreError::Conflict)
            }
            (Err(StoreError::Conflict), "a_user_created_again_inherits_nothing") => {
                self.inner.set_enabled(&bare.user.id, true).await?;
                Ok(())
            }
            (
                Err(StoreError::Conflict),
                "a_sign_up_with_a_link_that_exists_leaves_no_trace"
                | "a_sign_up_with_a_key_that_exists_leaves_no_trace"
                | "of_many_users_with_one_link_one_is_kept",
            ) => {
                self.inner.sign_up(&bare, Commit::default()).await?;
                Err(StoreError::Conflict)
            }
            (Err(StoreError::Conflict), "a_sign_up_of_a_user_who_exists_brings_nothing") => {
                self.inner.insert(&whole.keys, Commit::default()).await?;
                Err(StoreError::Conflict)
            }
            (Ok(()), "a_second_user_leaves_the_tenant_alone") => {
                let change = TenantChange { enabled: Some(true), plan: None };
                self.inner.change_tenant(&key_store::tenant().id, &change, Commit::default()).await?;
                Ok(())
            }
            (outcome, _) => outcome,
        }
    }

    async fn insert_users(&self, users: &[User], commit: Commit<'_>) -> Result<(), StoreError> {
        let outcome = self.inner.insert_users(users, commit).await;
        if outcome.is_err() && self.case == "many_users_are_kept_together_or_not_at_all" {
            self.inner.insert_user(&users[0]).await?;
        }
        outcome
    }

    async fn user(&self, id: &UserId) -> Result<Option<User>, Unavailable> {
        if self.case == "a_dropped_call_leaves_the_store_whole" && self.hidden.lock().unwrap().contains(id) {
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

    async fn external(&self, id: &UserId) -> Result<Vec<ExternalIdentity>, Unavailable> {
        let mut external = self.inner.external(id).await?;
        if self.case == "links_are_listed_in_order" {
            external.reverse();
        }
        Ok(external)
    }

    async fn linked(&self, external: &ExternalIdentity) -> Result<Option<FoundUser>, Unavailable> {
        let mut external = external.clone();
        if self.case == "links_are_compared_to_the_byte" {
            external.subject = Subject::new(external.subject.as_str().to_lowercase()).unwrap();
        }
        let mut found = self.inner.linked(&external).await?;
        if let Some(found) = &mut found {
            match self.case {
                "a_link_leads_to_its_user_with_their_tenant" => found.tenant = None,
                "a_link_shows_its_users_tenant_as_it_is" => found.tenant = Some(key_store::tenant()),
                _ => {}
            }
        }
        Ok(found)
    }

    async fn change_user(
        &self,
        id: &UserId,
        change: &UserChange,
        commit: Commit<'_>,
    ) -> Result<Option<User>, StoreError> {
        let (mut change, mut audit) = (change.clone(), commit.audit.to_vec());
        match self.case {
            "each_field_of_a_user_changes_alone" => change.plan = None,
            "roles_are_kept_as_they_were_given" => {
                let sorted = change.roles.map(|roles| BTreeSet::from_iter(Vec::from(roles)));
                change.roles = sorted.map(|names| Roles::new(names).unwrap());
            }
            "a_change_of_nothing_leaves_everything" => change.external.get_or_insert_default().clear(),
            "what_a_user_has_can_be_taken_away" => change.tenant = change.tenant.filter(Option::is_some),
            "a_tenant_is_made_for_who_moves_there" => audit.reverse(),
            "changing_one_user_leaves_the_others" => {
                self.inner.change_user(&key_store::user_id("bob"), &change, Commit::default()).await?;
            }
            "links_are_replaced_whole" => {
                let before = self.inner.external(id).await?;
                change.external.as_mut().unwrap().extend(before);
            }
            "changes_of_one_user_do_not_undo_each_other" => {
                // As if it had read the user before the others changed anything.
                let read = key_store::user(id.as_str());
                change.enabled.get_or_insert(read.enabled);
                change.plan.get_or_insert(read.plan);
                change.roles.get_or_insert(read.roles);
                change.entitlements.get_or_insert(read.entitlements);
                change.tenant.get_or_insert(read.tenant);
            }
            _ => {}
        }
        let commit = Commit { audit: &audit, ..commit };
        let outcome = self.inner.change_user(id, &change, commit).await;
        if outcome.is_err() {
            self.failed(commit).await?;
        }
        match (outcome, self.case) {
            (Ok(Some(user)), "enabling_brings_the_user_back") => {
                self.revoke_all(id, Timestamp::from_secs(1)).await?;
                Ok(Some(user))
            }
            (Ok(Some(user)), "disabling_one_user_leaves_the_others") => {
                self.inner.change_user(&key_store::user_id("bob"), &change, Commit::default()).await?;
                Ok(Some(user))
            }
            (Ok(None), "enabling_who_is_not_there_is_no_error") => Ok(Some(key_store::user(id.as_str()))),
            (Ok(None), "changing_who_is_not_there_is_no_error") => {
                self.inner.insert_user(&key_store::user(id.as_str())).await?;
                Ok(None)
            }
            (Err(StoreError::Conflict), "a_link_of_another_user_changes_nothing") => {
                change.external = None;
                self.inner.change_user(id, &change, Commit::default()).await?;
                Err(StoreError::Conflict)
            }
            (Err(StoreError::Conflict), "of_many_who_claim_one_link_one_has_it") => {
                self.inner.user(id).await.map_err(Into::into)
            }
            (outcome, _) => outcome,
        }
    }

    async fn delete_user(&self, id: &UserId, commit: Commit<'_>) -> Result<Option<DeletedUser>, Unavailable> {
        let gone = |user| Ok(Some(DeletedUser { user, external: Vec::new() }));
        self.hidden.lock().unwrap().insert(id.clone());
        match self.case {
            "deleting_a_user_takes_every_key" | "no_key_outlives_its_user" => {
                return gone(key_store::user(id.as_str()));
            }
            "a_user_created_again_inherits_nothing" => {
                let kept = self.inner.set_enabled(id, false).await;
                assert!(kept.is_ok(), "{kept:?}");
                return gone(key_store::user(id.as_str()));
            }
            "deleting_one_user_leaves_the_others" => {
                self.inner.remove_user(&key_store::user_id("bob")).await?;
            }
            "deleting_who_is_not_there_is_no_error" => {
                self.inner.remove_user(id).await?;
                return gone(key_store::user(id.as_str()));
            }
            "a_dropped_call_leaves_the_store_whole" => tokio::task::yield_now().await,
            _ => {}
        }
        let deleted = self.inner.delete_user(id, commit).await?;
        if let Some(deleted) = &deleted {
            self.left.lock().unwrap().extend(deleted.external.iter().cloned());
        }
        Ok(deleted)
    }

    async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, Unavailable> {
        match self.case {
            "a_tenant_comes_with_its_first_user" => Ok(Some(key_store::tenant())),
            "a_tenant_stays_when_its_users_go" if self.somebody_is_gone() => Ok(None),
            _ => self.inner.tenant(id).await,
        }
    }

    async fn change_tenant(
        &self,
        id: &TenantId,
        change: &TenantChange,
        commit: Commit<'_>,
    ) -> Result<Option<Tenant>, Unavailable> {
        let (mut id, mut change) = (id.clone(), change.clone());
        match self.case {
            "each_field_of_a_tenant_changes_alone" => change.plan = None,
            "changing_a_tenant_that_is_not_there_is_no_error" => id = folded_tenant(&id),
            "disabling_one_tenant_leaves_the_others" => {
                self.inner.change_tenant(&key_store::tenant_id("Acme"), &change, Commit::default()).await?;
            }
            _ => {}
        }
        self.inner.change_tenant(&id, &change, commit).await
    }
}
