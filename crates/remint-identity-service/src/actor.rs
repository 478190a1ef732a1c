use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use remint_core::{
    ADMIN_SCOPE, AuditActor, CredentialRef, DeniedKind, Environment, Identity, Refusal, UserId, VERIFY_SCOPE,
};
use remint_http_api::Problem;

use crate::operator::{IsOperator, Operator};

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) enum Actor {
    /// Whoever holds the bootstrap key.
    Bootstrap,
    /// An operator on this machine.
    Operator(Operator),
    /// Someone whom the edge's layer let pass.
    Caller {
        /// Who they are.
        identity: Arc<Identity>,
        /// Whether they came in the environment in which `remint:admin` counts.
        admin_counts: bool,
    },
}

/// The environment in which `remint:admin` counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AdminEnvironment(pub(crate) Environment);

/// The mark of a request that came with the bootstrap key. Extensions never come over the wire.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CameByBootstrap;

impl Actor {
    /// Whether they reach everything. The scope counts for users of ours only, since nobody else can have been
    /// given it by our store; in the environment that the edge demands, or in `live`; and not for whoever acts for
    /// the user who has it.
    pub(crate) fn is_admin(&self) -> bool {
        let counts = !matches!(self, Self::Caller { admin_counts: false, .. });
        counts && self.has(ADMIN_SCOPE)
    }

    /// Refuses whoever is no administrator.
    pub(crate) fn administers(&self) -> Result<(), Problem> {
        if self.is_admin() { Ok(()) } else { Err(Problem::needs_scope(ADMIN_SCOPE)) }
    }

    /// Who the edge's layer let pass; `None` for the bootstrap key and for operators.
    pub(crate) fn identity(&self) -> Option<&Identity> {
        match self {
            Self::Bootstrap | Self::Operator(_) => None,
            Self::Caller { identity, .. } => Some(identity),
        }
    }

    /// The user they are; `None` for the bootstrap key and for operators.
    pub(crate) fn user(&self) -> Result<Option<UserId>, Problem> {
        let Some(identity) = self.identity() else { return Ok(None) };
        user_of(identity).map(Some).ok_or_else(|| {
            Problem::forbidden("no-user", "the credential belongs to no user, and so has no resources here")
        })
    }

    /// The user they are, which neither the bootstrap key nor an operator is.
    pub(crate) fn require_user(&self) -> Result<UserId, Problem> {
        self.user()?.ok_or_else(Problem::not_found)
    }

    /// Whether they may know of this user's resources: an administrator of anyone's.
    pub(crate) fn reaches(&self, user: &UserId) -> Result<(), Problem> {
        if self.is_admin() || self.user()?.as_ref() == Some(user) { Ok(()) } else { Err(Problem::not_found()) }
    }

    /// Whether they may know of what is of this environment: an administrator of both.
    pub(crate) fn sees(&self, environment: Environment) -> bool {
        self.is_admin() || self.environment() == environment
    }

    /// The environment they came in.
    pub(crate) fn environment(&self) -> Environment {
        self.identity().map_or(Environment::Live, |identity| identity.environment)
    }

    /// Whether their credential is bound to its sender.
    pub(crate) fn is_bound(&self) -> bool {
        self.identity().is_some_and(|identity| identity.confirmation.is_some())
    }

    /// How the audit trail names them.
    pub(crate) fn audit(&self) -> AuditActor {
        match self {
            Self::Bootstrap => AuditActor::Bootstrap,
            Self::Operator(operator) => AuditActor::Operator { account: operator.account.clone() },
            Self::Caller { identity, .. } => AuditActor::Caller {
                subject: identity.subject.clone(),
                credential: identity.credential.clone(),
                actor: identity.actor.clone().map(Box::new),
            },
        }
    }

    /// Whether a user of ours has this scope and uses it themselves.
    fn has(&self, scope: &str) -> bool {
        self.identity().is_none_or(|identity| {
            identity.scopes.contains(scope) && identity.actor.is_none() && user_of(identity).is_some()
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Actor
where
    AdminEnvironment: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if parts.extensions.get::<CameByBootstrap>().is_some() {
            return Ok(Self::Bootstrap);
        }
        if let Some(IsOperator(operator)) = parts.extensions.get() {
            return Ok(Self::Operator(operator.clone()));
        }
        let Some(identity) = parts.extensions.get::<Arc<Identity>>().map(Arc::clone) else {
            // A layer that lets anonymous requests pass does not open this service.
            return Err(Refusal::from(DeniedKind::NoCredential).into());
        };
        let admin_counts = identity.environment == AdminEnvironment::from_ref(state).0;
        Ok(Self::Caller { identity, admin_counts })
    }
}

/// An administrator. Nothing but the extractor makes one.
#[derive(Debug)]
pub(crate) struct Admin(Actor);

impl Admin {
    pub(crate) const fn actor(&self) -> &Actor {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Admin
where
    AdminEnvironment: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let actor = Actor::from_request_parts(parts, state).await?;
        actor.administers().map(|()| Self(actor))
    }
}

/// A service that may ask whose a key is. Nothing but the extractor makes one.
#[derive(Debug)]
pub(crate) struct MayVerify(Actor);

impl MayVerify {
    /// Whether it is told of keys of this environment.
    pub(crate) fn sees(&self, environment: Environment) -> bool {
        self.0.sees(environment)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for MayVerify
where
    AdminEnvironment: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let actor = Actor::from_request_parts(parts, state).await?;
        if actor.is_admin() || actor.has(VERIFY_SCOPE) {
            Ok(Self(actor))
        } else {
            Err(Problem::needs_scope(VERIFY_SCOPE))
        }
    }
}

/// The user of ours that an identity is: the subject of an external issuer is none.
fn user_of(identity: &Identity) -> Option<UserId> {
    match &identity.credential {
        CredentialRef::ApiKey { .. } | CredentialRef::Jwt { .. } | CredentialRef::Other { .. } => {
            UserId::new(identity.subject.as_str()).ok()
        }
        _ => None,
    }
}
