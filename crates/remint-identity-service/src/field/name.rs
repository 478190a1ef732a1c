use remint_apikey::KeyName;
use remint_core::{ExternalIdentity, IssuerId, PlanName, Subject, TenantId, UserId};
use remint_http_api::{Fault, Members, Read};
use serde_json::Value;

use super::list::list;
use super::text::{ExternalText, KeyNameText, PlanNameText, TenantIdText, UserIdText};
use super::unfit;

pub(crate) fn user_id(value: Value) -> Read<UserId> {
    starting_with_alphanumeric(UserIdText::text(value)?, UserId::new)
}

pub(crate) fn tenant_id(value: Value) -> Read<TenantId> {
    starting_with_alphanumeric(TenantIdText::text(value)?, TenantId::new)
}

pub(crate) fn plan(value: Value) -> Read<PlanName> {
    PlanName::new(PlanNameText::text(value)?).map_err(unfit)
}

pub(crate) fn key_name(value: Value) -> Read<KeyName> {
    KeyName::new(KeyNameText::text(value)?).map_err(unfit)
}

pub(crate) fn external(value: Value) -> Read<Vec<ExternalIdentity>> {
    list(value, |item| {
        let mut members = Members::of(item)?;
        let issuer = members.required("issuer", |value| IssuerId::new(ExternalText::text(value)?).map_err(unfit));
        let subject = members.required("subject", |value| Subject::new(ExternalText::text(value)?).map_err(unfit));
        members.finish(issuer.zip(subject).map(|(issuer, subject)| ExternalIdentity { issuer, subject }))
    })
}

/// What has to be of this kind of text, and of the name's own rules.
pub(crate) fn named<T: std::str::FromStr<Err: std::error::Error>>(text: Read<String>) -> Read<T> {
    text?.parse().map_err(unfit)
}

/// An id that no path can take for `.` or `..`.
fn starting_with_alphanumeric<T, E: std::error::Error>(
    text: String,
    new: impl FnOnce(String) -> Result<T, E>,
) -> Read<T> {
    if text.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        new(text).map_err(unfit)
    } else {
        Err(vec![Fault::new("must begin with a letter or digit")])
    }
}
