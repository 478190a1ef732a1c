use std::sync::Arc;
use std::time::Duration;

use remint_cache::LifetimeRule;
use remint_core::{
    Audience, Clock, Environment, Exchanger, IssuerId, Revocation, RevocationLog, Revoker, Stamp, SystemClock, Target,
    Unavailable,
};
use remint_credential::CredentialRules;
use remint_dpop::DpopVerifier;
use remint_gate::Gate;
use remint_normalize::{FailureLimits, Normalizer};
use remint_revocation::Revocations;
use remint_tower::{NormalizeLayer, Policy};

use crate::RemintError;
use crate::retention::{AN_HOUR, MAX_STALENESS};

/// Puts an edge together that holds no keys and knows nobody: a server says who it is and mints.
#[derive(Debug)]
#[must_use = "nothing is built before `build`"]
pub struct ExchangingBuilder {
    issuer: String,
    audience: String,
    exchanger: Arc<dyn Exchanger>,
    rules: CredentialRules,
    environment: Option<Environment>,
    dpop: Option<DpopVerifier>,
    capacity: Option<u64>,
    max_waiting: usize,
    failure_limits: FailureLimits,
    wait_at_most: Duration,
    lifetime: LifetimeRule,
    followed: Followed,
    max_staleness: Duration,
    clock: Arc<dyn Clock>,
}

/// Which log of revocations an edge follows.
#[derive(Debug)]
enum Followed {
    /// That of the server at which it exchanges, if it has one and permits it.
    Server,
    This(Arc<dyn RevocationLog>),
    None,
}

impl ExchangingBuilder {
    pub(crate) fn new(issuer: String, audience: String, exchanger: Arc<dyn Exchanger>) -> Self {
        Self {
            issuer,
            audience,
            exchanger,
            rules: CredentialRules::default(),
            environment: None,
            dpop: None,
            capacity: None,
            max_waiting: 1024,
            failure_limits: FailureLimits::new(),
            wait_at_most: Duration::from_secs(20),
            lifetime: LifetimeRule::default(),
            followed: Followed::Server,
            max_staleness: MAX_STALENESS,
            clock: Arc::new(SystemClock),
        }
    }

    /// Where credentials may stand, and what is stripped.
    pub fn credential_rules(mut self, rules: CredentialRules) -> Self {
        self.rules = rules;
        self
    }

    /// Admits credentials of this environment only.
    pub const fn environment(mut self, demanded: Environment) -> Self {
        self.environment = Some(demanded);
        self
    }

    /// Takes tokens that are bound to a key (`cnf.jkt`, RFC 9449), with a proof in each request: the server
    /// says what a token is bound to, and this edge holds the request to it. See
    /// [`RemintBuilder::dpop`](crate::RemintBuilder::dpop).
    pub fn dpop(mut self, verifier: DpopVerifier) -> Self {
        self.dpop = Some(verifier);
        self
    }

    /// The weight of the cache in bytes: 64 MiB unless set.
    pub const fn cache_capacity(mut self, bytes: u64) -> Self {
        self.capacity = Some(bytes);
        self
    }

    /// How many credentials may wait for the server at once, JWTs and API keys apart (1,024 unless set); one more is
    /// answered with 503 at once.
    pub const fn max_waiting(mut self, misses: usize) -> Self {
        self.max_waiting = misses;
        self
    }

    /// How long a request may wait for the server (20 seconds unless set); then it is answered with 503.
    pub const fn wait_at_most(mut self, deadline: Duration) -> Self {
        self.wait_at_most = deadline;
        self
    }

    /// From how many failed credentials in a minute from one address there is a log line
    /// (a hundred unless set), and from how many a 429 (never unless set). A valid credential passes in any case.
    pub const fn failure_limits(mut self, limits: FailureLimits) -> Self {
        self.failure_limits = limits;
        self
    }

    /// Follows this log of revocations, such as another server's, in place of the log of the server at which it
    /// exchanges. It is asked nothing before the edge is built.
    pub fn revocation_log(mut self, log: Arc<dyn RevocationLog>) -> Self {
        self.followed = Followed::This(log);
        self
    }

    /// Keeps what is revoked in this process alone. Unless set, the edge follows the log of the server at which it
    /// exchanges ([`Exchanger::revocation_log`]). A server that does not permit that to this client (its right
    /// `follow`) is as one without a log.
    pub fn revocations_in_process(mut self) -> Self {
        self.followed = Followed::None;
        self
    }

