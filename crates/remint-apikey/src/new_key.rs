use std::time::Duration;

use remint_core::{ActFor, Environment, IdempotencyRecord, KeyName, Network, Scopes, Timestamp, UserId};

/// What a new key is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    pub(crate) user: UserId,
    pub(crate) environment: Environment,
    pub(crate) name: Option<KeyName>,
    pub(crate) scopes: Option<Scopes>,
    pub(crate) networks: Vec<Network>,
    pub(crate) act_for: Option<ActFor>,
    pub(crate) expires_in: Option<Duration>,
    pub(crate) not_after: Option<Timestamp>,
    pub(crate) once: Option<IdempotencyRecord>,
}

impl NewKey {
    /// A key of this user: without a name, with the user's scopes, without an end.
    #[must_use]
    pub const fn new(user: UserId, environment: Environment) -> Self {
        Self {
            user,
            environment,
            name: None,
            scopes: None,
            networks: Vec::new(),
            act_for: None,
            expires_in: None,
            not_after: None,
            once: None,
        }
    }

    /// With a name for people.
    #[must_use]
    pub fn with_name(mut self, name: KeyName) -> Self {
        self.name = Some(name);
        self
    }

    /// With these scopes only. A scope that the user does not have at the moment the key is used
    /// is not given, whatever stands here.
    #[must_use]
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = Some(scopes);
        self
    }

    /// To be used from these networks only; from anywhere if there are none.
    #[must_use]
    pub fn with_networks(mut self, networks: Vec<Network>) -> Self {
        self.networks = networks;
        self
    }

    /// With the right to act for others. It is for an administrator to give: whoever calls this has made
    /// sure that one did.
    #[must_use]
    pub fn acting_for(mut self, act_for: ActFor) -> Self {
        self.act_for = Some(act_for);
        self
    }

    /// With an end, counted from its creation, to the millisecond.
    #[must_use]
    pub const fn expiring_in(mut self, duration: Duration) -> Self {
        self.expires_in = Some(duration);
        self
    }

    /// With an end no later than this.
    #[must_use]
    pub const fn not_after(mut self, end: Timestamp) -> Self {
        self.not_after = Some(end);
        self
    }

    /// Once only, however often the request comes.
    #[must_use]
    pub const fn once(mut self, once: IdempotencyRecord) -> Self {
        self.once = Some(once);
        self
    }

    pub(crate) fn expires_at(&self, now: Timestamp) -> Option<Timestamp> {
        let own = self.expires_in.map(|duration| now.saturating_add(duration));
        own.into_iter().chain(self.not_after).min()
    }
}
