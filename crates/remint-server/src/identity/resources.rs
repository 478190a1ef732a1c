//! The one way from a handler to users and keys.
//!
//! The field of [`Resources`] is private to this module, so that no handler reaches [`ApiKeys`] past it: reading asks
//! whose something is and in which environment ([`Reading`]); a change of a key is a [`Permit`], which nothing but
//! [`Limits::ask`] leads to; the rest is an administrator's ([`Administration`]), and what an [`Admin`] is, the
//! extractor alone decides.

use std::time::Duration;

use remint_apikey::{ApiKey, ApiKeys, KeyName, Leak, NewKey, NewUser, RotateKey, SignedUp};
use remint_core::{
    ActFor, ApiKeyRecord, AuditActor, Environment, ExternalIdentity, FoundKey, KeyCursor, KeyId, Network, Once, Page,
    Refusal, Scopes, Stamp, StoreError, Target, Tenant, TenantChange, TenantId, Unavailable, UsageFilter, UsageKey,
    UsageRow, User, UserChange, UserId, Verified,
};

use super::actor::{Actor, Admin, MayVerify};
use super::limits::{Deed, Limits, Subject, bound_credential};
use crate::body::{fault, within};
use crate::problem::Problem;

/// Users and keys, behind the questions that each request must pass.
#[derive(Debug)]
pub(super) struct Resources(ApiKeys);

/// A new key, as it was asked for.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) name: Option<KeyName>,
    pub(super) user: Option<UserId>,
    pub(super) environment: Option<Environment>,
    pub(super) scopes: Option<Scopes>,
    pub(super) networks: Option<Vec<Network>>,
    pub(super) expires_in: Option<Duration>,
    pub(super) act_for: Option<ActFor>,
    pub(super) once: Option<Once>,
}

/// The right to one change of one key: it was asked of the caller's limits.
#[derive(Debug)]
#[must_use = "nothing is changed before it is carried out"]
pub(super) struct Permit<C> {
    /// Acting as the caller.
    keys: ApiKeys,
    change: C,
}

/// A key that was made: now, or under the same idempotency key before.
#[derive(Debug)]
pub(super) enum Made {
    Now(ApiKey, ApiKeyRecord),
    Before(ApiKeyRecord),
}

/// A key that is to end.
#[derive(Debug)]
pub(super) struct Revoke {
    id: KeyId,
    cascade: bool,
}

impl Resources {
    pub(super) const fn new(keys: ApiKeys) -> Self {
        Self(keys)
    }

    /// What this caller may read.
    pub(super) const fn reading<'r>(&'r self, actor: &'r Actor) -> Reading<'r> {
        Reading { keys: &self.0, actor }
    }

    /// What an administrator changes beside keys.
    pub(super) fn administration(&self, admin: &Admin) -> Administration {
        let actor = admin.actor();
        Administration { keys: self.0.acting_as(actor.audit()), bound: actor.is_bound() }
    }

    /// Ends what a scanner has found, whose signature was checked.
    pub(super) async fn report_leak(
        &self,
        scanner: &AuditActor,
        text: &str,
        leak: &Leak,
    ) -> Result<Option<ApiKeyRecord>, Unavailable> {
        self.0.acting_as(scanner.clone()).report_leak(text, leak).await
    }

    /// Whose a text is that works now. Who is no administrator is told of keys of their own environment.
    pub(super) async fn verify(&self, may: &MayVerify, text: &str) -> Result<Option<FoundKey>, Unavailable> {
        match self.0.verify(text).await.map(Verified::into_inner) {
            Ok(found) => Ok(Some(found).filter(|found| may.sees(found.key.environment))),
            Err(Refusal::Denied(_)) => Ok(None),
            Err(Refusal::Unavailable(unavailable)) => Err(unavailable),
        }
    }

