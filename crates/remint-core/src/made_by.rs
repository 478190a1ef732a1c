use serde::{Deserialize, Serialize};

use crate::{AuditActor, CredentialRef, KeyId};

/// What made an API key.
///
/// A key that another key made is its descendant: it ends with it where a key is ended together with
/// all that it made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum MadeBy {
    /// The holder of the configured bootstrap key.
    Bootstrap,
    /// The sign-up of the key's user, unless another key signed the user up.
    SignUp,
    /// An operator at the command line.
    Operator,
    /// The program itself, by a policy or by code that embeds it.
    System,
    /// It is not known: the key is older than this record, and the audit trail does not say.
    #[default]
    Unknown,
    /// A credential of a caller: an API key, a token or a client. In JSON it is the credential's own
    /// object.
    #[serde(untagged)]
    Credential(CredentialRef),
}

impl MadeBy {
    /// The key that made it, if a key did.
    #[must_use]
    pub const fn key(&self) -> Option<&KeyId> {
        match self {
            Self::Credential(CredentialRef::ApiKey { id }) => Some(id),
            _ => None,
        }
    }

    /// The kind's name, as it stands in JSON: `bootstrap`, `sign_up`, `operator`, `system`, `unknown`, or the
    /// [credential's](CredentialRef::kind), which is `other` where an authenticator of your own has another name for
    /// it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Bootstrap => "bootstrap",
            Self::SignUp => "sign_up",
            Self::Operator => "operator",
            Self::System => "system",
            Self::Unknown => "unknown",
            Self::Credential(credential) => credential.kind(),
        }
    }
}

impl From<&AuditActor> for MadeBy {
    fn from(actor: &AuditActor) -> Self {
        match actor {
            AuditActor::Caller { credential, .. } => Self::Credential(credential.clone()),
            AuditActor::Bootstrap => Self::Bootstrap,
            AuditActor::Operator { .. } => Self::Operator,
            AuditActor::System => Self::System,
            AuditActor::Scanner { .. } => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_made_a_key_is_one_object_with_a_kind() {
        let key = CredentialRef::ApiKey { id: KeyId::new("key_1").unwrap() };
        let client = CredentialRef::Client { id: crate::ClientId::new("app").unwrap() };
        for (made_by, text) in [
            (MadeBy::Credential(key), json!({ "kind": "api_key", "id": "key_1" })),
            (MadeBy::Credential(client), json!({ "kind": "client", "id": "app" })),
            (MadeBy::Bootstrap, json!({ "kind": "bootstrap" })),
            (MadeBy::SignUp, json!({ "kind": "sign_up" })),
            (MadeBy::Operator, json!({ "kind": "operator" })),
            (MadeBy::System, json!({ "kind": "system" })),
            (MadeBy::Unknown, json!({ "kind": "unknown" })),
        ] {
            assert_eq!(serde_json::to_value(&made_by).unwrap(), text);
            assert_eq!(text["kind"], made_by.kind());
            assert_eq!(serde_json::from_value::<MadeBy>(text).unwrap(), made_by);
        }
        for wrong in [json!({ "kind": "nobody" }), json!({ "kind": "api_key" }), json!({}), json!(null)] {
            assert!(serde_json::from_value::<MadeBy>(wrong).is_err());
        }
    }
}
