use std::sync::Arc;
use std::time::Duration;

use remint_cache::{Fingerprinter, LifetimeRule, MemoryTier, Negatives, SingleFlight};
use remint_core::{
    Audience, Authenticator, Clock, DeniedKind, Enricher, Environment, Exchanger, Explanation, IssuerId, SystemClock,
    TokenIssuer, Unavailable,
};
use remint_credential::{CredentialRules, Extractor, InvalidRules};
use remint_dpop::DpopVerifier;
use remint_jwt::Claims;
use remint_revocation::Revocations;

use crate::Normalizer;
use crate::authority::{Authority, Need, Parts};
use crate::explain::Explainer;
use crate::failures::{FailureLimits, Failures};
use crate::line::Line;
use crate::source::Source;
use crate::waiting::{PlacesByForm, WaitLimits};

/// Puts a [`Normalizer`] together. At least one authenticator is needed, unless a server does the work; all
/// else has a default.
#[derive(Debug)]
pub struct NormalizerBuilder {
    issuer_id: IssuerId,
    audience: Audience,
    source: NewSource,
    authenticators: Vec<Arc<dyn Authenticator>>,
    enrichers: Vec<(Arc<dyn Enricher>, Need)>,
    rules: CredentialRules,
    capacity: u64,
    lifetime: LifetimeRule,
    revocations: Option<Revocations>,
    environment: Option<Environment>,
    dpop: Option<DpopVerifier>,
    policy_version: String,
    clock: Arc<dyn Clock>,
    limits: WaitLimits,
    failure_limits: FailureLimits,
    explainer: Explainer,
}

impl NormalizerBuilder {
    pub(crate) fn new(issuer_id: IssuerId, audience: Audience, source: NewSource) -> Self {
        Self {
            issuer_id,
            audience,
            source,
            authenticators: Vec::new(),
            enrichers: Vec::new(),
            rules: CredentialRules::default(),
            capacity: 64 << 20,
            lifetime: LifetimeRule::default(),
            revocations: None,
            environment: None,
            dpop: None,
            policy_version: String::new(),
            clock: Arc::new(SystemClock),
            limits: WaitLimits::default(),
            failure_limits: FailureLimits::new(),
            explainer: Explainer::default(),
        }
    }

    /// Adds an authenticator; they are asked in the order in which they were added.
    #[must_use]
    pub fn authenticator(mut self, authenticator: impl Authenticator) -> Self {
        self.authenticators.push(Arc::new(authenticator));
        self
    }

    /// Adds an enricher whose failure is answered with 503.
    #[must_use]
    pub fn enricher(mut self, enricher: impl Enricher) -> Self {
        self.enrichers.push((Arc::new(enricher), Need::Required));
        self
    }

    /// Adds an enricher without whose claims a request may pass.
    #[must_use]
    pub fn optional_enricher(mut self, enricher: impl Enricher) -> Self {
        self.enrichers.push((Arc::new(enricher), Need::Optional));
        self
    }

    /// Where credentials may stand, and what is stripped.
    #[must_use]
    pub fn credential_rules(mut self, rules: CredentialRules) -> Self {
        self.rules = rules;
        self
    }

    /// The weight of all cached entries in bytes (64 MiB unless set).
    #[must_use]
    pub const fn cache_capacity(mut self, bytes: u64) -> Self {
        self.capacity = bytes;
        self
    }

    /// How long entries may answer.
    #[must_use]
    pub const fn lifetime(mut self, rule: LifetimeRule) -> Self {
        self.lifetime = rule;
        self
    }

    /// What has been revoked, and what revokes: the handle that [keys](remint_core::Revoker) and surfaces revoke
    /// through too. Unless set, the line has one [of its own](crate::Authority::revocations), in memory.
    #[must_use]
    pub fn revocations(mut self, revocations: Revocations) -> Self {
        self.revocations = Some(revocations);
        self
    }

    /// The environment that the audience demands as a whole: a credential of the other is refused
    /// with 403, whatever route it asks for. Both pass unless set, and single routes may then demand one.
    #[must_use]
    pub const fn environment(mut self, demanded: Environment) -> Self {
        self.environment = Some(demanded);
        self
    }

    /// Takes tokens that are bound to a key (`cnf.jkt`, RFC 9449), under the scheme `DPoP` with a proof that
    /// holds in each request. Its clock is the line's.
    ///
    /// Unless set, the scheme is unknown and such tokens are refused.
    #[must_use]
    pub fn dpop(mut self, verifier: DpopVerifier) -> Self {
        self.dpop = Some(verifier);
        self
    }

    /// A name for everything that decides beyond the credential, covered by the fingerprint.
    #[must_use]
    pub fn policy_version(mut self, version: impl Into<String>) -> Self {
        self.policy_version = version.into();
        self
    }

