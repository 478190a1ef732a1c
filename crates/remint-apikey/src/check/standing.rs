use remint_core::{DeniedKind, FoundKey, Timestamp};

/// Whether a key that was found works at this moment, or why not.
pub(crate) fn standing(found: &FoundKey, now: Timestamp) -> Result<(), DeniedKind> {
    if found.key.revoked_at.is_some() {
        return Err(DeniedKind::Revoked);
    }
    if found.key.expires_at.is_some_and(|end| now >= end) {
        return Err(DeniedKind::Expired);
    }
    if !found.user.enabled {
        return Err(DeniedKind::UserDisabled);
    }
    if found.tenant.as_ref().is_some_and(|tenant| !tenant.enabled) {
        return Err(DeniedKind::TenantDisabled);
    }
    Ok(())
}
