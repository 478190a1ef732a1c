//! What the service shows.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use remint_core::{ApiKeyRecord, CredentialRef, ExternalIdentity, MadeBy, Network, Scopes, Tenant, Timestamp, User};
use serde::Serialize;
use utoipa::ToSchema;

use crate::act_for::ActForView;

/// A user.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserView {
    id: String,
    tenant: Option<String>,
    /// A disabled user's keys are refused; enabling brings them back.
    enabled: bool,
    scopes: Vec<String>,
    entitlements: Vec<String>,
    plan: Option<String>,
    external: Vec<ExternalView>,
    #[schema(format = DateTime)]
    created_at: String,
}

/// Who a user is at an external issuer.
#[derive(Serialize, ToSchema)]
#[schema(as = ExternalIdentity)]
pub(crate) struct ExternalView {
    issuer: String,
    subject: String,
}

/// A tenant.
#[derive(Serialize, ToSchema)]
#[schema(as = Tenant)]
pub(crate) struct TenantView {
    id: String,
    /// A disabled tenant's users are all refused.
    enabled: bool,
    plan: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
}

/// An API key.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub(crate) struct KeyView {
    /// Its public id.
    id: String,
    /// Its text: in the answer to its creation, this once. `null` where that answer is given again;
    /// absent everywhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, required = false)]
    key: Option<Option<String>>,
    /// The non-secret beginning of the text, to recognise it by.
    start: String,
    /// Whose it is.
    user: String,
    #[schema(value_type = EnvironmentView)]
    environment: &'static str,
    /// `null`: what the user may.
    scopes: Option<Vec<String>>,
    /// From where it may be used; empty: from anywhere.
    networks: Vec<String>,
    name: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
    /// The key that took its place.
    rotated_to: Option<String>,
    /// What made it. A key that a key made ends with it where that is revoked with `cascade`, or reported as leaked.
    made_by: MadeByView,
    /// Absent: it acts for nobody but its user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ActForView, required = false)]
    act_for: Option<ActForView>,
}

/// What made a key.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeBy)]
pub(crate) struct MadeByView {
    /// `api_key`, `jwt` or `client`: a caller's credential, which is named below; or `bootstrap`, `sign_up`,
    /// `operator`, `system`, `unknown`.
    kind: &'static str,
    /// The key's or the client's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The token's issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    /// The token's subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
}

/// `live` or `test`.
#[derive(ToSchema)]
#[schema(as = Environment, rename_all = "lowercase")]
#[expect(dead_code, reason = "a shape of the OpenAPI document")]
pub(crate) enum EnvironmentView {
    Live,
    Test,
}

/// A new user, with their first keys.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedUp)]
pub(crate) struct SignedUpView {
    pub(crate) user: UserView,
    pub(crate) keys: Vec<KeyView>,
}

/// A page of keys, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyPage)]
pub(crate) struct KeyPage {
    pub(crate) items: Vec<KeyView>,
    /// The next page's `cursor`; `null` if this is the last one.
    pub(crate) next: Option<String>,
}

impl UserView {
    pub(crate) fn new(user: User, external: Vec<ExternalIdentity>) -> Self {
        Self {
            id: user.id.into(),
            tenant: user.tenant.map(Into::into),
            enabled: user.enabled,
            scopes: scopes(&user.scopes),
            entitlements: user.entitlements,
            plan: user.plan.map(Into::into),
            external: external.into_iter().map(ExternalView::new).collect(),
            created_at: time(user.created_at),
        }
    }
}

impl ExternalView {
    fn new(ExternalIdentity { issuer, subject }: ExternalIdentity) -> Self {
        Self { issuer: issuer.into(), subject: subject.into() }
    }
}

impl From<Tenant> for TenantView {
    fn from(tenant: Tenant) -> Self {
        Self {
            id: tenant.id.into(),
            enabled: tenant.enabled,
            plan: tenant.plan.map(Into::into),
            created_at: time(tenant.created_at),
        }
    }
}

impl KeyView {
    /// Of a key whose text nobody has asked for.
    pub(crate) fn listed(key: ApiKeyRecord) -> Self {
        Self {
            id: key.id.into(),
            key: None,
            start: key.start,
            user: key.user.into(),
            environment: key.environment.as_str(),
            scopes: key.scopes.as_ref().map(scopes),
            networks: networks(&key.networks),
            name: key.name,
            created_at: time(key.created_at),
            expires_at: key.expires_at.map(time),
            revoked_at: key.revoked_at.map(time),
            last_used_at: key.last_used_at.map(time),
            rotated_to: key.rotated_to.map(Into::into),
            made_by: MadeByView::new(&key.made_by),
            act_for: key.act_for.map(Into::into),
        }
    }

    /// Of a new key, with its text.
    pub(crate) fn issued(key: ApiKeyRecord, text: &str) -> Self {
        Self { key: Some(Some(text.to_owned())), ..Self::listed(key) }
    }

    /// Of a key that was made before: its text is gone.
    pub(crate) fn replayed(key: ApiKeyRecord) -> Self {
        Self { key: Some(None), ..Self::listed(key) }
    }
}

impl MadeByView {
    fn new(made_by: &MadeBy) -> Self {
        let of = |id: Option<&str>, iss: Option<&str>, sub: Option<&str>| Self {
            kind: made_by.kind(),
            id: id.map(str::to_owned),
            iss: iss.map(str::to_owned),
            sub: sub.map(str::to_owned),
        };
        match made_by {
            MadeBy::Credential(CredentialRef::ApiKey { id }) => of(Some(id.as_str()), None, None),
            MadeBy::Credential(CredentialRef::Client { id }) => of(Some(id.as_str()), None, None),
            MadeBy::Credential(CredentialRef::Jwt { issuer, subject, .. }) => {
                of(None, Some(issuer.as_str()), Some(subject.as_str()))
            }
            _ => of(None, None, None),
        }
    }
}

/// An answer with a body.
pub(crate) fn answer(status: StatusCode, body: &impl Serialize) -> Response {
    (status, Json(body)).into_response()
}

pub(crate) fn scopes(scopes: &Scopes) -> Vec<String> {
    scopes.iter().map(str::to_owned).collect()
}

pub(crate) fn networks(networks: &[Network]) -> Vec<String> {
    networks.iter().map(ToString::to_string).collect()
}

/// RFC 3339, in UTC, to the millisecond. The years end at 9999.
pub(crate) fn time(moment: Timestamp) -> String {
    humantime::format_rfc3339_millis(system_time(moment)).to_string()
}

fn system_time(moment: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(moment.as_millis().min(LAST_MILLI))
}

/// 9999-12-31T23:59:59.999Z.
const LAST_MILLI: u64 = 253_402_300_799_999;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rfc_3339_up_to_the_year_9999() {
        assert_eq!(time(Timestamp::from_millis(1_767_225_600_123)), "2026-01-01T00:00:00.123Z");
        assert_eq!(time(Timestamp::MAX), "9999-12-31T23:59:59.999Z");
    }
}
