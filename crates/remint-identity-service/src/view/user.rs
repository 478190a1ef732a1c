use remint_core::{ExternalIdentity, User};
use serde::Serialize;
use utoipa::ToSchema;

use super::text::{scopes, time};

/// A user.
#[derive(Serialize, ToSchema)]
#[schema(as = User, examples(json!({
    "id": "alice", "tenant": "acme", "enabled": true, "scopes": ["jobs:write"], "roles": ["editor"],
    "entitlements": [], "plan": null, "external": [], "created_at": "2026-11-22T10:00:00.000Z"
})))]
pub(crate) struct UserView {
    id: String,
    tenant: Option<String>,
    /// A disabled user's keys are refused; enabling brings them back.
    enabled: bool,
    scopes: Vec<String>,
    roles: Vec<String>,
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

impl UserView {
    pub(crate) fn new(user: User, external: Vec<ExternalIdentity>) -> Self {
        Self {
            id: user.id.into(),
            tenant: user.tenant.map(Into::into),
            enabled: user.enabled,
            scopes: scopes(&user.scopes),
            roles: user.roles.into(),
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
