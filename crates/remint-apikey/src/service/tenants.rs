use remint_core::{AuditAction, AuditEvent, Commit, Effect, Target, Tenant, TenantChange, TenantId, Unavailable};
use serde_json::Value;

use super::ApiKeys;
use super::rows::row;
use super::trail::tell;

impl ApiKeys {
    /// The tenant of this id.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    pub async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, Unavailable> {
        self.check.store.tenant(id).await
    }

    /// Changes a tenant and returns it as it is now; `None` if there is none. Disabling it stops all
    /// its users, and what external issuers say in its name.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store or the revocation log did not take it: call again.
    pub async fn change_tenant(&self, id: &TenantId, change: &TenantChange) -> Result<Option<Tenant>, Unavailable> {
        let now = self.now();
        let of = |action| AuditEvent { tenant: Some(id.clone()), ..self.event(now, action) };
        let mut audit = Vec::new();
        if let Some(enabled) = change.enabled {
            audit.push(of(if enabled { AuditAction::TenantEnabled } else { AuditAction::TenantDisabled }));
        }
        if let Some(plan) = &change.plan {
            let mut event = of(AuditAction::TenantChanged);
            event.detail.insert("plan".into(), plan.as_ref().map_or(Value::Null, |plan| plan.as_str().into()));
            audit.push(event);
        }
        let effect = if change.enabled == Some(false) { Effect::Ended } else { Effect::Changed };
        let rows = [row(Target::Tenant(id.clone()), effect, now)];
        let commit = Commit::audited(&audit).with_revocations(&rows);
        let changed = self.check.store.change_tenant(id, change, commit).await?;
        if changed.is_some() {
            tell(&audit);
        }
        self.announce(&rows).await?;
        Ok(changed)
    }
}