    /// How long cached entries go on answering while the log of revocations cannot be read (30 seconds unless set); then
    /// everything is answered with 503 until it can be. It has no meaning for revocations in this process alone.
    ///
    /// A log that answers only after a while has not been read since that question began: beside a log over HTTP it is
    /// never less than 2 seconds, and must be twice what a question waits, if that is set to more than a second.
    pub const fn max_staleness(mut self, longest: Duration) -> Self {
        self.max_staleness = longest;
        self
    }

    /// How long cached entries may answer. What the server ends, this edge accepts for as long
    /// ([`max_ttl`](LifetimeRule::max_ttl) at most) where it does not follow the server's log, unless it is told
    /// ([`ExchangingEdge::revoke`]).
    pub const fn lifetime(mut self, rule: LifetimeRule) -> Self {
        self.lifetime = rule;
        self
    }

    /// Where the time comes from.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = clock.into_arc();
        self
    }

    /// Puts it together. Nobody is asked yet.
    ///
    /// # Errors
    ///
    /// [`RemintError`]: it says which part.
    pub async fn build(self) -> Result<ExchangingEdge, RemintError> {
        let (issuer, audience) = (IssuerId::new(self.issuer)?, Audience::new(self.audience)?);
        issuer.check_address()?;
        let log = match self.followed {
            Followed::Server => self.exchanger.revocation_log(),
            Followed::This(log) => Some(log),
            Followed::None => None,
        };
        let revocations = match log {
            Some(log) => Revocations::follow_later(log, Arc::clone(&self.clock))?,
            None => Revocations::in_memory(Arc::clone(&self.clock))?,
        };
        let revocations = revocations.with_max_staleness(self.max_staleness.max(LEAST_STALENESS));
        revocations.table().retain_at_least(self.lifetime.max_ttl.saturating_add(AN_HOUR));
        let mut line = Normalizer::exchanging(issuer, audience, self.exchanger)
            .credential_rules(self.rules)
            .lifetime(self.lifetime)
            .max_waiting(self.max_waiting)
            .failure_limits(self.failure_limits)
            .wait_at_most(self.wait_at_most)
            .revocations(revocations.clone())
            .clock(Arc::clone(&self.clock));
        if let Some(demanded) = self.environment {
            line = line.environment(demanded);
        }
        if let Some(verifier) = self.dpop {
            line = line.dpop(verifier);
        }
        if let Some(capacity) = self.capacity {
            line = line.cache_capacity(capacity);
        }
        Ok(ExchangingEdge(Arc::new(Parts { normalizer: line.build()?, revocations, clock: self.clock })))
    }
}

/// Twice what a question at a server's log waits for a row.
const LEAST_STALENESS: Duration = Duration::from_secs(2);

/// A running edge without keys, stores and trusts: it remembers what a server said. Clones are handles
/// on the same.
#[derive(Debug, Clone)]
pub struct ExchangingEdge(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    normalizer: Normalizer,
    revocations: Revocations,
    clock: Arc<dyn Clock>,
}

impl ExchangingEdge {
    /// The layer: it requires a credential unless made [optional](NormalizeLayer::optional).
    pub fn layer(&self) -> NormalizeLayer {
        NormalizeLayer::new(self.0.normalizer.clone())
    }

    /// The gate, for surfaces of your own: the verdicts of [`layer`](Self::layer) by this policy, as data.
    pub fn gate(&self, policy: Policy) -> Gate {
        Gate::new(self.0.normalizer.clone(), policy)
    }

    /// The line by itself, without a policy.
    #[must_use]
    pub fn normalizer(&self) -> &Normalizer {
        &self.0.normalizer
    }

    /// What has been revoked here, and what revokes: for surfaces of your own.
    #[must_use]
    pub fn revocations(&self) -> &Revocations {
        &self.0.revocations
    }

    /// Ends a target here: when this has returned, nothing older of it passes this edge. The server is
    /// not told.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the log did not take it: call again.
    pub async fn revoke(&self, target: Target) -> Result<Stamp, Unavailable> {
        self.0.revocations.revoke(Revocation::ended(target, self.0.clock.now())).await
    }
}
