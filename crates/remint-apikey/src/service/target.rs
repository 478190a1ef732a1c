use remint_core::{AuditAction, AuditEvent, Revocation, Stamp, Target, TenantChange, Unavailable};
use serde_json::Value;

use super::ApiKeys;
use super::defect::defect;
use super::trail::tell;

impl ApiKeys {
    /// Ends a target: when this has returned, nothing older of it is accepted here. `None` if it is a key or
    /// user that is not there (any more).
    ///
    /// A key is revoked in the store too, a user or tenant disabled, as [`revoke`](Self::revoke),
    /// [`set_user_enabled`](Self::set_user_enabled) and [`change_tenant`](Self::change_tenant) do. Of all
    /// others the store knows nothing: they end by a row of the log alone. The audit trail has each with its
    /// `reason`.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store or the revocation log did not take it: call again.
    pub async fn end(&self, target: Target, reason: Option<&str>) -> Result<Option<Stamp>, Unavailable> {
        let is_there = match &target {
            Target::Key(id) => self.revoke(id).await?.is_some(),
            Target::User(id) => self.set_user_enabled(id, false).await?,
            Target::Tenant(id) => {
                let disabled = TenantChange { enabled: Some(false), plan: None };
                // One that the store does not know may be in tokens of other issuers.
                self.change_tenant(id, &disabled).await?;
                true
            }
            _ => true,
        };
        if !is_there {
            return Ok(None);
        }
        // Recorded before it is done: nothing is done of which there is no record.
        let event = self.target_event(&target, reason)?;
        self.check.store.append(std::slice::from_ref(&event)).await?;
        tell(&[event]);
        self.revoker.revoke(Revocation::ended(target, self.now())).await.map(Some)
    }

    fn target_event(&self, target: &Target, reason: Option<&str>) -> Result<AuditEvent, Unavailable> {
        let mut event = self.event(self.now(), AuditAction::TargetRevoked);
        match target {
            Target::Key(id) => event.key = Some(id.clone()),
            Target::User(id) => event.user = Some(id.clone()),
            Target::Tenant(id) => event.tenant = Some(id.clone()),
            _ => {}
        }
        event.detail.insert("target".into(), serde_json::to_value(target).map_err(defect)?);
        event.detail.extend(reason.map(|reason| ("reason".to_owned(), Value::from(reason))));
        Ok(event)
    }
}
