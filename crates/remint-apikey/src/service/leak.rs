use remint_core::{ApiKeyRecord, AuditAction, AuditEvent, Unavailable};

use super::ApiKeys;
use super::descent::key_end;
use super::trail::tell;

/// What a report says of a leaked text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leak {
    /// Where it was found.
    pub url: Option<String>,
    /// In what kind of place, such as `content` or `commit`.
    pub source: Option<String>,
}

impl ApiKeys {
    /// Ends the key of this text, if it is one of ours, with every key that descends from it, as
    /// [`revoke_with_descendants`](Self::revoke_with_descendants) does, and records the report. `None` if it is not:
    /// nothing is recorded then.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store or the revocation log did not take it: call again.
    pub async fn report_leak(&self, text: &str, leak: &Leak) -> Result<Option<ApiKeyRecord>, Unavailable> {
        let Some(found) = self.check.known(text).await? else { return Ok(None) };
        let now = self.now();
        let mut event =
            AuditEvent { tenant: found.user.tenant.clone(), ..self.key_event(now, AuditAction::KeyLeaked, &found.key) };
        for (name, value) in [("url", &leak.url), ("source", &leak.source)] {
            if let Some(value) = value {
                event.detail.insert(name.into(), bounded(value).into());
            }
        }
        // Of a key that was revoked before, the report is still news.
        let audit = vec![event];
        if found.key.revoked_at.is_some() {
            self.check.store.append(&audit).await?;
            tell(&audit);
        }
        self.end_line(key_end(found.key.id.clone(), audit, now), now).await?;
        Ok(Some(ApiKeyRecord { revoked_at: found.key.revoked_at.or(Some(now)), ..found.key }))
    }
}

/// A report comes from outside: what is kept of it has an end.
fn bounded(text: &str) -> String {
    text.chars().take(MAX_CHARS).collect()
}

const MAX_CHARS: usize = 512;
