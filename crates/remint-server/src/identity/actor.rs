use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use remint_core::{AuditActor, CredentialRef, DeniedKind, Environment, Identity, Refusal, UserId};

use crate::problem::Problem;

/// Who asks.
#[derive(Debug, Clone)]
pub(super) enum Actor {
    /// Whoever holds the bootstrap key.
    Bootstrap,
    /// Someone whom the edge's layer let pass.
    Caller(Arc<Identity>),
}

/// The mark of a request that came with the bootstrap key. Extensions never come over the wire.
#[derive(Debug, Clone, Copy)]
pub(super) struct CameByBootstrap;

impl Actor {
    /// Whether they reach everything. The scope counts for users of ours only: nobody else can have
    /// been given it by our store.
    pub(super) fn is_admin(&self) -> bool {
        self.has(ADMIN)
    }

    /// Refuses whoever is no administrator.
    pub(super) fn administers(&self) -> Result<(), Problem> {
        if self.is_admin() { Ok(()) } else { Err(Problem::needs_scope(ADMIN)) }
    }

    /// The user they are; `None` for the bootstrap key.
    pub(super) fn user(&self) -> Result<Option<UserId>, Problem> {
        match self {
            Self::Bootstrap => Ok(None),
            Self::Caller(identity) => user_of(identity).map(Some).ok_or_else(|| {
                Problem::forbidden("no-user", "the credential belongs to no user, and so has no resources here")
            }),
        }
    }

    /// Whether they may know of this user's resources: an administrator of anyone's.
    pub(super) fn reaches(&self, user: &UserId) -> Result<(), Problem> {
        if self.is_admin() || self.user()?.as_ref() == Some(user) { Ok(()) } else { Err(Problem::not_found()) }
    }

    /// The environment they came in.
    pub(super) fn environment(&self) -> Environment {
        match self {
            Self::Bootstrap => Environment::Live,
            Self::Caller(identity) => identity.environment,
        }
    }

    /// How the audit trail names them.
    pub(super) fn audit(&self) -> AuditActor {
        match self {
            Self::Bootstrap => AuditActor::Bootstrap,
            Self::Caller(identity) => AuditActor::Caller {
                subject: identity.subject.clone(),
                credential: identity.credential.clone(),
                actor: identity.actor.clone().map(Box::new),
            },
        }
    }

    fn has(&self, scope: &str) -> bool {
        match self {
            Self::Bootstrap => true,
            Self::Caller(identity) => identity.scopes.contains(scope) && user_of(identity).is_some(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Actor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        if parts.extensions.get::<CameByBootstrap>().is_some() {
            return Ok(Self::Bootstrap);
        }
        match parts.extensions.get::<Arc<Identity>>() {
            Some(identity) => Ok(Self::Caller(Arc::clone(identity))),
            // A layer that lets anonymous requests pass does not open this service.
            None => Err(Refusal::from(DeniedKind::NoCredential).into()),
        }
    }
}

/// An administrator.
#[derive(Debug)]
pub(super) struct Admin(pub(super) Actor);

impl<S: Send + Sync> FromRequestParts<S> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let actor = Actor::from_request_parts(parts, state).await?;
        actor.administers().map(|()| Self(actor))
    }
}

/// A service that may ask whose a key is.
#[derive(Debug)]
pub(super) struct MayVerify;

impl<S: Send + Sync> FromRequestParts<S> for MayVerify {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let actor = Actor::from_request_parts(parts, state).await?;
        if actor.is_admin() || actor.has(VERIFY) { Ok(Self) } else { Err(Problem::needs_scope(VERIFY)) }
    }
}

/// The user of ours that an identity is: the subject of an external issuer is none.
fn user_of(identity: &Identity) -> Option<UserId> {
    match &identity.credential {
        CredentialRef::ApiKey { .. } | CredentialRef::Jwt { .. } => UserId::new(identity.subject.as_str()).ok(),
        _ => None,
    }
}

const ADMIN: &str = "remint:admin";
const VERIFY: &str = "remint:verify";
