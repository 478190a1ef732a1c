use remint_core::{
    ApiKeyRecord, AuditAction, AuditEvent, Commit, Effect, ExternalIdentity, FoundUser, MadeBy, SignUp, StoreError,
    Target, Timestamp, Unavailable, User, UserChange, UserId,
};
use serde_json::Value;

use super::ApiKeys;
use super::defect::defect;
use super::rows::{link_rows, row};
use super::trail::tell;
use crate::{ApiKey, NewKey, NewUser};

/// A new user, with what was made for them.
#[derive(Debug)]
pub struct SignedUp {
    /// The user.
    pub user: User,
    /// Who they are elsewhere.
    pub external: Vec<ExternalIdentity>,
    /// Their first keys; each text this once.
    pub keys: Vec<(ApiKey, ApiKeyRecord)>,
}

impl ApiKeys {
    /// Creates a user with all that comes with them, in one transaction. Where a key signs the user up, it makes
    /// their first keys: they end where it is ended together with what it made.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] if the id, or one of the external identities, is taken;
    /// [`StoreError::Replayed`] with the user's id and [`StoreError::IdempotencyKeyReused`] where the request
    /// is to be carried out [once](NewUser::once); [`StoreError::Unavailable`] if the store or the
    /// revocation log did not take it: call again, with the same [`IdempotencyRecord`](remint_core::IdempotencyRecord).
    /// Where a log apart from the store failed alone, the user was removed again, and the answer is `Replayed` with
    /// nobody there: that needs another one.
    pub async fn sign_up(&self, mut new: NewUser) -> Result<SignedUp, StoreError> {
        let now = self.now();
        let (issue, once) = (std::mem::take(&mut new.issue), new.once.take());
        let mut external = std::mem::take(&mut new.external);
        external.sort();
        let user = new.created_at(now);
        let mut keys = Vec::with_capacity(issue.len());
        for environment in issue {
            let pepper = self.check.pepper_for_new().await?;
            let (key, mut record) = self.made(NewKey::new(user.id.clone(), environment), &pepper, now)?;
            if record.made_by.key().is_none() {
                record.made_by = MadeBy::SignUp;
            }
            keys.push((key, record));
        }
        let created =
            AuditEvent { tenant: user.tenant.clone(), ..self.user_event(now, AuditAction::UserCreated, &user.id) };
        let issued = keys.iter().map(|(_, key)| self.key_event(now, AuditAction::KeyIssued, key));
        let audit: Vec<_> = std::iter::once(created).chain(issued).collect();
        let records = keys.iter().map(|(_, record)| record.clone()).collect();
        let sign_up = SignUp { user, external, keys: records };
        // Caches may hold what was said of the user's id, and of the external subjects, before.
        let mut rows = vec![row(Target::User(sign_up.user.id.clone()), Effect::Changed, now)];
        rows.extend(link_rows(&sign_up.external, Effect::Changed, now));
        let commit = Commit { once: once.as_ref(), audit: &audit, revocations: &rows };
        self.check.store.sign_up(&sign_up, commit).await?;
        tell(&audit);
        let SignUp { user, external, .. } = sign_up;
        if let Err(error) = self.announce(&rows).await {
            self.withdraw_user(&user.id).await?;
            return Err(error.into());
        }
        Ok(SignedUp { user, external, keys })
    }

    /// Removes a user whose sign-up could not be brought to its end: the texts of their keys will
    /// reach nobody.
    pub(crate) async fn withdraw_user(&self, id: &UserId) -> Result<(), Unavailable> {
        let now = self.now();
        let audit = [self.user_event(now, AuditAction::UserDeleted, id)];
        let rows = [row(Target::User(id.clone()), Effect::Ended, now)];
        let commit = Commit::audited(&audit).with_revocations(&rows);
        if self.check.store.delete_user(id, commit).await?.is_some() {
            tell(&audit);
        }
        self.announce(&rows).await
    }

    /// Creates a user: [`sign_up`](Self::sign_up) where nothing comes with them.
    ///
    /// # Errors
    ///
    /// As [`sign_up`](Self::sign_up) says.
    pub async fn create_user(&self, user: NewUser) -> Result<User, StoreError> {
        Ok(self.sign_up(user).await?.user)
    }

