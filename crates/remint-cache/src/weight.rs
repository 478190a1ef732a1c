use std::sync::Arc;

use remint_core::{Actor, CredentialRef, Identity};

/// A value the memory tier can hold.
pub trait Cached: Clone + Send + Sync + 'static {
    /// Its bytes on the heap and in place, as nearly as they can be told.
    fn weight(&self) -> u32;

    /// A copy that shares no reference count with this one, for one thread's front.
    #[must_use]
    fn for_thread(&self) -> Self;
}

impl Cached for Arc<Identity> {
    fn weight(&self) -> u32 {
        u32::try_from(identity_weight(self)).unwrap_or(u32::MAX)
    }

    fn for_thread(&self) -> Self {
        Self::new(Identity::clone(self))
    }
}

/// What the allocator adds to each piece.
const PIECE: usize = 16;

fn identity_weight(identity: &Identity) -> usize {
    let text = |text: &str| text.len() + PIECE;
    let list = |list: &[String]| list.iter().map(|item| text(item) + size_of::<String>()).sum::<usize>();
    let credential = match &identity.credential {
        CredentialRef::Jwt { issuer, subject, id } => {
            text(issuer.as_str()) + text(subject.as_str()) + id.as_ref().map_or(0, |id| text(id.as_str()))
        }
        CredentialRef::ApiKey { id } => text(id.as_str()),
        CredentialRef::Client { id } => text(id.as_str()),
        _ => 0,
    };
    size_of::<Identity>()
        + 2 * PIECE
        + text(identity.subject.as_str())
        + text(identity.client.as_str())
        + credential
        + identity.tenant.as_ref().map_or(0, |tenant| text(tenant.as_str()))
        + identity.session.as_ref().map_or(0, |session| text(session.as_str()))
        + identity.acr.as_deref().map_or(0, text)
        + identity.plan.as_ref().map_or(0, |plan| text(plan.as_str()))
        + identity.scopes.iter().map(|scope| text(scope) + 2 * PIECE).sum::<usize>()
        + [&identity.amr, &identity.roles, &identity.groups, &identity.entitlements]
            .map(|l| list(l))
            .iter()
            .sum::<usize>()
        + identity.actor.as_ref().map_or(0, actor_weight)
        + identity.ext.as_map().iter().map(|(name, value)| text(name) + 64 + value_weight(value)).sum::<usize>()
}

fn actor_weight(actor: &Actor) -> usize {
    size_of::<Actor>()
        + 3 * PIECE
        + actor.subject.as_str().len()
        + actor.issuer.as_ref().map_or(0, |issuer| issuer.as_str().len())
        + actor.actor.as_deref().map_or(0, actor_weight)
}

fn value_weight(value: &serde_json::Value) -> usize {
    use serde_json::Value;
    size_of::<Value>()
        + match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
            Value::String(text) => text.len() + PIECE,
            Value::Array(items) => items.iter().map(value_weight).sum::<usize>() + PIECE,
            Value::Object(map) => map.iter().map(|(name, value)| name.len() + 64 + value_weight(value)).sum(),
        }
}
