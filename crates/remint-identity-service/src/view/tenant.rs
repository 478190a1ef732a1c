use remint_core::Tenant;
use serde::Serialize;
use utoipa::ToSchema;

use super::text::time;

/// A tenant.
#[derive(Serialize, ToSchema)]
#[schema(as = Tenant, examples(json!({ "id": "acme", "enabled": true, "plan": "team", "created_at": "2026-11-22T10:00:00.000Z" })))]
pub(crate) struct TenantView {
    id: String,
    /// A disabled tenant's users are all refused.
    enabled: bool,
    plan: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
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
