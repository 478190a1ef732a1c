use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use remint_apikey::{JustInTimeProvisioning, KeyFormat, KeyStore, Peppers, TextFormat};
use remint_cache::LifetimeRule;
use remint_core::{Authenticator, Clock, Enricher, Environment, SystemClock};
use remint_credential::CredentialRules;
use remint_dpop::DpopVerifier;
use remint_issuer::Signer;
use remint_jwt::{Algorithm, Jwk, SigningKey};
use remint_keyset::HttpFetch;
use remint_normalize::FailureLimits;
use remint_oidc::Trust;

use crate::retention::MAX_STALENESS;

mod build;

/// Puts an edge together: issuer and audience are asked for, all else has a default.
#[derive(Debug)]
#[must_use = "nothing is built before `build`"]
pub struct RemintBuilder {
    issuer: String,
    audience: String,
    more_audiences: Vec<String>,
    trusts: Vec<Trust>,
    store: Option<Arc<dyn KeyStore>>,
    format: KeyFormat,
    accept: Vec<TextFormat>,
    peppers: Option<Peppers>,
    just_in_time: Option<JustInTimeProvisioning>,
    environment: Option<Environment>,
    dpop: Option<DpopVerifier>,
    authenticators: Vec<Arc<dyn Authenticator>>,
    enrichers: Vec<(Arc<dyn Enricher>, bool)>,
    keys: Option<PathBuf>,
    given: Option<Given>,
    also_published: Vec<Jwk>,
    ttl: Duration,
    max_token_length: Option<usize>,
    algorithm: Algorithm,
    rotate_every: Option<Duration>,
    rules: CredentialRules,
    capacity: Option<u64>,
    max_waiting: usize,
    failure_limits: FailureLimits,
    wait_at_most: Option<Duration>,
    lifetime: LifetimeRule,
    http: Option<Arc<dyn HttpFetch>>,
    revocations_in_process: bool,
    max_staleness: Duration,
    clock: Arc<dyn Clock>,
}

/// A signing key that is not the edge's own to make.
#[derive(Debug)]
enum Given {
    Here(Box<SigningKey>),
    Elsewhere(Arc<dyn Signer>),
}

impl RemintBuilder {
    pub(crate) fn new(issuer: String, audience: String) -> Self {
        Self {
            issuer,
            audience,
            more_audiences: Vec::new(),
            trusts: Vec::new(),
            store: None,
            format: KeyFormat::default(),
            accept: vec![TextFormat::Remint],
            peppers: None,
            just_in_time: None,
            environment: None,
            dpop: None,
            authenticators: Vec::new(),
            enrichers: Vec::new(),
            keys: Some(PathBuf::from("keys")),
            given: None,
            also_published: Vec::new(),
            ttl: Duration::from_secs(300),
            max_token_length: None,
            algorithm: Algorithm::Es256,
            rotate_every: None,
            rules: CredentialRules::default(),
            capacity: None,
            max_waiting: 1024,
            failure_limits: FailureLimits::new(),
            wait_at_most: None,
            lifetime: LifetimeRule::default(),
            http: None,
            revocations_in_process: false,
            max_staleness: MAX_STALENESS,
            clock: Arc::new(SystemClock),
        }
    }

    /// One more audience of the internal tokens: each token is for all of them, and `aud` an array. A
    /// service that is named there can use the tokens it receives at the others.
    pub fn also_audience(mut self, audience: impl Into<String>) -> Self {
        self.more_audiences.push(audience.into());
        self
    }

