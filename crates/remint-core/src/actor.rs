use serde::{Deserialize, Serialize};

use crate::{CredentialRef, IssuerId, SessionId, Subject, TenantId};

/// Who acts for the subject, and who acted before them (RFC 8693 §4.1).
///
/// What an external token says in `act` is read by its reader member by member, and only subject and
/// issuer are taken from it: `cred`, `sid` and `tenant` are believed in internal tokens alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Actor {
    /// The actor's subject.
    #[serde(rename = "sub")]
    pub subject: Subject,
    /// The issuer that names the actor so; absent for one of ours.
    #[serde(rename = "iss", default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<IssuerId>,
    /// How the actor came, as the internal token's `cred` says it of the subject: whoever ends that
    /// credential ends what the actor obtained with it. Absent where an external issuer named the actor.
    #[serde(rename = "cred", default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<CredentialRef>,
    /// The actor's session at the issuer of that credential.
    #[serde(rename = "sid", default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The actor's tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantId>,
    /// The actor before this one.
    #[serde(rename = "act", default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Box<Self>>,
}

impl Actor {
    /// How many actors a chain may have.
    pub const MAX_CHAIN: usize = 8;

    /// An actor of whom no more is known than the name, and nobody before them.
    #[must_use]
    pub const fn new(subject: Subject, issuer: Option<IssuerId>) -> Self {
        Self { subject, issuer, credential: None, session: None, tenant: None, actor: None }
    }

    /// This actor, the one before, and so on.
    pub fn chain(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |actor| actor.actor.as_deref())
    }
}

/// Who may become the actor of a token (RFC 8693 §4.4).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MayAct {
    /// Their subject.
    #[serde(rename = "sub")]
    pub subject: Subject,
    /// The issuer that names them so; absent for one of ours.
    #[serde(rename = "iss", default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<IssuerId>,
}

impl MayAct {
    /// A name that nobody has: neither a user of ours, nor a client, nor an external subject. It stands where an
    /// external token says who may act with it, and nobody can tell who that is.
    #[must_use]
    pub fn nobody() -> Self {
        #[expect(clippy::expect_used, reason = "`|` is a subject")]
        Self { subject: Subject::new("|").expect("a subject"), issuer: None }
    }
}
