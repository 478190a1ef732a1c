use remint_core::{FoundUser, PlanName, Roles, Scopes, Tenant, TenantId, Timestamp, User, UserId, is_reserved};

/// A user of another program: enabled, of no tenant, without scopes, roles and entitlements, unless it is said
/// otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegacyUser {
    user: User,
    tenant_enabled: bool,
}

impl LegacyUser {
    /// The user of this id, which is the `sub` of their tokens.
    #[must_use]
    pub const fn new(id: UserId) -> Self {
        let user = User {
            id,
            tenant: None,
            enabled: true,
            scopes: Scopes::new(),
            roles: Roles::none(),
            entitlements: Vec::new(),
            plan: None,
            created_at: Timestamp::from_millis(0),
        };
        Self { user, tenant_enabled: true }
    }

    /// Who may do this. Scopes that begin with `remint:` are passed over: only our own store gives them.
    #[must_use]
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.user.scopes = scopes.filtered(|scope| !is_reserved(scope));
        self
    }

    /// With these roles.
    #[must_use]
    pub fn with_roles(mut self, roles: Roles) -> Self {
        self.user.roles = roles;
        self
    }

    /// With these entitlements. Those that begin with `remint:` reach no token.
    #[must_use]
    pub fn with_entitlements(mut self, entitlements: Vec<String>) -> Self {
        self.user.entitlements = entitlements;
        self
    }

    /// Of this tenant.
    #[must_use]
    pub fn with_tenant(mut self, tenant: TenantId) -> Self {
        self.user.tenant = Some(tenant);
        self
    }

    /// With the limits of this plan.
    #[must_use]
    pub fn with_plan(mut self, plan: PlanName) -> Self {
        self.user.plan = Some(plan);
        self
    }

    /// Whether the user may act: the keys of one who is disabled are refused.
    #[must_use]
    pub const fn with_enabled(mut self, enabled: bool) -> Self {
        self.user.enabled = enabled;
        self
    }

    /// Whether the user's tenant may act.
    #[must_use]
    pub const fn with_tenant_enabled(mut self, enabled: bool) -> Self {
        self.tenant_enabled = enabled;
        self
    }

    pub(super) fn is(&self, id: &UserId) -> bool {
        self.user.id == *id
    }

    pub(super) fn into_found(self) -> FoundUser {
        let Self { user, tenant_enabled: enabled } = self;
        let tenant = user.tenant.clone().map(|id| Tenant { id, enabled, plan: None, created_at: user.created_at });
        FoundUser { user, tenant }
    }
}
