use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{InvalidName, NameRule};

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $rule:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// What such a name may be.
            pub const RULE: NameRule = $rule;

            /// Checks and wraps a text.
            ///
            /// # Errors
            ///
            /// [`InvalidName`] if it is empty, too long or holds a character it may not.
            pub fn new(text: impl Into<Box<str>>) -> Result<Self, InvalidName> {
                let text = text.into();
                Self::RULE.check(&text)?;
                Ok(Self(text))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0.into()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

name!(
    /// An issuer, compared as the exact string (RFC 8414 §2, OpenID Connect Discovery §4.3).
    IssuerId, NameRule::text("an issuer", 512)
);
name!(
    /// An audience (RFC 7519 §4.1.3), compared as the exact string.
    Audience, NameRule::text("an audience", 512)
);
name!(
    /// A subject as an issuer names it (RFC 7519 §4.1.2).
    Subject, NameRule::text("a subject", 512)
);
name!(
    /// A user of ours. No user id holds a `|`, so none can be mistaken for an external subject, which
    /// [`ExternalIdentity`](crate::ExternalIdentity) links to a user.
    UserId, NameRule::user("a user id", 128)
);
name!(
    /// A tenant.
    TenantId, NameRule::id("a tenant id", 128)
);
name!(
    /// A client (RFC 8693 §4.3); for an API key, the key's id.
    ClientId, NameRule::text("a client id", 256)
);
name!(
    /// The public id of an API key.
    KeyId, NameRule::id("a key id", 64)
);
name!(
    /// The public name of a credential of a [kind](crate::CredentialKind) of your own. It stands in tokens, in logs
    /// and in revocations: it is never the credential itself.
    CredentialId, NameRule::text("a credential id", 256)
);
name!(
    /// A plan: a set of limits that users and tenants are given by its name.
    PlanName, NameRule::label("a plan's name", 64)
);
name!(
    /// An entitlement, as a user of ours has it, or an enricher adds it.
    EntitlementName, NameRule::text("an entitlement", 256)
);
name!(
    /// A role, as an external token or a user of ours has it.
    RoleName, NameRule::text("a role", 256)
);
name!(
    /// A token's `jti` (RFC 7519 §4.1.7).
    TokenId, NameRule::text("a token id", 256)
);
name!(
    /// A transaction (`txn`, RFC 8417 §2.2): one call from outside and all that it sets off.
    TransactionId, NameRule::text("a transaction id", 128)
);
name!(
    /// A session (`sid`, OpenID Connect Back-Channel Logout §2.1).
    SessionId, NameRule::text("a session id", 256)
);
name!(
    /// A store of keys and users, one of a kind among all that ever existed.
    StoreId, NameRule::text("a store id", 64)
);
name!(
    /// A revocation log, one of a kind among all that ever existed.
    LogId, NameRule::text("a log id", 64)
);

impl From<UserId> for Subject {
    fn from(user: UserId) -> Self {
        Self(user.0)
    }
}

impl From<KeyId> for ClientId {
    fn from(key: KeyId) -> Self {
        Self(key.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_id_cannot_look_like_an_external_subject() {
        assert!(UserId::new("acme|alice").is_err());
        assert!(Subject::new("acme|alice").is_ok());
    }

    #[test]
    fn names_are_bounded_and_without_control_characters() {
        assert!(UserId::new("").is_err());
        assert!(UserId::new("a".repeat(129)).is_err());
        assert!(UserId::new("a\0b").is_err());
        assert!(TenantId::new("a\nb").is_err());
    }
}
