use std::sync::Arc;

use remint_apikey::ApiKeys;
use remint_core::{Clock, Environment, SystemClock};
use remint_credential::{CredentialRules, Extractor, InvalidRules};
use remint_tower::QuotaLayer;

use crate::bootstrap::{Bootstrap, BootstrapKey};
use crate::report_keys::LeakReports;

/// The identity service, as a router to be served or merged into another one.
///
/// It has routes under `/v1` (for what it does not know there, too) and `/openapi.json`, and no
/// fallback: the outer router's may be [`not_found`](crate::not_found).
#[derive(Debug)]
#[must_use = "nothing is served before `into_router`"]
pub struct IdentityService {
    pub(crate) keys: ApiKeys,
    pub(crate) sign_up: Vec<Environment>,
    pub(crate) bootstrap: Option<Bootstrap>,
    pub(crate) extractor: Extractor,
    pub(crate) leaks: Option<LeakReports>,
    pub(crate) quota: Option<QuotaLayer>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl IdentityService {
    /// The classes of routes that a limit may be for.
    pub const QUOTA_CLASSES: [&'static str; 3] = ["read", "write", "verify"];

    /// A service for these users and keys: without a bootstrap key and without leak reports.
    pub fn new(keys: ApiKeys) -> Self {
        Self {
            keys,
            sign_up: vec![Environment::Live, Environment::Test],
            bootstrap: None,
            extractor: Extractor::default(),
            leaks: None,
            quota: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// Which keys a new user gets unless the request says otherwise: one `live` and one `test`
    /// unless set.
    pub fn sign_up_policy(mut self, issue: impl IntoIterator<Item = Environment>) -> Self {
        self.sign_up = issue.into_iter().collect();
        self
    }

    /// A request with this key as `X-API-Key` is an administrator's here, and nowhere else. The log names each,
    /// at the level `WARN`, with route and peer ([`ConnectInfo`](axum::extract::ConnectInfo)).
    pub fn bootstrap_key(mut self, key: BootstrapKey) -> Self {
        self.bootstrap = Some(Bootstrap { key, is_refused: false });
        self
    }

    /// A request with this key is refused as one with any unknown key, and the log names it.
    pub fn refused_bootstrap_key(mut self, key: BootstrapKey) -> Self {
        self.bootstrap = Some(Bootstrap { key, is_refused: true });
        self
    }

    /// Where credentials may stand, as the edge has it: a bootstrap key beside another credential is
    /// refused.
    ///
    /// # Errors
    ///
    /// [`InvalidRules`] if they contradict themselves or HTTP.
    pub fn credential_rules(mut self, rules: CredentialRules) -> Result<Self, InvalidRules> {
        self.extractor = Extractor::new(rules)?;
        Ok(self)
    }

    /// Takes reports of leaked keys at `/v1/leaked-keys`.
    pub fn leak_reports(mut self, reports: LeakReports) -> Self {
        self.leaks = Some(reports);
        self
    }

    /// Holds callers to the limits of their plans: nobody unless set. The layer is applied behind the
    /// edge's, which says who is calling.
    pub fn quota(mut self, layer: QuotaLayer) -> Self {
        self.quota = Some(layer);
        self
    }

    /// Where the time comes from.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = clock.into_arc();
        self
    }
}
