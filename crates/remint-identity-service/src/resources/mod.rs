//! The one way from a handler to users and keys.
//!
//! The field of [`Resources`] is private to this folder, so that no handler reaches [`ApiKeys`] past it: reading asks
//! whose something is and in which environment ([`Reading`]); a change of a key is a [`Permit`], which nothing but
//! [`Limits::ask`] leads to; the rest is an administrator's ([`Administration`]), and what an [`Admin`] is, the
//! extractor alone decides.

mod administration;
mod reading;

use std::time::Duration;

use remint_apikey::{ApiKey, ApiKeys, KeyName, Leak, NewKey, RotateKey};
use remint_core::{
    ActFor, ApiKeyRecord, AuditActor, Environment, FoundKey, IdempotencyRecord, KeyId, Network, Refusal, Scopes,
    StoreError, Unavailable, UserId, Verified,
};
use remint_http_api::{Fault, Problem};

pub(crate) use self::administration::{Administration, SignUpOutcome};
pub(crate) use self::reading::Reading;
use crate::actor::{Actor, Admin, MayVerify};
use crate::limits::{Deed, Limits, Subject};

/// Users and keys, behind the questions that each request must pass.
#[derive(Debug)]
pub(crate) struct Resources(ApiKeys);

/// A new key, as it was asked for.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) name: Option<KeyName>,
    pub(crate) user: Option<UserId>,
    pub(crate) environment: Option<Environment>,
    pub(crate) scopes: Option<Scopes>,
    pub(crate) networks: Option<Vec<Network>>,
    pub(crate) expires_in: Option<Duration>,
    pub(crate) act_for: Option<ActFor>,
    pub(crate) once: Option<IdempotencyRecord>,
}

/// The right to one change of one key: it was asked of the caller's limits.
#[derive(Debug)]
#[must_use = "nothing is changed before it is carried out"]
pub(crate) struct Permit<C> {
    /// Acting as the caller.
    keys: ApiKeys,
    change: C,
}

/// A key that was made: now, or under the same idempotency key before.
#[derive(Debug)]
pub(crate) enum Made {
    Now(ApiKey, NewRecord),
    Before(NewRecord),
}

/// A key that was made, and those of its scopes that its user lacks.
#[derive(Debug)]
pub(crate) struct NewRecord {
    pub(crate) key: ApiKeyRecord,
    pub(crate) without_effect: Scopes,
}

impl NewRecord {
    async fn of(keys: &ApiKeys, key: ApiKeyRecord) -> Self {
        let user = match key.scopes.is_some() {
            // The key is made: that its user cannot be read does not keep it back.
            true => keys.user(&key.user).await.ok().flatten(),
            false => None,
        };
        let without_effect = user.map(|user| key.scopes_without_effect(&user.scopes)).unwrap_or_default();
        Self { key, without_effect }
    }
}

/// A key that is to end.
#[derive(Debug)]
pub(crate) struct Revoke {
    id: KeyId,
    cascade: bool,
}

impl Resources {
    pub(crate) const fn new(keys: ApiKeys) -> Self {
        Self(keys)
    }

    /// What this caller may read.
    pub(crate) const fn reading<'r>(&'r self, actor: &'r Actor) -> Reading<'r> {
        Reading { keys: &self.0, actor }
    }

    /// What an administrator changes beside keys.
    pub(crate) fn administration(&self, admin: &Admin) -> Administration {
        let actor = admin.actor();
        Administration { keys: self.0.acting_as(actor.audit()), bound: actor.is_bound() }
    }

    /// Ends what a scanner has found, whose signature was checked.
    pub(crate) async fn report_leak(
        &self,
        scanner: &AuditActor,
        text: &str,
        leak: &Leak,
    ) -> Result<Option<ApiKeyRecord>, Unavailable> {
        self.0.acting_as(scanner.clone()).report_leak(text, leak).await
    }

    /// Whose a text is that works now. Who is no administrator is told of keys of their own environment.
    pub(crate) async fn verify(&self, may: &MayVerify, text: &str) -> Result<Option<FoundKey>, Unavailable> {
        match self.0.verify(text).await.map(Verified::into_inner) {
            Ok(found) => Ok(Some(found).filter(|found| may.sees(found.key.environment))),
            Err(Refusal::Denied(_)) => Ok(None),
            Err(Refusal::Unavailable(unavailable)) => Err(unavailable),
        }
    }

    /// Makes a key.
    pub(crate) async fn make(&self, actor: &Actor, wanted: Wanted) -> Result<Permit<NewKey>, Problem> {
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
    pub(crate) async fn rotate(
        &self,
        actor: &Actor,
        id: KeyId,
        overlap: Option<Duration>,
        once: Option<IdempotencyRecord>,
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
    pub(crate) async fn revoke(&self, actor: &Actor, id: KeyId, cascade: bool) -> Result<Permit<Revoke>, Problem> {
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
    pub(crate) async fn carry_out(self) -> Result<Made, Problem> {
        match self.keys.create(self.change).await {
            Ok((key, record)) => Ok(Made::Now(key, NewRecord::of(&self.keys, record).await)),
            Err(error) => made_before(&self.keys, error).await,
        }
    }
}

impl Permit<RotateKey> {
    pub(crate) async fn carry_out(self) -> Result<Made, Problem> {
        match self.keys.rotate(self.change).await {
            Ok(rotated) => Ok(Made::Now(rotated.key, NewRecord::of(&self.keys, rotated.new).await)),
            Err(error) => made_before(&self.keys, error).await,
        }
    }
}

impl Permit<Revoke> {
    pub(crate) async fn carry_out(self) -> Result<(), Problem> {
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
    let missing = || Problem::invalid_body(vec![Fault::new("is missing").within("user")]);
    asked.map_or_else(|| actor.user()?.ok_or_else(missing), Ok)
}

async fn made_before(keys: &ApiKeys, error: StoreError) -> Result<Made, Problem> {
    let StoreError::Replayed { resource } = error else { return Err(error.into()) };
    let id = KeyId::new(resource).map_err(|_| Problem::defect())?;
    // A key of which nobody could be told was revoked at once: it is gone as well.
    let key = keys.key(&id).await?.filter(|key| key.revoked_at.is_none());
    let key = key.ok_or_else(Problem::gone)?;
    Ok(Made::Before(NewRecord::of(keys, key).await))
}