    /// Trusts an external issuer.
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trusts.push(trust);
        self
    }

    /// Accepts the API keys of this store, links external identities to its users, and counts what
    /// they use.
    pub fn api_keys(mut self, store: impl KeyStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// The format of API keys: their prefix.
    pub fn key_format(mut self, format: KeyFormat) -> Self {
        self.format = format;
        self
    }

    /// The formats of key text that are accepted: ours alone unless set. Keys of other systems go on
    /// working where theirs is among them and they were [imported](crate::ApiKeys::import).
    pub fn accept(mut self, formats: impl IntoIterator<Item = TextFormat>) -> Self {
        self.accept = formats.into_iter().collect();
        self
    }

    /// The peppers of the API keys' digests, in place of the one kept beside the signing keys.
    pub fn peppers(mut self, peppers: Peppers) -> Self {
        self.peppers = Some(peppers);
        self
    }

    /// Makes users of external identities when they are first seen: there is no such policy unless it
    /// is given here.
    pub fn just_in_time(mut self, policy: JustInTimeProvisioning) -> Self {
        self.just_in_time = Some(policy);
        self
    }

    /// Admits credentials of this environment only: an edge before services that must not see `test`
    /// ones demands [`Environment::Live`].
    pub const fn environment(mut self, demanded: Environment) -> Self {
        self.environment = Some(demanded);
        self
    }

    /// Takes external tokens that are bound to a key (`cnf.jkt`, RFC 9449): under the scheme `DPoP`, with a
    /// proof in each request. Where nodes share a public URL, they share the verifier's store of used proofs.
    ///
    /// Unless set, such tokens are refused. Those that are bound to a certificate (RFC 8705) need no setting, but
    /// somebody who states it: the server, or a [`ClientCertificateLayer`](remint_tower::ClientCertificateLayer).
    ///
    /// ```
    /// use remint::{DpopVerifier, MemoryReplays, Remint};
    ///
    /// # fn main() -> Result<(), remint::InvalidPublicUrl> {
    /// let builder = Remint::builder("https://auth.internal", "internal")
    ///     .dpop(DpopVerifier::new("https://api.example", MemoryReplays::new(100_000))?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn dpop(mut self, verifier: DpopVerifier) -> Self {
        self.dpop = Some(verifier);
        self
    }

    /// Asks an authenticator of your own, before trusts and API keys: it answers `Ok(None)` for what is
    /// not its own. What it takes is cached like every other credential, and named in `cred` by the kind that it
    /// gives. A session of a web application, in a cookie that
    /// [`with_session_cookie`](CredentialRules::with_session_cookie) names:
    ///
    /// ```
    /// use remint::{
    ///     Authentication, Authenticator, Credential, CredentialForm, CredentialRef, CredentialRules, DeniedKind,
    ///     Environment, Identity, Refusal, Remint, Timestamp, Verified,
    /// };
    /// # #[derive(Debug)]
    /// # struct Database;
    /// # struct Row { id: &'static str, user: &'static str, begun: Timestamp, ends: Timestamp }
    /// # impl Database {
    /// #     async fn session(&self, _: &str) -> Result<Option<Row>, remint::Unavailable> { Ok(None) }
    /// # }
    ///
    /// #[derive(Debug)]
    /// struct Sessions(Database);
    ///
    /// #[remint::async_trait]
    /// impl Authenticator for Sessions {
    ///     async fn authenticate(&self, cookie: Credential<'_>) -> Result<Option<Verified<Authentication>>, Refusal> {
    ///         if cookie.form() != CredentialForm::Session {
    ///             return Ok(None);
    ///         }
    ///         // SELECT id, user, begun, ends FROM sessions WHERE digest = sha256($1)
    ///         let row = self.0.session(cookie.expose_secret()).await?.ok_or(DeniedKind::Inactive)?;
    ///         let unsound = |_| DeniedKind::Claim;
    ///         let (kind, id) = ("session".parse().map_err(|_| DeniedKind::Claim)?, row.id.parse().map_err(unsound)?);
    ///         let (user, client) = (row.user.parse().map_err(unsound)?, "web".parse().map_err(unsound)?);
    ///         let identity = Identity::new(user, Environment::Live, client, CredentialRef::Other { kind, id });
    ///         Ok(Some(Verified::vouch(Authentication::new(identity, row.begun, row.ends))))
    ///     }
    /// }
    ///
    /// let edge = Remint::builder("https://auth.internal", "internal")
    ///     .authenticator(Sessions(Database))
    ///     .credential_rules(CredentialRules::default().with_session_cookie("sid").with_origin("https://app.example"));
    /// ```
    ///
    /// The row's `id` is public: it stands in tokens, and `edge.revoke(Target::Credential { kind, id })` ends the
    /// session at once. The cookie's text stands nowhere.
    pub fn authenticator(mut self, authenticator: impl Authenticator) -> Self {
        self.authenticators.push(Arc::new(authenticator));
        self
    }

    /// Adds claims to every identity; a failure of the enricher is answered with 503.
    pub fn enricher(mut self, enricher: impl Enricher) -> Self {
        self.enrichers.push((Arc::new(enricher), true));
        self
    }

    /// Adds claims where the enricher answers; without them a request passes too.
    pub fn optional_enricher(mut self, enricher: impl Enricher) -> Self {
        self.enrichers.push((Arc::new(enricher), false));
        self
    }

    /// The folder of signing keys and pepper: `keys` unless set; made at the first start. Nodes over one store
    /// share it; it records the store that it belongs to, and the store records it.
    pub fn keys_in(mut self, folder: impl Into<PathBuf>) -> Self {
        self.keys = Some(folder.into());
        self
    }

    /// Keeps signing keys and pepper in memory, over a new store: for tests and demos. With the process end the
    /// tokens, and whatever API keys a store holds; over a store that was used before, the edge is not built.
    pub fn ephemeral_keys(mut self) -> Self {
        self.keys = None;
        self
    }

    /// Signs with this key and no other: one from a variable or a mounted file
    /// ([`SigningKey::from_pem`]). It does not rotate by itself: see
    /// [`also_publish`](Self::also_publish). The folder of keys holds the pepper only.
    pub fn signing_key(mut self, key: SigningKey) -> Self {
        self.given = Some(Given::Here(Box::new(key)));
        self
    }

    /// Signs with a key that a KMS or an HSM holds. Each token that is not cached then costs an answer
    /// of it, and while it does not answer, requests that need one are answered with 503.
    pub fn signer(mut self, signer: impl Signer) -> Self {
        self.given = Some(Given::Elsewhere(Arc::new(signer)));
        self
    }

    /// Publishes one more public key beside a signing key that is given: the next one for ten minutes
    /// before it signs, the last one until its tokens have expired.
    pub fn also_publish(mut self, key: Jwk) -> Self {
        self.also_published.push(key);
        self
    }

    /// The longest internal token in bytes: 16 KiB unless set, or as long as a credential may be
    /// ([`CredentialRules::with_max_length`]) if that is more; 64 KiB at the most. What would become longer is refused
    /// with 400, and the log names the claim that takes most of it. Services verify as long ones by
    /// `VerifierBuilder::max_length`.
    pub const fn max_token_length(mut self, bytes: usize) -> Self {
        self.max_token_length = Some(bytes);
        self
    }

    /// How long an internal token lives: five minutes unless set, 24 hours at the most.
    pub const fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// The algorithm of internal tokens: ES256 unless set; or EdDSA, RS256, PS256.
    pub const fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// Rotates the signing key by itself, each signing for about this long.
    pub const fn rotate_every(mut self, every: Duration) -> Self {
        self.rotate_every = Some(every);
        self
    }

    /// Where credentials may stand, and what is stripped.
    pub fn credential_rules(mut self, rules: CredentialRules) -> Self {
        self.rules = rules;
        self
    }

    /// The weight of the cache in bytes: 64 MiB unless set.
    pub const fn cache_capacity(mut self, bytes: u64) -> Self {
        self.capacity = Some(bytes);
        self
    }

    /// How many misses may wait at once for one part of the edge (1,024 unless set): for look-ups of API keys, for
    /// issuers' keys and word, for an enricher, for whoever holds the signing key. One more is answered with 503 at
    /// once. One trusted issuer gets at most a quarter, in place of [`Trust::max_waiting`], so that one that hangs
    /// does not refuse the tokens of another.
    pub const fn max_waiting(mut self, misses: usize) -> Self {
        self.max_waiting = misses;
        self
    }

    /// How long a miss may wait for one part; then it is answered with 503. Unless set, five seconds longer than
    /// the longest fetch of a key set: 20 seconds.
    pub const fn wait_at_most(mut self, deadline: Duration) -> Self {
        self.wait_at_most = Some(deadline);
        self
    }

    /// From how many failed credentials in a minute, by address and by the beginning of API keys, there is a log line
    /// (a hundred unless set), and from how many a 429 (never unless set). A valid credential passes in any case.
    pub const fn failure_limits(mut self, limits: FailureLimits) -> Self {
        self.failure_limits = limits;
        self
    }

    /// How long cached entries may answer.
    pub const fn lifetime(mut self, rule: LifetimeRule) -> Self {
        self.lifetime = rule;
        self
    }

    /// Keeps what is revoked in this process alone, although the store holds a log: other nodes over the store go on
    /// accepting what they have in their caches, for as long as an entry answers, and a restart forgets what was
    /// revoked of the issuers' tokens. The log of the store is followed unless this is set.
    pub fn revocations_in_process(mut self) -> Self {
        self.revocations_in_process = true;
        self
    }

    /// How long cached entries go on answering while the log of revocations cannot be read (30 seconds unless set); then
    /// everything is answered with 503 until it can be. It has no meaning for revocations in this process alone.
    pub const fn max_staleness(mut self, longest: Duration) -> Self {
        self.max_staleness = longest;
        self
    }

    /// The HTTP client for key sets: proxy, CA and limits.
    pub fn http(mut self, http: impl HttpFetch) -> Self {
        self.http = Some(Arc::new(http));
        self
    }

    /// Where the time comes from.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = clock.into_arc();
        self
    }
}
