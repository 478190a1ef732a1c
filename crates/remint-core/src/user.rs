use serde::{Deserialize, Serialize};

use crate::{IssuerId, PlanName, Roles, Scopes, Subject, Tenant, TenantId, Timestamp, UserId};

/// A user of ours: whom API keys belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id, chosen by whoever signs users up.
    pub id: UserId,
    /// The tenant the user belongs to.
    pub tenant: Option<TenantId>,
    /// Whether the user may act. A disabled user's keys are refused; enabling brings them back.
    pub enabled: bool,
    /// What the user may do; a key never has more.
    pub scopes: Scopes,
    /// Roles (RFC 9068 §2.2.3.1): they stand in the user's tokens.
    pub roles: Roles,
    /// Entitlements (RFC 9068 §2.2.3.1): they stand in the user's tokens.
    pub entitlements: Vec<String>,
    /// The plan whose limits hold for the user, in place of the tenant's.
    pub plan: Option<PlanName>,
    /// When the user was created.
    pub created_at: Timestamp,
}

/// A user with their tenant, from one read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundUser {
    /// The user.
    pub user: User,
    /// Their tenant; present if and only if the user names one.
    pub tenant: Option<Tenant>,
}

/// A subject of an external issuer that is one of our users: their JWT and their API key then have
/// the same internal `sub`. It belongs to one user at most.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ExternalIdentity {
    /// The issuer's `iss`.
    pub issuer: IssuerId,
    /// Its `sub`.
    pub subject: Subject,
}

/// What is to be changed of a user. What is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserChange {
    /// Whether the user may act.
    pub enabled: Option<bool>,
    /// The tenant; `Some(None)`: of none from now on.
    pub tenant: Option<Option<TenantId>>,
    /// What the user may do.
    pub scopes: Option<Scopes>,
    /// Roles: all of them.
    pub roles: Option<Roles>,
    /// Entitlements.
    pub entitlements: Option<Vec<String>>,
    /// The plan; `Some(None)`: the tenant's from now on.
    pub plan: Option<Option<PlanName>>,
    /// All external identities: those that are not named here are unlinked.
    pub external: Option<Vec<ExternalIdentity>>,
}
