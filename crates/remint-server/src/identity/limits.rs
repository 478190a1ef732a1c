use remint_apikey::ApiKeys;
use remint_core::{
    ApiKeyRecord, CredentialRef, DeniedKind, Environment, Identity, Network, Refusal, Scopes, Timestamp,
};

use super::Actor;
use crate::problem::Problem;

/// What a caller without `remint:admin` came with: what they make does not exceed it.
#[derive(Debug)]
pub(super) struct Limits {
    /// What the caller may do.
    effective: Scopes,
    /// What the credential is restricted to; `None`: to nothing, it has what the user has.
    restricted: Option<Scopes>,
    environment: Environment,
    networks: Vec<Network>,
    ends: Option<Timestamp>,
    /// The caller's own key.
    key: Option<ApiKeyRecord>,
}

impl Limits {
    /// The limits of this caller; `None` for an administrator.
    pub(super) async fn of(actor: &Actor, keys: &ApiKeys) -> Result<Option<Self>, Problem> {
        let Actor::Caller(identity) = actor else { return Ok(None) };
        if actor.is_admin() {
            return Ok(None);
        }
        if identity.actor.is_some() {
            // A key would forget who acts for the user.
            return Err(exceeds("whoever acts for a user makes no keys of theirs"));
        }
        match &identity.credential {
            CredentialRef::ApiKey { id } => match keys.key(id).await? {
                Some(key) if key.revoked_at.is_none() => Ok(Some(Self::of_key(identity, key))),
                // It was revoked a moment ago.
                _ => Err(Refusal::from(DeniedKind::Revoked).into()),
            },
            _ => Ok(Some(Self::of_token(identity))),
        }
    }

    fn of_key(identity: &Identity, key: ApiKeyRecord) -> Self {
        Self {
            effective: identity.scopes.clone(),
            restricted: key.scopes.as_ref().map(|_| identity.scopes.clone()),
            environment: identity.environment,
            networks: key.networks.clone(),
            ends: key.expires_at,
            key: Some(key),
        }
    }

    fn of_token(identity: &Identity) -> Self {
        Self {
            effective: identity.scopes.clone(),
            restricted: Some(identity.scopes.clone()),
            environment: identity.environment,
            networks: Vec::new(),
            ends: identity.credential_ends,
            key: None,
        }
    }

    /// Whether the caller may make keys, with these scopes among others. A token of the user's own may, and a
    /// key with `remint:keys`; that scope itself is an administrator's to give.
    pub(super) fn may_make(&self, asked: Option<&Scopes>) -> Result<(), Problem> {
        self.makes_keys()?;
        match asked {
            Some(asked) if asked.contains(ApiKeyRecord::KEYS_SCOPE) => {
                Err(exceeds("only an administrator gives remint:keys"))
            }
            _ => Ok(()),
        }
    }

    fn makes_keys(&self) -> Result<(), Problem> {
        if self.key.is_none() || self.effective.contains(ApiKeyRecord::KEYS_SCOPE) {
            return Ok(());
        }
        Err(Problem::needs_scope_to(
            ApiKeyRecord::KEYS_SCOPE,
            "a key makes keys, and rotates keys other than itself, only with the scope remint:keys, which an \
             administrator gives it",
        ))
    }

    /// The scopes of a new key.
    pub(super) fn scopes(&self, asked: Option<Scopes>) -> Result<Option<Scopes>, Problem> {
        match asked {
            Some(asked) if self.effective.contains_all(&asked) => Ok(Some(asked)),
            Some(_) => Err(exceeds("a scope is asked for that the caller does not have")),
            None => Ok(self.restricted.clone().map(|held| held.filtered(|scope| scope != ApiKeyRecord::KEYS_SCOPE))),
        }
    }

    /// The environment of a new key.
    pub(super) fn environment(&self, asked: Option<Environment>) -> Result<Environment, Problem> {
        match asked {
            Some(asked) if asked != self.environment => {
                Err(exceeds("the key is asked for in an environment that is not the caller's"))
            }
            _ => Ok(self.environment),
        }
    }

    /// The networks of a new key.
    pub(super) fn networks(&self, asked: Option<Vec<Network>>) -> Result<Vec<Network>, Problem> {
        match asked {
            None => Ok(self.networks.clone()),
            Some(asked) if self.covers(&asked) => Ok(asked),
            Some(_) => Err(exceeds("a network is asked for that the caller's key is not bound to")),
        }
    }

    /// The latest end of a new key.
    pub(super) const fn ends(&self) -> Option<Timestamp> {
        self.ends
    }

    /// Whether the caller may rotate this key of theirs: it has nothing that theirs has not.
    pub(super) fn admits(&self, key: &ApiKeyRecord) -> Result<(), Problem> {
        if self.key.as_ref().is_some_and(|own| own.id == key.id) {
            return Ok(());
        }
        self.makes_keys()?;
        if key.environment != self.environment {
            return Err(exceeds("the key is of an environment that is not the caller's"));
        }
        if let Some(held) = &self.restricted
            && !key.scopes.as_ref().is_some_and(|scopes| held.contains_all(scopes))
        {
            return Err(exceeds("the key has scopes that the caller does not have"));
        }
        if !self.covers(&key.networks) {
            return Err(exceeds("the key may be used from where the caller's may not"));
        }
        // What an administrator gave to one key is not to be had by way of another.
        if key.act_for.is_some() && self.key.as_ref().is_none_or(|own| own.act_for != key.act_for) {
            return Err(exceeds("the key may act for whom the caller's may not"));
        }
        if let Some(ends) = self.ends
            && key.expires_at.is_none_or(|end| end > ends)
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

fn exceeds(detail: &'static str) -> Problem {
    Problem::forbidden("exceeds-caller", detail)
}
