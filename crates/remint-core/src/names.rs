use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A name that is empty, too long, or holds a character it may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be 1 to {max} bytes without control characters{}", if *.no_bar { " or `|`" } else { "" })]
pub struct InvalidName {
    what: &'static str,
    max: usize,
    no_bar: bool,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, max $max:literal $(, $no_bar:ident)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// Checks and wraps a text.
            ///
            /// # Errors
            ///
            /// [`InvalidName`] if it is empty, too long or holds a character it may not.
            pub fn new(text: impl Into<Box<str>>) -> Result<Self, InvalidName> {
                let text = text.into();
                let no_bar = false $(|| name!(@$no_bar))?;
                let fits = !text.is_empty() && text.len() <= $max;
                if fits && !text.chars().any(|c| c.is_control() || (no_bar && c == '|')) {
                    Ok(Self(text))
                } else {
                    Err(InvalidName { what: $what, max: $max, no_bar })
                }
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
    (@no_bar) => { true };
}

name!(
    /// An issuer, compared as the exact string (RFC 8414 §2, OpenID Connect Discovery §4.3).
    IssuerId, "an issuer", max 512
);
name!(
    /// An audience (RFC 7519 §4.1.3), compared as the exact string.
    Audience, "an audience", max 512
);
name!(
    /// A subject as an issuer names it (RFC 7519 §4.1.2).
    Subject, "a subject", max 512
);
name!(
    /// A user of ours. No user id holds a `|`, so none can be mistaken for an external subject.
    UserId, "a user id", max 128, no_bar
);
name!(
    /// A tenant.
    TenantId, "a tenant id", max 128
);
name!(
    /// A client (RFC 8693 §4.3); for an API key, the key's id.
    ClientId, "a client id", max 256
);
name!(
    /// The public id of an API key.
    KeyId, "a key id", max 64
);
name!(
    /// A plan: a set of limits that users and tenants are given by its name.
    PlanName, "a plan's name", max 64
);
name!(
    /// A token's `jti` (RFC 7519 §4.1.7).
    TokenId, "a token id", max 256
);
name!(
    /// A transaction (`txn`, RFC 8417 §2.2): one call from outside and all that it sets off.
    TransactionId, "a transaction id", max 128
);
name!(
    /// A session (`sid`, OpenID Connect Back-Channel Logout §2.1).
    SessionId, "a session id", max 256
);
name!(
    /// A store of keys and users, one of a kind among all that ever existed.
    StoreId, "a store id", max 64
);
name!(
    /// A revocation log, one of a kind among all that ever existed.
    LogId, "a log id", max 64
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
