use std::fmt;

use crate::{
    ActFor, AuditEvent, Environment, KEYS_SCOPE, KeyId, MadeBy, Network, Revocation, Scopes, Tenant, Timestamp, User,
    UserId,
};

/// An API key at rest: everything but its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRecord {
    /// The public id.
    pub id: KeyId,
    /// Whose it is.
    pub user: UserId,
    /// `live` or `test`.
    pub environment: Environment,
    /// A name for people.
    pub name: Option<String>,
    /// The non-secret beginning of the text, to recognise the key by. Keys of the slow schemes are
    /// looked up by it.
    pub start: String,
    /// What the key may do; `None`: what the user may.
    pub scopes: Option<Scopes>,
    /// From where it may be used; empty: from anywhere.
    pub networks: Vec<Network>,
    /// For whom it may act, as an administrator has said; `None`: for nobody but its user.
    pub act_for: Option<ActFor>,
    /// The digest of the text.
    pub digest: KeyDigest,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it ends by itself: its own end, or the deadline that rotation set.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to within the flush interval.
    pub last_used_at: Option<Timestamp>,
    /// The key that took its place by rotation.
    pub rotated_to: Option<KeyId>,
    /// What made it.
    pub made_by: MadeBy,
}

impl ApiKeyRecord {
    /// The scope with which a key makes keys and rotates other keys: `remint:keys`.
    ///
    /// A key has it only if it is among the key's own [`scopes`](Self::scopes), where an administrator has put
    /// it. No key inherits it from its user, whatever the user's record holds.
    pub const KEYS_SCOPE: &str = KEYS_SCOPE;

    /// Whether it still works at this moment, as far as the key itself goes.
    #[must_use]
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// The digest of an API key's text, and the scheme that made it (with the pepper's id).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct KeyDigest {
    /// The scheme's name, such as `hmac-sha256:<pepper id>`.
    pub scheme: Box<str>,
    /// The digest.
    pub bytes: Box<[u8]>,
}

impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyDigest").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

/// A key with the user it belongs to and their tenant, from one read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundKey {
    /// The key.
    pub key: ApiKeyRecord,
    /// Its user.
    pub user: User,
    /// The user's tenant; present if and only if the user names one.
    pub tenant: Option<Tenant>,
}

impl FoundKey {
    /// What the key may do: what its user may, and of that no more than the key's own scopes where it has any.
    /// [`ApiKeyRecord::KEYS_SCOPE`] is the key's own and never the user's.
    #[must_use]
    pub fn effective_scopes(&self) -> Scopes {
        let is_users = |scope: &str| scope != ApiKeyRecord::KEYS_SCOPE && self.user.scopes.contains(scope);
        match &self.key.scopes {
            None => self.user.scopes.clone().filtered(is_users),
            Some(own) => own.clone().filtered(|scope| scope == ApiKeyRecord::KEYS_SCOPE || is_users(scope)),
        }
    }
}

impl ApiKeyRecord {
    /// Those of the key's own scopes that its user lacks: they have no effect until the user has them.
    #[must_use]
    pub fn scopes_without_effect(&self, user: &Scopes) -> Scopes {
        let lacks = |scope: &str| scope != Self::KEYS_SCOPE && !user.contains(scope);
        self.scopes.clone().unwrap_or_default().filtered(lacks)
    }
}

/// A rotation: a new key takes the place of an old one, which goes on until a deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRotation {
    /// The old key.
    pub old: KeyId,
    /// When the old key ends, unless it ends before that.
    pub deadline: Timestamp,
    /// The new key, of the same user. Its `created_at` is the moment of the rotation.
    pub new: ApiKeyRecord,
}

/// One key that made another. It stays known when either of them is gone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Descent {
    /// The key that made the other one.
    pub maker: KeyId,
    /// The key that was made.
    pub key: KeyId,
}

/// A key that is to be revoked, and what is written with it.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyEnd {
    /// The key.
    pub id: KeyId,
    /// Its events, written if this call is what revokes it.
    pub audit: Vec<AuditEvent>,
    /// Its rows of the revocation log, as [`Commit::revocations`](crate::Commit::revocations) are: of a key that was
    /// revoked before, too.
    pub revocations: Vec<Revocation>,
}
