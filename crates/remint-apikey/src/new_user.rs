use remint_core::{
    Environment, ExternalIdentity, IdempotencyRecord, PlanName, Roles, Scopes, TenantId, Timestamp, User, UserId,
};

/// What a new user is to be, and what comes with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    id: UserId,
    tenant: Option<TenantId>,
    scopes: Scopes,
    roles: Roles,
    entitlements: Vec<String>,
    plan: Option<PlanName>,
    pub(crate) external: Vec<ExternalIdentity>,
    pub(crate) issue: Vec<Environment>,
    pub(crate) once: Option<IdempotencyRecord>,
}

impl NewUser {
    /// A user of this id: enabled, of no tenant, without scopes and without keys.
    #[must_use]
    pub const fn new(id: UserId) -> Self {
        Self {
            id,
            tenant: None,
            scopes: Scopes::new(),
            roles: Roles::none(),
            entitlements: Vec::new(),
            plan: None,
            external: Vec::new(),
            issue: Vec::new(),
            once: None,
        }
    }

    /// Of this tenant, which is made if it is not there.
    #[must_use]
    pub fn with_tenant(mut self, tenant: TenantId) -> Self {
        self.tenant = Some(tenant);
        self
    }

    /// Who may do this, and so may every key of theirs. This store is ours, so `remint:*` scopes
    /// can be given here.
    #[must_use]
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = scopes;
        self
    }

    /// With these roles, which stand in the tokens of their keys that have no scopes of their own.
    #[must_use]
    pub fn with_roles(mut self, roles: Roles) -> Self {
        self.roles = roles;
        self
    }

    /// With these entitlements, which stand in their tokens.
    #[must_use]
    pub fn with_entitlements(mut self, entitlements: Vec<String>) -> Self {
        self.entitlements = entitlements;
        self
    }

    /// With a plan of their own, in place of the tenant's.
    #[must_use]
    pub fn with_plan(mut self, plan: PlanName) -> Self {
        self.plan = Some(plan);
        self
    }

    /// Who is this subject at an external issuer: its JWTs and the user's keys have one `sub`.
    #[must_use]
    pub fn with_external(mut self, external: ExternalIdentity) -> Self {
        if !self.external.contains(&external) {
            self.external.push(external);
        }
        self
    }

    /// With one key of each of these environments, named after it.
    #[must_use]
    pub fn issuing(mut self, environments: impl IntoIterator<Item = Environment>) -> Self {
        self.issue.extend(environments);
        self
    }

    /// Once only, however often the request comes.
    #[must_use]
    pub const fn once(mut self, once: IdempotencyRecord) -> Self {
        self.once = Some(once);
        self
    }

    pub(crate) fn created_at(self, created_at: Timestamp) -> User {
        User {
            id: self.id,
            tenant: self.tenant,
            enabled: true,
            scopes: self.scopes,
            roles: self.roles,
            entitlements: self.entitlements,
            plan: self.plan,
            created_at,
        }
    }
}
