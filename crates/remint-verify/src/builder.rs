use std::borrow::Borrow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use remint_cache::{Fingerprinter, MemoryTier, Negatives};
use remint_core::{Audience, Clock, IssuerId, SystemClock};
use remint_credential::{CredentialRules, Extractor};
use remint_jwt::{Algorithm, JwkSet};
use remint_keyset::{Discovery, HttpClient, HttpFetch, KeySet, KeySetSettings, KeySource};
use remint_revocation::Revocations;
use remint_token::{Expectations, USUAL_MAX_LENGTH};
use url::Url;

use crate::keys::{Keys, LocalKeys};
use crate::verifier::Inner;
use crate::{Verifier, VerifierError, VerifierErrorKind};

/// The settings of a [`Verifier`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct VerifierBuilder {
    audience: Audience,
    expected: Expectations,
    source: Source,
    algorithms: Vec<Algorithm>,
    clock: Arc<dyn Clock>,
    http: Option<Arc<dyn HttpFetch>>,
    key_set_settings: KeySetSettings,
    capacity: u64,
    max_ttl: Duration,
    max_length: usize,
    revocations: Option<Revocations>,
}

#[derive(Debug)]
enum Source {
    Discovery,
    JwksUri(String),
    JwksFile(PathBuf),
    KeySet(KeySet),
    Local(LocalKeys),
}

impl VerifierBuilder {
    pub(crate) fn new(issuer: IssuerId, audience: Audience) -> Self {
        Self {
            expected: Expectations::new(issuer, audience.clone()),
            audience,
            source: Source::Discovery,
            algorithms: vec![Algorithm::Es256, Algorithm::EdDSA, Algorithm::Rs256, Algorithm::Ps256],
            clock: Arc::new(SystemClock),
            http: None,
            key_set_settings: KeySetSettings::default(),
            capacity: 16 << 20,
            max_ttl: Duration::from_secs(60),
            max_length: USUAL_MAX_LENGTH,
            revocations: None,
        }
    }

    /// The keys stand at this address (RFC 7517 §5). Unless a source is named, the issuer's
    /// discovery document is asked.
    pub fn jwks_uri(mut self, url: impl Into<String>) -> Self {
        self.source = Source::JwksUri(url.into());
        self
    }

