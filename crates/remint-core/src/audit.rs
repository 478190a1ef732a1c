use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Actor, CredentialRef, KeyId, Subject, TenantId, Timestamp, UserId};

/// Something an operator will want to know was done: who, what, when, and how they authenticated.
///
/// It never holds a credential. It names users and keys and does not depend on them: it stays when
/// they go.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEvent {
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub action: AuditAction,
    /// Who did it.
    pub actor: AuditActor,
    /// To which user, or to whose key.
    pub user: Option<UserId>,
    /// To which tenant.
    pub tenant: Option<TenantId>,
    /// To which key.
    pub key: Option<KeyId>,
    /// What else there is to say, such as `url` of a leak report.
    pub detail: Map<String, Value>,
}

/// Who did something, and how they authenticated.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuditActor {
    /// Someone who came through the edge.
    Caller {
        /// Who.
        subject: Subject,
        /// How they came.
        credential: CredentialRef,
        /// Who acted for them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        actor: Option<Box<Actor>>,
    },
    /// Whoever holds the configured bootstrap key.
    Bootstrap,
    /// An operator at the command line.
    Operator {
        /// The name of their account on the machine, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<String>,
    },
    /// A secret scanner whose signature was checked.
    Scanner {
        /// The id of the key that signed its report.
        key_identifier: String,
    },
    /// The program itself, by a policy or by code that embeds it.
    System,
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum AuditAction {
            $($(#[$doc])* $name,)*
        }

        impl AuditAction {
            /// The action's name in the table and in logs.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }

        impl FromStr for AuditAction {
            type Err = UnknownAction;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$name),)*
                    _ => Err(UnknownAction),
                }
            }
        }
    };
}

actions! {
    /// A user was created.
    UserCreated = "user.created",
    /// A user's tenant, scopes, roles, entitlements, plan or external identities were changed.
    UserChanged = "user.changed",
    /// A user was disabled.
    UserDisabled = "user.disabled",
    /// A user was enabled again.
    UserEnabled = "user.enabled",
    /// A user was deleted with all that hung on them.
    UserDeleted = "user.deleted",
    /// A tenant's plan was changed.
    TenantChanged = "tenant.changed",
    /// A tenant was disabled.
    TenantDisabled = "tenant.disabled",
    /// A tenant was enabled again.
    TenantEnabled = "tenant.enabled",
    /// A key was made.
    KeyIssued = "key.issued",
    /// A key was replaced, with a deadline for the old one.
    KeyRotated = "key.rotated",
    /// A key was revoked.
    KeyRevoked = "key.revoked",
    /// A key of another system was brought along.
    KeyImported = "key.imported",
    /// A key was reported as leaked, and revoked.
    KeyLeaked = "key.leaked",
    /// A target of revocation was ended: `target` of the detail names it.
    TargetRevoked = "target.revoked",
}

impl fmt::Display for AuditAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no [`AuditAction`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such action")]
pub struct UnknownAction;