    /// Makes a key.
    pub(super) async fn make(&self, actor: &Actor, wanted: Wanted) -> Result<Permit<NewKey>, Problem> {
        let limits = Limits::of(actor, &self.0).await?;
        if wanted.act_for.is_some() {
            actor.administers()?;
        }
        let user = owner(actor, wanted.user)?;
        let environment = wanted.environment.unwrap_or_else(|| actor.environment());
        let (scopes, networks) = (limits.scopes(wanted.scopes), limits.networks(wanted.networks));
        limits.ask(
            Deed::Make,
            &Subject {
                id: None,
                user: &user,
                environment,
                scopes: scopes.as_ref(),
                networks: &networks,
                ends: limits.ends(),
                act_for: wanted.act_for.as_ref(),
            },
        )?;
        let mut new = NewKey::new(user, environment).with_networks(networks);
        if let Some(scopes) = scopes {
            new = new.with_scopes(scopes);
        }
        if let Some(end) = limits.ends() {
            new = new.not_after(end);
        }
        if let Some(name) = wanted.name {
            new = new.with_name(name);
        }
        if let Some(duration) = wanted.expires_in {
            new = new.expiring_in(duration);
        }
        if let Some(act_for) = wanted.act_for {
            new = new.acting_for(act_for);
        }
        if let Some(once) = wanted.once {
            new = new.once(once);
        }
        Ok(self.permit(actor, new))
    }

    /// Makes a key in place of this one.
    pub(super) async fn rotate(
        &self,
        actor: &Actor,
        id: KeyId,
        overlap: Option<Duration>,
        once: Option<Once>,
    ) -> Result<Permit<RotateKey>, Problem> {
        let limits = self.may(actor, Deed::Rotate, &id).await?;
        let mut rotate = RotateKey::new(id);
        if let Some(end) = limits.ends() {
            rotate = rotate.not_after(end);
        }
        if let Some(overlap) = overlap {
            rotate = rotate.overlapping(overlap);
        }
        if let Some(once) = once {
            rotate = rotate.once(once);
        }
        Ok(self.permit(actor, rotate))
    }

    /// Ends this key, and what it made if `cascade` says so. What a key made that is gone with its user is an
    /// administrator's to end.
    pub(super) async fn revoke(&self, actor: &Actor, id: KeyId, cascade: bool) -> Result<Permit<Revoke>, Problem> {
        if !(cascade && actor.is_admin()) {
            self.may(actor, Deed::Revoke, &id).await?;
        }
        Ok(self.permit(actor, Revoke { id, cascade }))
    }

    /// Whether the caller may do this to a key that is there. What is not theirs is not there.
    async fn may(&self, actor: &Actor, deed: Deed, id: &KeyId) -> Result<Limits, Problem> {
        let limits = Limits::of(actor, &self.0).await?;
        let key = self.0.key(id).await?.ok_or_else(Problem::not_found)?;
        limits.ask(deed, &Subject::from(&key))?;
        Ok(limits)
    }

    fn permit<C>(&self, actor: &Actor, change: C) -> Permit<C> {
        Permit { keys: self.0.acting_as(actor.audit()), change }
    }
}

impl Permit<NewKey> {
    pub(super) async fn carry_out(self) -> Result<Made, Problem> {
        match self.keys.create(self.change).await {
            Ok((key, record)) => Ok(Made::Now(key, record)),
            Err(error) => made_before(&self.keys, error).await,
        }
    }
}

impl Permit<RotateKey> {
    pub(super) async fn carry_out(self) -> Result<Made, Problem> {
        match self.keys.rotate(self.change).await {
            Ok(rotated) => Ok(Made::Now(rotated.key, rotated.new)),
            Err(error) => made_before(&self.keys, error).await,
        }
    }
}

impl Permit<Revoke> {
    pub(super) async fn carry_out(self) -> Result<(), Problem> {
        let Revoke { id, cascade } = self.change;
        let found = match cascade {
            true => self.keys.revoke_with_descendants(&id).await?.is_known(),
            false => self.keys.revoke(&id).await?.is_some(),
        };
        if found { Ok(()) } else { Err(Problem::not_found()) }
    }
}