    /// How many misses may wait at once for one part (1,024 unless set): an authenticator (for which JWTs and
    /// API keys are counted apart), an enricher, the holder of the signing key, the server that exchanges. One
    /// more is answered with 503 at once. Work that does not wait is never refused.
    #[must_use]
    pub const fn max_waiting(mut self, misses: usize) -> Self {
        self.limits.most = misses;
        self
    }

    /// How long a miss may wait for one part (20 seconds unless set); then it is answered with 503. Let it be
    /// longer than a fetch of a key set may take.
    #[must_use]
    pub const fn wait_at_most(mut self, deadline: Duration) -> Self {
        self.limits.deadline = deadline;
        self
    }

    /// From how many failed credentials in a minute there is a log line, and from how many a 429.
    #[must_use]
    pub const fn failure_limits(mut self, limits: FailureLimits) -> Self {
        self.failure_limits = limits;
        self
    }

    /// What of a text is the non-secret beginning of an API key, by which failures are counted and which the log
    /// shows; `None`: it is no key. Unless set, failed keys are counted by address alone.
    #[must_use]
    pub fn key_beginning(mut self, of: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        self.explainer.beginning = Some(Arc::new(of));
        self
    }

    /// What the log of refusals is told of a token with these claims that was refused for this: the
    /// [trust](Explanation::trust) that it belongs to, and the [claim](Explanation::claim) at fault; `None`: its issuer
    /// is not trusted. Unless set, the log names the issuer, and of claims those with names of their own.
    #[must_use]
    pub fn explain_tokens(
        mut self,
        of: impl Fn(&Claims, DeniedKind) -> Option<Explanation> + Send + Sync + 'static,
    ) -> Self {
        self.explainer.token = Some(Arc::new(of));
        self
    }

    /// Where the time comes from.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = clock.into_arc();
        self
    }

    /// Puts it together.
    ///
    /// # Errors
    ///
    /// [`BuildError`] without an authenticator, with rules that contradict themselves, or if the
    /// operating system has no randomness.
    pub fn build(self) -> Result<Normalizer, BuildError> {
        let revocations = match self.revocations {
            Some(revocations) => revocations,
            None => Revocations::in_memory(Arc::clone(&self.clock))?,
        };
        let table = Arc::clone(revocations.table());
        let explainer = self.explainer;
        let source = match self.source {
            Source::Remote(_) if !self.authenticators.is_empty() || !self.enrichers.is_empty() => {
                return Err(BuildError::Remote);
            }
            Source::Remote(exchanger) => Source::Remote((exchanger, PlacesByForm::new(self.limits))),
            Source::Local(_) if self.authenticators.is_empty() => return Err(BuildError::NoAuthenticator),
            Source::Local(issuer) => Source::Local(Authority::new(Parts {
                authenticators: self.authenticators,
                enrichers: self.enrichers,
                issuer,
                issuer_id: self.issuer_id.clone(),
                revocations: revocations.clone(),
                environment: self.environment,
                clock: Arc::clone(&self.clock),
                limits: self.limits,
                explainer: explainer.clone(),
            })),
        };
        Ok(Normalizer::new(Line {
            extractor: Extractor::new(self.rules.with_dpop(self.dpop.is_some()))?,
            fingerprinter: Fingerprinter::new(self.audience.as_str(), &self.policy_version)?,
            memory: MemoryTier::new(self.capacity, Arc::clone(&table)),
            negatives: Negatives::new(NEGATIVE_ENTRIES, Arc::clone(&table)),
            exchanges: SingleFlight::new(),
            table,
            revocations,
            source,
            issuer_id: self.issuer_id,
            environment: self.environment,
            dpop: self.dpop.map(|verifier| verifier.with_clock(Arc::clone(&self.clock))),
            lifetime: self.lifetime,
            clock: self.clock,
            failures: Failures::new(self.failure_limits, explainer.beginning.clone()),
            explainer,
        }))
    }
}

/// What a line is begun with.
pub(crate) type NewSource = Source<Arc<dyn TokenIssuer>, Arc<dyn Exchanger>>;

/// Why a [`Normalizer`] could not be put together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Nobody could vouch for anybody.
    #[error("a normalizer needs at least one authenticator")]
    NoAuthenticator,
    /// A server authenticates and mints; nobody here can add to that.
    #[error("an edge that exchanges at a server has no authenticators and no enrichers of its own")]
    Remote,
    /// The credential rules contradict themselves.
    #[error("the credential rules are not valid")]
    Rules(#[from] InvalidRules),
    /// The operating system has no randomness.
    #[error("the cache cannot be set up")]
    Cache(#[from] Unavailable),
}

/// Denials remembered at once: about two megabytes.
const NEGATIVE_ENTRIES: u64 = 16_384;
