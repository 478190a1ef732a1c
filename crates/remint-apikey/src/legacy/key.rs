use remint_core::{ApiKeyRecord, Environment, KeyId, MadeBy, Network, Scopes, Timestamp, UserId, is_reserved};

use crate::ForeignDigest;

/// A key of another program's table: a live one, with its user's scopes, without an end, usable from anywhere,
/// unless it is said otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegacyKey(ApiKeyRecord);

impl LegacyKey {
    /// The key of this id, which is this user's, with the digest that the table holds.
    ///
    /// The id stands in tokens and names the key in revocations: a key of ours has another.
    #[must_use]
    pub fn new(id: KeyId, user: UserId, digest: ForeignDigest) -> Self {
        Self(ApiKeyRecord {
            id,
            user,
            environment: Environment::Live,
            name: None,
            start: String::new(),
            scopes: None,
            networks: Vec::new(),
            act_for: None,
            digest: digest.into_digest(),
            created_at: Timestamp::from_millis(0),
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
            rotated_to: None,
            made_by: MadeBy::Unknown,
        })
    }

    /// Of this environment.
    #[must_use]
    pub fn with_environment(mut self, environment: Environment) -> Self {
        self.0.environment = environment;
        self
    }

    /// With these scopes only, of which it has those that its user has. Those that begin with `remint:` are
    /// passed over: only our own store gives them.
    #[must_use]
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.0.scopes = Some(scopes.filtered(|scope| !is_reserved(scope)));
        self
    }

    /// To be used from these networks only; from anywhere if there are none.
    #[must_use]
    pub fn with_networks(mut self, networks: Vec<Network>) -> Self {
        self.0.networks = networks;
        self
    }

    /// Made then.
    #[must_use]
    pub fn with_created_at(mut self, at: Timestamp) -> Self {
        self.0.created_at = at;
        self
    }

    /// Ending then; `None`: never.
    #[must_use]
    pub fn with_expires_at(mut self, end: Option<Timestamp>) -> Self {
        self.0.expires_at = end;
        self
    }

    /// Whether it was revoked.
    #[must_use]
    pub fn with_revoked(mut self, revoked: bool) -> Self {
        self.0.revoked_at = revoked.then_some(self.0.created_at);
        self
    }

    pub(super) const fn record(&self) -> &ApiKeyRecord {
        &self.0
    }

    pub(super) fn into_record(self) -> ApiKeyRecord {
        self.0
    }
}