    /// The user of this id.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    pub async fn user(&self, id: &UserId) -> Result<Option<User>, Unavailable> {
        self.check.store.user(id).await
    }

    /// Who a user is elsewhere.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    pub async fn external(&self, id: &UserId) -> Result<Vec<ExternalIdentity>, Unavailable> {
        self.check.store.external(id).await
    }

    /// The user whom an external identity is linked to, with their tenant.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    pub async fn linked(&self, external: &ExternalIdentity) -> Result<Option<FoundUser>, Unavailable> {
        self.check.store.linked(external).await
    }

    /// Changes a user and returns them as they are now; `None` if there is none.
    ///
    /// Disabling, and moving to another tenant, end what was made from their credentials; any other
    /// change makes caches forget it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] if an external identity is another user's;
    /// [`StoreError::Unavailable`] if the store or the revocation log did not take it: call again.
    pub async fn change_user(&self, id: &UserId, change: &UserChange) -> Result<Option<User>, StoreError> {
        let now = self.now();
        let before = match &change.external {
            Some(_) => self.check.store.external(id).await?,
            None => Vec::new(),
        };
        let audit = self.changes_of(id, change, now);
        let ended = change.enabled == Some(false) || change.tenant.is_some();
        let effect = if ended { Effect::Ended } else { Effect::Changed };
        let mut rows = vec![row(Target::User(id.clone()), effect, now)];
        rows.extend(link_rows(&before, Effect::Changed, now));
        rows.extend(link_rows(change.external.as_deref().unwrap_or_default(), Effect::Changed, now));
        let commit = Commit::audited(&audit).with_revocations(&rows);
        let changed = self.check.store.change_user(id, change, commit).await?;
        if changed.is_some() {
            tell(&audit);
        }
        self.announce(&rows).await?;
        Ok(changed)
    }

    /// Disables a user, which ends all their keys everywhere, or enables them, which brings those
    /// back that were not revoked. `false` if there is no such user.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store or the revocation log did not take it: call again.
    pub async fn set_user_enabled(&self, id: &UserId, enabled: bool) -> Result<bool, Unavailable> {
        let change = UserChange { enabled: Some(enabled), ..UserChange::default() };
        match self.change_user(id, &change).await {
            Ok(user) => Ok(user.is_some()),
            Err(StoreError::Unavailable(unavailable)) => Err(unavailable),
            Err(error) => Err(defect(error)),
        }
    }

    /// Deletes a user with all their keys and external identities. `false` if there is no such user
    /// (any more).
    ///
    /// Tokens that their external identities got until now are refused from now on. A new one names
    /// the external subject by itself, or a new user where users are provisioned just in time.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store or the revocation log did not take it: call again.
    pub async fn delete_user(&self, id: &UserId) -> Result<bool, Unavailable> {
        let now = self.now();
        let mut rows: Vec<_> = link_rows(&self.check.store.external(id).await?, Effect::Ended, now).collect();
        // Told before it is done: after a failure in between, nobody could say who they were.
        self.announce(&rows).await?;
        let gone = row(Target::User(id.clone()), Effect::Ended, now);
        rows.push(gone.clone());
        let audit = [self.user_event(now, AuditAction::UserDeleted, id)];
        let commit = Commit::audited(&audit).with_revocations(&rows);
        let deleted = self.check.store.delete_user(id, commit).await?;
        self.announce(&[gone]).await?;
        if let Some(deleted) = &deleted {
            tell(&audit);
            // Links may have come since they were read.
            let links: Vec<_> = link_rows(&deleted.external, Effect::Ended, now).collect();
            self.announce(&links).await?;
        }
        Ok(deleted.is_some())
    }

    fn changes_of(&self, id: &UserId, change: &UserChange, now: Timestamp) -> Vec<AuditEvent> {
        let UserChange { enabled, tenant, scopes, roles, entitlements, plan, external } = change;
        let mut events = Vec::new();
        if let Some(enabled) = enabled {
            let action = if *enabled { AuditAction::UserEnabled } else { AuditAction::UserDisabled };
            events.push(self.user_event(now, action, id));
        }
        let text = |name: &Option<String>| name.as_deref().map_or(Value::Null, Value::from);
        let mut event = self.user_event(now, AuditAction::UserChanged, id);
        let detail = &mut event.detail;
        if let Some(tenant) = tenant {
            detail.insert("tenant".into(), text(&tenant.as_ref().map(ToString::to_string)));
            event.tenant.clone_from(tenant);
        }
        if let Some(scopes) = scopes {
            detail.insert("scopes".into(), scopes.to_string().into());
        }
        if let Some(roles) = roles {
            detail.insert("roles".into(), roles.as_slice().into());
        }
        if let Some(entitlements) = entitlements {
            detail.insert("entitlements".into(), entitlements.clone().into());
        }
        if let Some(plan) = plan {
            detail.insert("plan".into(), text(&plan.as_ref().map(ToString::to_string)));
        }
        if let Some(external) = external {
            let links = external.iter().map(|link| Value::from(format!("{} {}", link.issuer, link.subject)));
            detail.insert("external".into(), links.collect());
        }
        if !event.detail.is_empty() {
            events.push(event);
        }
        events
    }
}
