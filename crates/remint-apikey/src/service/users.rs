use remint_core::{
    ApiKeyRecord, AuditAction, AuditEvent, Effect, ExternalIdentity, FoundUser, MadeBy, SignUp, StoreError, Target,
    Timestamp, Unavailable, User, UserChange, UserId,
};
use serde_json::Value;

use super::ApiKeys;
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
    /// [`StoreError::Replayed`] with the user's id and [`StoreError::OnceReused`] where the request
    /// is to be carried out [once](NewUser::once); [`StoreError::Unavailable`] if the store or the
    /// revocation log did not take it: call again, with the same [`Once`](remint_core::Once). Where the
    /// log alone failed, the user was removed again, and the answer is `Replayed` with nobody there:
    /// that needs another one.
    pub async fn sign_up(&self, mut new: NewUser) -> Result<SignedUp, StoreError> {
        let now = self.now();
        let (issue, once) = (std::mem::take(&mut new.issue), new.once.take());
        let mut external = std::mem::take(&mut new.external);
        external.sort();
        let user = new.created_at(now);
        let mut keys = Vec::with_capacity(issue.len());
        for environment in issue {
            let (key, mut record) = self.made(NewKey::new(user.id.clone(), environment), now)?;
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
        self.check.store.sign_up(&sign_up, once.as_ref(), &audit).await?;
        tell(&audit);
        let SignUp { user, external, .. } = sign_up;
        if let Err(error) = self.announce_user(&user, &external).await {
            self.withdraw_user(&user.id).await?;
            return Err(error.into());
        }
        Ok(SignedUp { user, external, keys })
    }

    /// Caches may hold what was said of the user's id, and of the external subjects, before.
    async fn announce_user(&self, user: &User, external: &[ExternalIdentity]) -> Result<(), Unavailable> {
        self.announce(Target::User(user.id.clone()), Effect::Changed).await?;
        self.announce_links(external, Effect::Changed).await
    }

    /// Removes a user whose sign-up could not be brought to its end: the texts of their keys will
    /// reach nobody.
    pub(crate) async fn withdraw_user(&self, id: &UserId) -> Result<(), Unavailable> {
        let audit = [self.user_event(self.now(), AuditAction::UserDeleted, id)];
        if self.check.store.delete_user(id, &audit).await?.is_some() {
            tell(&audit);
        }
        self.announce(Target::User(id.clone()), Effect::Ended).await
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
        let changed = self.check.store.change_user(id, change, &audit).await?;
        if changed.is_some() {
            tell(&audit);
        }
        let ended = change.enabled == Some(false) || change.tenant.is_some();
        self.announce(Target::User(id.clone()), if ended { Effect::Ended } else { Effect::Changed }).await?;
        if let Some(external) = &change.external {
            self.announce_links(&before, Effect::Changed).await?;
            self.announce_links(external, Effect::Changed).await?;
        }
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
            Err(error) => Err(super::keys::defect(error)),
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
        // Told before it is done: after a failure in between, nobody could say who they were.
        self.announce_links(&self.check.store.external(id).await?, Effect::Ended).await?;
        let audit = [self.user_event(now, AuditAction::UserDeleted, id)];
        let deleted = self.check.store.delete_user(id, &audit).await?;
        self.announce(Target::User(id.clone()), Effect::Ended).await?;
        if let Some(deleted) = &deleted {
            tell(&audit);
            self.announce_links(&deleted.external, Effect::Ended).await?;
        }
        Ok(deleted.is_some())
    }

    fn changes_of(&self, id: &UserId, change: &UserChange, now: Timestamp) -> Vec<AuditEvent> {
        let UserChange { enabled, tenant, scopes, entitlements, plan, external } = change;
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

    async fn announce_links(&self, links: &[ExternalIdentity], effect: Effect) -> Result<(), Unavailable> {
        for ExternalIdentity { issuer, subject } in links {
            let target = Target::Subject { issuer: issuer.clone(), subject: subject.clone() };
            self.announce(target, effect).await?;
        }
        Ok(())
    }
}
