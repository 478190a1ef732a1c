use std::str::FromStr;

use remint_core::{ExternalIdentity, InvalidName, KeyName, PlanName, TenantId, UserId};
use remint_http_api::{Fault, Members, Read};
use serde_json::Value;

use super::list::list;
use super::unfit;

/// A name, by the core's own rule.
pub(crate) fn name<T: FromStr<Err = InvalidName>>(value: Value) -> Read<T> {
    match value {
        Value::String(text) => text.parse().map_err(unfit),
        _ => Err(vec![Fault::new("must be a string")]),
    }
}

pub(crate) fn user_id(value: Value) -> Read<UserId> {
    name(value)
}

pub(crate) fn tenant_id(value: Value) -> Read<TenantId> {
    name(value)
}

pub(crate) fn plan(value: Value) -> Read<PlanName> {
    name(value)
}

pub(crate) fn key_name(value: Value) -> Read<KeyName> {
    name(value)
}

pub(crate) fn external(value: Value) -> Read<Vec<ExternalIdentity>> {
    list(value, |item| {
        let mut members = Members::of(item)?;
        let issuer = members.required("issuer", name);
        let subject = members.required("subject", name);
        members.finish(issuer.zip(subject).map(|(issuer, subject)| ExternalIdentity { issuer, subject }))
    })
}
