use remint_core::{Scopes, TenantId, Timestamp, User, UserId};

/// What a new user is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    id: UserId,
    tenant: Option<TenantId>,
    scopes: Scopes,
}

impl NewUser {
    /// A user of this id: enabled, of no tenant, without scopes.
    #[must_use]
    pub const fn new(id: UserId) -> Self {
        Self { id, tenant: None, scopes: Scopes::new() }
    }

    /// Of this tenant.
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

    pub(crate) fn created_at(self, created_at: Timestamp) -> User {
        User { id: self.id, tenant: self.tenant, enabled: true, scopes: self.scopes, created_at }
    }
}
