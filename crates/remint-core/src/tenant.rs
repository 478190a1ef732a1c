use crate::{PlanName, TenantId, Timestamp};

/// A tenant: it owns users. It comes into being with its first user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// The id.
    pub id: TenantId,
    /// Whether its users may act. Enabling brings all of them back who are not disabled themselves.
    pub enabled: bool,
    /// The plan whose limits hold for it and for those of its users who have none of their own.
    pub plan: Option<PlanName>,
    /// When its first user came.
    pub created_at: Timestamp,
}

/// What is to be changed of a tenant. What is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantChange {
    /// Whether its users may act.
    pub enabled: Option<bool>,
    /// The plan; `Some(None)`: none from now on.
    pub plan: Option<Option<PlanName>>,
}