/// Whose the new key is to be.
fn owner(actor: &Actor, asked: Option<UserId>) -> Result<UserId, Problem> {
    let missing = || Problem::invalid_body(vec![within(fault("is missing"), "user")]);
    asked.map_or_else(|| actor.user()?.ok_or_else(missing), Ok)
}

async fn made_before(keys: &ApiKeys, error: StoreError) -> Result<Made, Problem> {
    let StoreError::Replayed { resource } = error else { return Err(error.into()) };
    let id = KeyId::new(resource).map_err(|_| Problem::defect())?;
    // A key of which nobody could be told was revoked at once: it is gone as well.
    let key = keys.key(&id).await?.filter(|key| key.revoked_at.is_none());
    key.map(Made::Before).ok_or_else(Problem::gone)
}

/// What a caller may read: an administrator everything, everybody else what is their own, and of that the keys and the
/// usage of the environment that they came in.
#[derive(Debug)]
pub(super) struct Reading<'r> {
    keys: &'r ApiKeys,
    actor: &'r Actor,
}

impl Reading<'_> {
    pub(super) async fn user(&self, id: &UserId) -> Result<(User, Vec<ExternalIdentity>), Problem> {
        self.actor.reaches(id)?;
        let user = self.keys.user(id).await?.ok_or_else(Problem::not_found)?;
        Ok((user, self.keys.external(id).await?))
    }

    /// A user's keys; of the caller's own unless it says whose.
    pub(super) async fn keys(
        &self,
        user: Option<UserId>,
        mut page: Page<KeyCursor>,
    ) -> Result<Vec<ApiKeyRecord>, Problem> {
        let user = match user {
            Some(asked) => self.actor.reaches(&asked).map(|()| asked)?,
            None => self.actor.user()?.ok_or_else(|| Problem::invalid_query("user", "is missing"))?,
        };
        if self.keys.user(&user).await?.is_none() {
            return Err(Problem::not_found());
        }
        let asked = self.enough(&mut page);
        let mut seen = Vec::new();
        loop {
            let keys = self.keys.list_page(&user, page.clone()).await?;
            let is_last = keys.len() < page.limit;
            page.after = keys.last().map(|last| KeyCursor { created_at: last.created_at, id: last.id.clone() });
            seen.extend(keys.into_iter().filter(|key| self.actor.sees(key.environment)));
            if is_last || seen.len() >= asked {
                seen.truncate(asked);
                return Ok(seen);
            }
        }
    }

    pub(super) async fn usage(
        &self,
        mut filter: UsageFilter,
        mut page: Page<UsageKey>,
    ) -> Result<Vec<UsageRow>, Problem> {
        if !self.actor.is_admin() {
            self.restrict(&mut filter).await?;
        }
        let asked = self.enough(&mut page);
        let mut seen = Vec::new();
        loop {
            let rows = self.keys.store().usage(&filter, page.clone()).await?;
            let is_last = rows.len() < page.limit;
            page.after = rows.last().map(|last| last.key.clone());
            seen.extend(rows.into_iter().filter(|row| self.actor.sees(row.key.environment)));
            if is_last || seen.len() >= asked {
                seen.truncate(asked);
                return Ok(seen);
            }
        }
    }

    /// How many items were asked for. Of those that are read some may not be for the caller to see: a larger part is
    /// read at once then, so that what is passed over costs few questions.
    fn enough<C>(&self, page: &mut Page<C>) -> usize {
        let asked = page.limit;
        if !self.actor.is_admin() {
            page.limit = asked.max(READ_AT_ONCE);
        }
        asked
    }

    /// To the caller's own, since they are there: an earlier user of the same id was another one.
    async fn restrict(&self, filter: &mut UsageFilter) -> Result<(), Problem> {
        let own = self.actor.require_user()?;
        let subject = remint_core::Subject::from(own.clone());
        if filter.subject.as_ref().is_some_and(|asked| *asked != subject) {
            return Err(Problem::not_found());
        }
        let user = self.keys.user(&own).await?.ok_or_else(Problem::not_found)?;
        filter.subject = Some(subject);
        filter.from = filter.from.max(Some(remint_core::Day::of(user.created_at)));
        Ok(())
    }
}

