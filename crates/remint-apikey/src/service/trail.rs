use remint_core::{ApiKeyRecord, AuditAction, AuditActor, AuditEvent, KeyId, TenantId, Timestamp, Unavailable, UserId};
use serde_json::{Map, Value};

use super::ApiKeys;
use super::defect::defect;

impl ApiKeys {
    pub(super) fn event(&self, at: Timestamp, action: AuditAction) -> AuditEvent {
        let actor = self.actor.clone();
        AuditEvent { at, action, actor, user: None, tenant: None, key: None, detail: Map::new() }
    }

    pub(super) fn user_event(&self, at: Timestamp, action: AuditAction, user: &UserId) -> AuditEvent {
        AuditEvent { user: Some(user.clone()), ..self.event(at, action) }
    }

    pub(super) fn key_event(&self, at: Timestamp, action: AuditAction, key: &ApiKeyRecord) -> AuditEvent {
        let mut event = AuditEvent { key: Some(key.id.clone()), ..self.user_event(at, action, &key.user) };
        event.detail.insert("environment".into(), key.environment.as_str().into());
        event.detail.insert("start".into(), key.start.as_str().into());
        event
    }

    /// Of a new key: with the whole of what an administrator gave it, since keys go with their users.
    pub(super) fn new_key_event(
        &self,
        at: Timestamp,
        action: AuditAction,
        key: &ApiKeyRecord,
    ) -> Result<AuditEvent, Unavailable> {
        let mut event = self.key_event(at, action, key);
        if let Some(act_for) = &key.act_for {
            event.detail.insert("act_for".into(), serde_json::to_value(act_for).map_err(defect)?);
        }
        Ok(event)
    }
}

/// Tells the log of events that the store has taken.
pub(super) fn tell(events: &[AuditEvent]) {
    for event in events {
        let (by, credential) = who(&event.actor);
        let detail = (!event.detail.is_empty()).then(|| Value::Object(event.detail.clone()).to_string());
        let (user, tenant) = (event.user.as_ref().map(UserId::as_str), event.tenant.as_ref().map(TenantId::as_str));
        tracing::info!(
            target: "remint::audit",
            action = event.action.as_str(),
            at = event.at.as_millis(),
            by,
            credential,
            user,
            tenant,
            key = event.key.as_ref().map(KeyId::as_str),
            detail,
            "{}", event.action
        );
    }
}

/// Who, and the kind of credential they came with.
fn who(actor: &AuditActor) -> (&str, &'static str) {
    match actor {
        AuditActor::Caller { subject, credential, .. } => (subject.as_str(), credential.kind()),
        AuditActor::Bootstrap => ("bootstrap", "bootstrap_key"),
        AuditActor::Operator { account } => (account.as_deref().unwrap_or("operator"), "command_line"),
        AuditActor::Scanner { key_identifier } => (key_identifier, "signature"),
        _ => ("system", "none"),
    }
}
