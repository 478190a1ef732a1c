use remint_apikey::ApiKeys;
use remint_core::{
    ActFor, ApiKeyRecord, CredentialRef, DeniedKind, Environment, FoundKey, Identity, KeyId, Network, Refusal, Scopes,
    Timestamp, UserId,
};
use remint_http_api::Problem;

use crate::actor::Actor;

/// What a caller may do to API keys: asked, in the same way, before a key is made, rotated or revoked.
#[derive(Debug)]
pub(crate) struct Limits {
    /// The caller's credential is bound to its sender.
    bound: bool,
    /// What the caller came with; `None`: an administrator, whom nothing of it limits.
    held: Option<Held>,
}

/// What a caller who is no administrator came with: what they do does not exceed it.
#[derive(Debug)]
struct Held {
    user: UserId,
    /// Somebody else acts for the user.
    delegated: bool,
    /// What the caller may do.
    effective: Scopes,
    /// What the credential is restricted to; `None`: to nothing, it has what the user has.
    restricted: Option<Scopes>,
    environment: Environment,
    networks: Vec<Network>,
    ends: Option<Timestamp>,
    /// The caller's own key; `None`: they came with a token.
    key: Option<ApiKeyRecord>,
    /// They came with a token that was exchanged from that key for fewer scopes.
    narrowed: bool,
}

/// What is to be done to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Make,
    Rotate,
    Revoke,
}

/// A key that something is to be done to: the new one, or the one that is there.
#[derive(Debug)]
pub(crate) struct Subject<'k> {
    /// `None`: a new key.
    pub(crate) id: Option<&'k KeyId>,
    pub(crate) user: &'k UserId,
    pub(crate) environment: Environment,
    pub(crate) scopes: Option<&'k Scopes>,
    pub(crate) networks: &'k [Network],
    pub(crate) ends: Option<Timestamp>,
    pub(crate) act_for: Option<&'k ActFor>,
}

impl Limits {
    /// The limits of this caller.
    pub(crate) async fn of(actor: &Actor, keys: &ApiKeys) -> Result<Self, Problem> {
        let Some(identity) = actor.identity() else { return Ok(Self { bound: false, held: None }) };
        let bound = identity.confirmation.is_some();
        if actor.is_admin() {
            return Ok(Self { bound, held: None });
        }
        let user = actor.require_user()?;
        let key = match &identity.credential {
            CredentialRef::ApiKey { id } if identity.actor.is_none() => match keys.key(id).await? {
                Some(key) if key.revoked_at.is_none() => Some(key),
                // It was revoked a moment ago.
                _ => return Err(Refusal::from(DeniedKind::Revoked).into()),
            },
            _ => None,
        };
        let narrowed = match &key {
            Some(key) => is_narrower(identity, key, keys).await?,
            None => false,
        };
        Ok(Self { bound, held: Some(Held { narrowed, ..Held::new(identity, user, key) }) })
    }

    /// Whether the caller may do this: the one question that each change of a key asks.
    pub(crate) fn ask(&self, deed: Deed, key: &Subject<'_>) -> Result<(), Problem> {
        let makes = deed != Deed::Revoke;
        if self.held.as_ref().is_some_and(|held| held.user != *key.user) {
            return Err(Problem::not_found());
        }
        if self.bound && makes {
            return Err(bound_credential());
        }
        let Some(held) = &self.held else { return Ok(()) };
        if held.delegated {
            // A key would forget who acts for the user; and who may not make their keys may not end them.
            return Err(exceeds("whoever acts for a user makes, rotates and revokes no keys of theirs"));
        }
        match &held.key {
            // A key rotates and revokes itself. A token with fewer scopes is not the key: the successor has all.
            Some(own) if key.id == Some(&own.id) && makes && held.narrowed => {
                return Err(exceeds("the key has scopes that the caller does not have"));
            }
            Some(own) if key.id == Some(&own.id) => return Ok(()),
            Some(_) if makes && !held.effective.contains(ApiKeyRecord::KEYS_SCOPE) => {
                return Err(Problem::needs_scope_to(
                    ApiKeyRecord::KEYS_SCOPE,
                    "a key makes keys, and rotates keys other than itself, only with the scope remint:keys, which \
                     an administrator gives it",
                ));
            }
            _ => {}
        }
        held.same_environment(key)?;
        // A user's own token ends whatever key of theirs it knows of.
        if held.key.is_none() && deed == Deed::Revoke {
            return Ok(());
        }
        held.exceeds_nothing(deed, key)
    }