/// Users and tenants, for an administrator to read and change.
#[derive(Debug)]
pub(super) struct Administration {
    /// Acting as the administrator.
    keys: ApiKeys,
    bound: bool,
}

/// A user with their first keys: signed up now, or under the same idempotency key before.
#[derive(Debug)]
pub(super) enum SignUpOutcome {
    Now(SignedUp),
    Before { user: User, external: Vec<ExternalIdentity>, keys: Vec<ApiKeyRecord> },
}

impl Administration {
    /// Signs a user up, with keys of these environments. A credential that is bound to its sender makes no keys.
    pub(super) async fn sign_up(&self, new: NewUser, issue: Vec<Environment>) -> Result<SignUpOutcome, Problem> {
        if self.bound && !issue.is_empty() {
            return Err(bound_credential());
        }
        match self.keys.sign_up(new.issuing(issue)).await {
            Ok(signed_up) => Ok(SignUpOutcome::Now(signed_up)),
            Err(StoreError::Replayed { resource }) => self.signed_up_before(&resource).await,
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn change_user(
        &self,
        id: &UserId,
        change: &UserChange,
    ) -> Result<(User, Vec<ExternalIdentity>), Problem> {
        let user = match *change == UserChange::default() {
            true => self.keys.user(id).await?,
            false => self.keys.change_user(id, change).await?,
        };
        Ok((user.ok_or_else(Problem::not_found)?, self.keys.external(id).await?))
    }

    pub(super) async fn delete_user(&self, id: &UserId) -> Result<(), Problem> {
        if self.keys.delete_user(id).await? { Ok(()) } else { Err(Problem::not_found()) }
    }

    pub(super) async fn tenant(&self, id: &TenantId) -> Result<Tenant, Problem> {
        self.keys.tenant(id).await?.ok_or_else(Problem::not_found)
    }

    pub(super) async fn change_tenant(&self, id: &TenantId, change: &TenantChange) -> Result<Tenant, Problem> {
        let tenant = match *change == TenantChange::default() {
            true => self.keys.tenant(id).await?,
            false => self.keys.change_tenant(id, change).await?,
        };
        tenant.ok_or_else(Problem::not_found)
    }

    /// Ends whatever is named, and says where that stands in the log.
    pub(super) async fn end(&self, target: Target, reason: Option<&str>) -> Result<Stamp, Problem> {
        self.keys.end(target, reason).await?.ok_or_else(Problem::not_found)
    }

    /// The first keys are those as old as the user.
    async fn signed_up_before(&self, id: &str) -> Result<SignUpOutcome, Problem> {
        let id = UserId::new(id).map_err(|_| Problem::defect())?;
        let user = self.keys.user(&id).await?.ok_or_else(Problem::gone)?;
        let external = self.keys.external(&id).await?;
        // A list ends with the oldest: skip all that are younger.
        let younger = KeyCursor {
            created_at: user.created_at.saturating_add(A_MILLI),
            id: KeyId::new(LEAST_ID).map_err(|_| Problem::defect())?,
        };
        let mut keys = self.keys.list_page(&id, Page { after: Some(younger), limit: FIRST_KEYS }).await?;
        keys.retain(|key| key.created_at == user.created_at);
        Ok(SignUpOutcome::Before { user, external, keys })
    }
}

/// How many items are read at once where some may be passed over.
const READ_AT_ONCE: usize = 1_000;

const A_MILLI: Duration = Duration::from_millis(1);

/// No id is less.
const LEAST_ID: &str = "!";

/// More than a sign-up ever makes.
const FIRST_KEYS: usize = 100;
