//! The fields of our own JSON: how each is read, and the schema that says so.

mod environment;
mod list;
mod name;
mod name_text;
mod network;
mod roles;
mod scopes;
mod text;
mod time_span;

use remint_http_api::{Fault, Read};
use serde_json::Value;

pub(crate) use self::environment::{environment, environments};
pub(crate) use self::list::{MAX_ITEMS, list};
pub(crate) use self::name::{external, key_name, name, plan, tenant_id, user_id};
pub(crate) use self::name_text::{
    ClientText, CredentialIdText, IssuerText, KeyIdText, KeyNameText, PlanNameText, RoleNameText, SubjectText,
    TenantIdText, UserIdText,
};
pub(crate) use self::network::networks;
pub(crate) use self::roles::roles;
pub(crate) use self::scopes::{ScopesText, entitlements, scopes, user_scopes};
pub(crate) use self::text::{CredentialKindText, DigestText, EntitlementText, KeyText, NetworkText, ReasonText};
pub(crate) use self::time_span::{DurationText, LifetimeText, duration, lifetime};

pub(crate) fn flag(value: Value) -> Read<bool> {
    value.as_bool().ok_or_else(|| vec![Fault::new("must be true or false")])
}

pub(crate) fn unfit(error: impl std::error::Error) -> Vec<Fault> {
    vec![Fault::new(error.to_string())]
}