    /// The scopes of a new key that asks for these.
    pub(crate) fn scopes(&self, asked: Option<Scopes>) -> Option<Scopes> {
        let Some(held) = &self.held else { return asked };
        let pass_on = |own: &Scopes| own.clone().filtered(|scope| scope != ApiKeyRecord::KEYS_SCOPE);
        asked.or_else(|| held.restricted.as_ref().map(pass_on))
    }

    /// The networks of a new key that asks for these.
    pub(crate) fn networks(&self, asked: Option<Vec<Network>>) -> Vec<Network> {
        asked.or_else(|| self.held.as_ref().map(|held| held.networks.clone())).unwrap_or_default()
    }

    /// The latest end of a new key.
    pub(crate) fn ends(&self) -> Option<Timestamp> {
        self.held.as_ref()?.ends
    }
}

impl Held {
    fn new(identity: &Identity, user: UserId, key: Option<ApiKeyRecord>) -> Self {
        let restricted = key.as_ref().is_none_or(|key| key.scopes.is_some());
        Self {
            user,
            delegated: identity.actor.is_some(),
            effective: identity.scopes.clone(),
            restricted: restricted.then(|| identity.scopes.clone()),
            environment: identity.environment,
            networks: key.as_ref().map(|key| key.networks.clone()).unwrap_or_default(),
            ends: key.as_ref().map_or(identity.credential_ends, |key| key.expires_at),
            key,
            narrowed: false,
        }
    }

    fn same_environment(&self, key: &Subject<'_>) -> Result<(), Problem> {
        if key.environment == self.environment {
            return Ok(());
        }
        Err(exceeds("the key is of an environment that is not the caller's"))
    }

    fn exceeds_nothing(&self, deed: Deed, key: &Subject<'_>) -> Result<(), Problem> {
        if let Some(scopes) = key.scopes {
            if deed == Deed::Make && scopes.contains(ApiKeyRecord::KEYS_SCOPE) {
                return Err(exceeds("the scope remint:keys is given by an administrator only"));
            }
            if deed == Deed::Make && !self.effective.contains_all(scopes) {
                return Err(exceeds("a scope is asked for that the caller does not have"));
            }
        }
        if let Some(held) = &self.restricted
            && !key.scopes.is_some_and(|scopes| held.contains_all(scopes))
        {
            return Err(exceeds("the key has scopes that the caller does not have"));
        }
        if !self.covers(key.networks) {
            return Err(exceeds("the key may be used from where the caller's may not"));
        }
        // What an administrator gave to one key is not to be had by way of another.
        if key.act_for.is_some() && self.key.as_ref().is_none_or(|own| own.act_for.as_ref() != key.act_for) {
            return Err(exceeds("the key may act for whom the caller's may not"));
        }
        if let Some(ends) = self.ends
            && key.ends.is_none_or(|end| end > ends)
        {
            return Err(exceeds("the key ends later than the caller's"));
        }
        Ok(())
    }

    /// Whether these networks (none: from anywhere) lie within the caller's.
    fn covers(&self, asked: &[Network]) -> bool {
        let within = |asked: &Network| self.networks.iter().any(|held| held.covers(asked));
        self.networks.is_empty() || (!asked.is_empty() && asked.iter().all(within))
    }
}

/// Whether the identity has fewer scopes than the key that it came from.
async fn is_narrower(identity: &Identity, key: &ApiKeyRecord, keys: &ApiKeys) -> Result<bool, Problem> {
    let Some(user) = keys.user(&key.user).await? else { return Err(Refusal::from(DeniedKind::Revoked).into()) };
    let found = FoundKey { key: key.clone(), user, tenant: None };
    Ok(!identity.scopes.contains_all(&found.effective_scopes()))
}

impl<'k> From<&'k ApiKeyRecord> for Subject<'k> {
    fn from(key: &'k ApiKeyRecord) -> Self {
        Self {
            id: Some(&key.id),
            user: &key.user,
            environment: key.environment,
            scopes: key.scopes.as_ref(),
            networks: &key.networks,
            ends: key.expires_at,
            act_for: key.act_for.as_ref(),
        }
    }
}

/// 403: what is made of a bound credential would be usable without what it is bound to.
pub(crate) fn bound_credential() -> Problem {
    Problem::forbidden(
        "bound-credential",
        "the credential is bound to its sender, by a certificate or by a DPoP key, and an API key made with it would \
         not be: make API keys with a credential that is not bound",
    )
}

fn exceeds(detail: &'static str) -> Problem {
    Problem::forbidden("exceeds-caller", detail)
}