    /// The keys stand in this file, which is read again like any other source.
    pub fn jwks_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.source = Source::JwksFile(path.into());
        self
    }

    /// The keys are those of a key set that is kept elsewhere.
    pub fn key_set(mut self, keys: KeySet) -> Self {
        self.source = Source::KeySet(keys);
        self
    }

    /// The keys are those that this gives at each moment: for an issuer in the same process, whose
    /// set rotates. A key that is not among them does not exist. It is called for every token that
    /// is not remembered.
    pub fn local_keys<K: Borrow<JwkSet>>(mut self, current: impl Fn() -> K + Send + Sync + 'static) -> Self {
        self.source = Source::Local(LocalKeys::new(current));
        self
    }

    /// The algorithms that are accepted: those that a [remint issuer] can sign with, unless set
    /// (ES256, EdDSA, RS256 and PS256; RFC 8725 §3.1).
    ///
    /// [remint issuer]: https://docs.rs/remint-issuer
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// How the key set is fetched: for a proxy or a certificate authority of one's own.
    pub fn http(mut self, http: Arc<dyn HttpFetch>) -> Self {
        self.http = Some(http);
        self
    }

    /// How recently the key set must have been fetched for an unknown `kid` to be denied without another
    /// fetch (10 s unless set): [`KeySetSettings::refetch_after`].
    pub const fn jwks_refetch_after(mut self, period: Duration) -> Self {
        self.key_set_settings.refetch_after = period;
        self
    }

    /// How the key set is kept usable.
    pub const fn key_set_settings(mut self, settings: KeySetSettings) -> Self {
        self.key_set_settings = settings;
        self
    }

    /// How many bytes of verified identities are kept (16 MiB unless set).
    pub const fn capacity(mut self, bytes: u64) -> Self {
        self.capacity = bytes;
        self
    }

    /// How long a verified token is taken as verified (60 seconds unless set), if it does not
    /// expire before. So long may a token outlive the withdrawal of the key that signed it, after
    /// the key set was fetched again. Zero keeps nothing.
    pub const fn max_ttl(mut self, max_ttl: Duration) -> Self {
        self.max_ttl = max_ttl;
        self
    }

    /// The longest token that is looked at, in bytes (16 KiB unless set: the longest that the issuer mints unless set;
    /// at most 64 KiB).
    pub const fn max_length(mut self, bytes: usize) -> Self {
        self.max_length = bytes;
        self
    }

    /// What has been revoked: the edge's own handle for a service in its process, and else one that
    /// [follows](crate::Revocations::follow_only) the log that the edge follows.
    ///
    /// A token is refused once anything that it names was ended: its subject, its credential, the tokens that it was
    /// exchanged from, each actor with theirs. Where the log cannot be read for [longer than is
    /// allowed](crate::Revocations::with_max_staleness), requests with a token are answered with 503. Unless set, no
    /// revocation is known here.
    pub fn revocations(mut self, revocations: Revocations) -> Self {
        self.revocations = Some(revocations);
        self
    }

    /// Where the time comes from (the operating system unless set).
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = clock.into_arc();
        self
    }

    /// Builds the verifier and fetches the key set once.
    ///
    /// An issuer that does not answer yet does not keep a service from starting: until it does,
    /// requests with a token are answered with 503.
    ///
    /// # Errors
    ///
    /// [`VerifierError`] by kind; each is a mistake in the configuration.
    pub async fn build(self) -> Result<Verifier, VerifierError> {
        let issuer = self.expected.issuer().check_address();
        issuer.map_err(|error| VerifierError::new(VerifierErrorKind::Issuer, error))?;
        if self.algorithms.is_empty() {
            return Err(VerifierErrorKind::Setting.into());
        }
        let rules = CredentialRules::default()
            .with_api_key_schemes([""; 0])
            .with_api_key_headers([])
            .with_strip_headers([])
            .with_max_length(self.max_length);
        let extractor = Extractor::new(rules).map_err(|error| VerifierError::new(VerifierErrorKind::Setting, error))?;
        let fingerprinter = Fingerprinter::new(self.audience.as_str(), self.expected.issuer().as_str())
            .map_err(|error| VerifierError::new(VerifierErrorKind::Randomness, error))?;
        let table = self.revocations.as_ref().map(|revocations| Arc::clone(revocations.table()));
        Ok(Verifier(Arc::new(Inner {
            keys: self.keys().await?,
            tier: MemoryTier::new(self.capacity, table.clone()),
            negatives: Negatives::new(MAX_NEGATIVES, table),
            revocations: self.revocations,
            audience: self.audience,
            expected: self.expected,
            algorithms: self.algorithms,
            clock: self.clock,
            extractor,
            fingerprinter,
            max_ttl: self.max_ttl,
            max_length: self.max_length,
        })))
    }

    async fn keys(&self) -> Result<Keys, VerifierError> {
        let address = |error| VerifierError::new(VerifierErrorKind::Address, error);
        let source = match &self.source {
            Source::Local(keys) => return Ok(Keys::Local(keys.clone())),
            Source::KeySet(keys) => return Ok(Keys::Remote(keys.clone())),
            Source::Discovery => {
                let discovery = Discovery::of(self.expected.issuer());
                KeySource::Discovery(discovery.map_err(|e| VerifierError::new(VerifierErrorKind::Address, e))?)
            }
            Source::JwksUri(text) => KeySource::JwksUri(Url::parse(text).map_err(address)?),
            Source::JwksFile(path) => KeySource::File(path.clone()),
        };
        let http: Arc<dyn HttpFetch> = match &self.http {
            Some(http) => Arc::clone(http),
            None => Arc::new(HttpClient::new().map_err(|error| VerifierError::new(VerifierErrorKind::Http, error))?),
        };
        let permitted = match &source {
            KeySource::JwksUri(url) => http.permits(url),
            KeySource::Discovery(discovery) => http.permits(discovery.base()),
            _ => true,
        };
        if !permitted {
            return Err(VerifierErrorKind::Address.into());
        }
        let issuer = self.expected.issuer().clone();
        let keys = KeySet::new(issuer, source, http, Arc::clone(&self.clock), self.key_set_settings);
        keys.start().await;
        Ok(Keys::Remote(keys))
    }
}

/// How many refused tokens are remembered for a moment.
const MAX_NEGATIVES: u64 = 1024;
