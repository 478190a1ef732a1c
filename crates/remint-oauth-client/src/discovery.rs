use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use remint_core::{Clock, IssuerId, SystemClock, Timestamp};
use remint_keyset::{
    Discovery, DiscoveryOrder, Fetch, FetchError, FetchWaiter, HttpFetch, InvalidIssuerUrl, SharedFetch,
};

use crate::metadata::MetadataError;
use crate::{Failure, FailureKind, ServerMetadata};

/// How a server's metadata is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiscoverySettings {
    /// How old it may be before it is fetched again, beside the calls that use it (5 minutes unless
    /// set).
    pub refresh_interval: Duration,
    /// How long after a fetch that failed the next may begin (2 seconds unless set).
    pub min_refetch_interval: Duration,
    /// How long one fetch may take (5 seconds unless set).
    pub fetch_timeout: Duration,
}

impl Default for DiscoverySettings {
    fn default() -> Self {
        Self {
            refresh_interval: Duration::from_secs(5 * 60),
            min_refetch_interval: Duration::from_secs(2),
            fetch_timeout: Duration::from_secs(5),
        }
    }
}

/// An authorization server that says itself where its endpoints are (RFC 8414 §3; where it has no such
/// document, OpenID Connect Discovery §4). A clone is another handle to the same knowledge.
///
/// The last good document is kept while the server does not answer or answers rubbish: a call never
/// fails for the sake of a refresh. Nothing runs in the background.
#[derive(Clone)]
pub struct DiscoveredServer(Arc<Inner>);

struct Inner {
    issuer: IssuerId,
    discovery: Discovery,
    http: Arc<dyn HttpFetch>,
    clock: Arc<dyn Clock>,
    settings: DiscoverySettings,
    known: ArcSwapOption<Known>,
    fetches: SharedFetch<Result<Arc<ServerMetadata>, Failure>>,
    failed: Mutex<Option<(Timestamp, Failure)>>,
}

struct Known {
    metadata: Arc<ServerMetadata>,
    fetched_at: Timestamp,
}

impl DiscoveredServer {
    /// The server of this issuer, which is compared as the exact string. Nothing is fetched yet.
    ///
    /// # Errors
    ///
    /// [`InvalidIssuerUrl`] if the issuer is not an address, or has a query or a fragment.
    pub fn new(issuer: IssuerId, http: Arc<dyn HttpFetch>) -> Result<Self, InvalidIssuerUrl> {
        Self::with_settings(issuer, http, SystemClock, DiscoverySettings::default())
    }

    /// The same with other settings and another clock.
    ///
    /// # Errors
    ///
    /// [`InvalidIssuerUrl`] if the issuer is not an address, or has a query or a fragment.
    pub fn with_settings(
        issuer: IssuerId,
        http: Arc<dyn HttpFetch>,
        clock: impl Clock,
        settings: DiscoverySettings,
    ) -> Result<Self, InvalidIssuerUrl> {
        let discovery = Discovery::of(&issuer)?;
        let (known, fetches, failed) = (ArcSwapOption::empty(), SharedFetch::default(), Mutex::default());
        Ok(Self(Arc::new(Inner { issuer, discovery, http, clock: clock.into_arc(), settings, known, fetches, failed })))
    }

    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> &IssuerId {
        &self.0.issuer
    }

    /// What the server says of itself. Who comes first waits for the document; one that has grown old
    /// is given, and fetched anew beside.
    ///
    /// # Errors
    ///
    /// [`FailureKind::Discovery`] if there never was a good one and none can be had, or not yet again.
    pub async fn metadata(&self) -> Result<Arc<ServerMetadata>, Failure> {
        if let Some(known) = self.0.known() {
            if self.0.is_old(&known) {
                drop(self.fetch());
            }
            return Ok(Arc::clone(&known.metadata));
        }
        let broken = || Err(Failure::new(FailureKind::Discovery).with_source(DiscoveryError::Broken));
        self.fetch().outcome().await.unwrap_or_else(broken)
    }

    /// Joins the fetch in progress or starts one, which continues if the caller is dropped.
    fn fetch(&self) -> FetchWaiter<Result<Arc<ServerMetadata>, Failure>> {
        match self.0.fetches.join_or_begin() {
            Fetch::Joined(waiter) => waiter,
            Fetch::Begun(attempt, waiter) => {
                let inner = Arc::clone(&self.0);
                tokio::spawn(async move { attempt.end(inner.fetch().await) });
                waiter
            }
        }
    }
}

impl Inner {
    fn known(&self) -> Option<Arc<Known>> {
        self.known.load_full()
    }

    /// One from the future, which a clock that was set back leaves behind, is old.
    fn is_old(&self, known: &Known) -> bool {
        let now = self.clock.now();
        now < known.fetched_at || now.saturating_duration_since(known.fetched_at) > self.settings.refresh_interval
    }

    fn failed(&self) -> MutexGuard<'_, Option<(Timestamp, Failure)>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the server is not asked now: it has failed a moment ago.
    fn failed_recently(&self, now: Timestamp) -> Option<Failure> {
        let failed = self.failed();
        let (failed_at, failure) = failed.as_ref()?;
        let waited = now.saturating_duration_since(*failed_at);
        let interval = self.settings.min_refetch_interval;
        (now >= *failed_at && waited < interval).then(|| failure.clone().with_retry_after(interval - waited))
    }

    /// Fetches the document, unless that has failed a moment ago, or another fetch has just brought one.
    async fn fetch(&self) -> Result<Arc<ServerMetadata>, Failure> {
        let now = self.clock.now();
        if let Some(known) = self.known().filter(|known| !self.is_old(known)) {
            return Ok(Arc::clone(&known.metadata));
        }
        if let Some(failure) = self.failed_recently(now) {
            return Err(failure);
        }
        let asked = tokio::time::timeout(self.settings.fetch_timeout, self.ask()).await;
        match asked.unwrap_or(Err(DiscoveryError::Fetch(FetchError::Timeout))) {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                self.known.store(Some(Arc::new(Known { metadata: Arc::clone(&metadata), fetched_at: now })));
                *self.failed() = None;
                Ok(metadata)
            }
            Err(error) => {
                let kept = self.known.load().is_some();
                tracing::warn!(target: "remint", issuer = %self.issuer, %error, kept, "the server's metadata was not fetched");
                let failure = Failure::new(FailureKind::Discovery).with_source(error);
                *self.failed() = Some((now, failure.clone()));
                Err(failure.with_retry_after(self.settings.min_refetch_interval))
            }
        }
    }

    async fn ask(&self) -> Result<ServerMetadata, DiscoveryError> {
        let document = self.discovery.document(&*self.http, DiscoveryOrder::OAuthFirst).await?;
        Ok(ServerMetadata::read(&document, &self.issuer, &self.discovery, &*self.http)?)
    }
}

impl fmt::Debug for DiscoveredServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DiscoveredServer")
            .field("issuer", &self.0.issuer)
            .field("known", &self.0.known.load().is_some())
            .finish_non_exhaustive()
    }
}

/// Why there is no metadata.
#[derive(Debug, thiserror::Error)]
enum DiscoveryError {
    #[error("the server's metadata could not be fetched: {0}")]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    #[error("the fetch of the server's metadata broke off")]
    Broken,
}
