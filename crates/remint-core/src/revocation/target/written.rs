//! A target as JSON.

use serde::{Deserialize, Serialize};

use crate::{
    ClientId, CredentialId, CredentialKind, IssuerId, KeyId, SessionId, Subject, TenantId, TokenDigest, TokenId, UserId,
};

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Target {
    Key {
        id: KeyId,
    },
    User {
        id: UserId,
    },
    Client {
        id: ClientId,
    },
    Credential {
        credential: CredentialKind,
        id: CredentialId,
    },
    Subject {
        issuer: IssuerId,
        subject: Subject,
    },
    Session {
        issuer: IssuerId,
        session: SessionId,
    },
    Issuer {
        id: IssuerId,
    },
    Tenant {
        id: TenantId,
    },
    Token {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        issuer: Option<IssuerId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        jti: Option<TokenId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dig: Option<TokenDigest>,
    },
    Everything {},
}

/// A token that is named in no way, or in two.
#[derive(Debug, thiserror::Error)]
#[error("a token is named by `issuer` and `jti`, or by `dig`")]
pub(super) struct Unnamed;

impl TryFrom<Target> for super::Target {
    type Error = Unnamed;

    fn try_from(written: Target) -> Result<Self, Unnamed> {
        Ok(match written {
            Target::Key { id } => Self::Key(id),
            Target::User { id } => Self::User(id),
            Target::Client { id } => Self::Client(id),
            Target::Credential { credential: kind, id } => Self::Credential { kind, id },
            Target::Subject { issuer, subject } => Self::Subject { issuer, subject },
            Target::Session { issuer, session } => Self::Session { issuer, session },
            Target::Issuer { id } => Self::Issuer(id),
            Target::Tenant { id } => Self::Tenant(id),
            Target::Token { issuer: Some(issuer), jti: Some(id), dig: None } => Self::Token { issuer, id },
            Target::Token { issuer: None, jti: None, dig: Some(digest) } => Self::SigningInput(digest.0),
            Target::Token { .. } => return Err(Unnamed),
            Target::Everything {} => Self::Everything,
        })
    }
}

impl From<super::Target> for Target {
    fn from(target: super::Target) -> Self {
        match target {
            super::Target::Key(id) => Self::Key { id },
            super::Target::User(id) => Self::User { id },
            super::Target::Client(id) => Self::Client { id },
            super::Target::Credential { kind, id } => Self::Credential { credential: kind, id },
            super::Target::Subject { issuer, subject } => Self::Subject { issuer, subject },
            super::Target::Session { issuer, session } => Self::Session { issuer, session },
            super::Target::Issuer(id) => Self::Issuer { id },
            super::Target::Tenant(id) => Self::Tenant { id },
            super::Target::Token { issuer, id } => Self::Token { issuer: Some(issuer), jti: Some(id), dig: None },
            super::Target::SigningInput(digest) => {
                Self::Token { issuer: None, jti: None, dig: Some(TokenDigest(digest)) }
            }
            super::Target::Everything => Self::Everything {},
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::Target;

    #[test]
    fn a_target_is_written_by_its_kind_and_its_names_and_read_so() {
        for written in [
            json!({ "kind": "key", "id": "key_1" }),
            json!({ "kind": "user", "id": "alice" }),
            json!({ "kind": "client", "id": "svc" }),
            json!({ "kind": "credential", "credential": "session", "id": "s-1" }),
            json!({ "kind": "subject", "issuer": "https://idp.example", "subject": "a" }),
            json!({ "kind": "session", "issuer": "https://idp.example", "session": "s" }),
            json!({ "kind": "issuer", "id": "https://idp.example" }),
            json!({ "kind": "tenant", "id": "acme" }),
            json!({ "kind": "token", "issuer": "https://idp.example", "jti": "t" }),
            json!({ "kind": "token", "dig": "A".repeat(43) }),
            json!({ "kind": "everything" }),
        ] {
            let target: Target = serde_json::from_value(written.clone()).unwrap();
            assert_eq!(serde_json::to_value(target).unwrap(), written);
        }
    }

    #[test]
    fn what_names_none_or_two_is_no_target() {
        for written in [
            Value::Null,
            json!({}),
            json!({ "kind": "all" }),
            json!({ "kind": "key" }),
            json!({ "kind": "user", "id": "a|b" }),
            json!({ "kind": "client", "id": "a", "issuer": "https://idp.example" }),
            json!({ "kind": "credential", "id": "s-1" }),
            json!({ "kind": "credential", "credential": "api_key", "id": "k" }),
            json!({ "kind": "subject", "subject": "a" }),
            json!({ "kind": "token", "jti": "t" }),
            json!({ "kind": "token", "issuer": "https://idp.example", "jti": "t", "dig": "A".repeat(43) }),
            json!({ "kind": "everything", "id": "a" }),
        ] {
            assert!(serde_json::from_value::<Target>(written.clone()).is_err(), "{written}");
        }
    }
}
