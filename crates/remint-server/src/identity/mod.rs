//! The identity service: users, tenants and API keys over HTTP.
//!
//! # The decision
//!
//! A request under `/v1` is carried out if and only if
//!
//! 1. it comes with the bootstrap key and no other credential, or the edge's own layer lets it pass
//!    with an identity (`POST /v1/leaked-keys` alone is let in by the scanner's signature instead); or
//!    it comes to the router for operators, and the server states which [`Operator`] sends it;
//! 2. its caller has the right to it:
//!    - the scope `remint:admin`, the bootstrap key, and operators reach everything. The scope counts in the environment
//!      that the edge demands, or in `live` where it demands none, and not for whoever acts for the user,
//!    - `POST /v1/api-keys/verify` is reached with `remint:verify` too, for keys of the caller's environment,
//!    - a user's own key, or a token that is linked to the user, reaches that user: reads them, lists
//!      their keys and usage of its own environment, makes, rotates and revokes their keys;
//! 3. a key that a caller without `remint:admin` makes, rotates or revokes does not exceed what they came with: owner,
//!    scopes, environment, networks, end. The same question is asked of each, with these exceptions: a key
//!    rotates and revokes itself; a user's own token revokes any of their keys in its environment. A key makes
//!    keys, and rotates others, only with `remint:keys`. Nothing of it is done for a subject on whose behalf
//!    somebody else acts;
//! 4. a credential that is bound to its sender (a certificate, a DPoP key) makes and rotates no keys, which would not
//!    be bound;
//! 5. it fits: media type, size, fields, values.
//!
//! What belongs to others answers 404, as if it were not there.
//!
//! # Revocation
//!
//! `POST /v1/revocations` ends what an administrator names: a key, a user, a client, a subject, session or
//! issuer outside, a tenant, a token, or everything. It answers 202 once nothing older of it is accepted here,
//! with the place of the row in the log. A key is revoked in the store, and a user or tenant disabled; a client
//! can get new tokens, since its secret is in the settings. What is ended, by whom and why is in the audit trail.
//!
//! # Limits
//!
//! With [`IdentityService::quota`] a caller who has an identity is held to the limits of their plan, and
//! refused with 429 before anything is done. Three classes of routes are told apart
//! ([`IdentityService::QUOTA_CLASSES`]): `read` (each `GET`), `verify` (`POST /v1/api-keys/verify`) and
//! `write` (the rest). What comes with the bootstrap key or a scanner's signature is counted on nobody.
//!
//! # A client that hangs up
//!
//! What changes something is carried out to its end all the same.
//!
//! # Creation, once
//!
//! `POST` endpoints that create take an `Idempotency-Key` (1 to 255 visible ASCII characters, kept for
//! 24 hours, for each user by itself). The same request under the same key is answered with what the
//! first one made, with `Idempotent-Replayed: true` and with `null` in place of each key's text, which
//! is kept nowhere: a client that never got it revokes the key and makes another. Another request
//! under the same key is answered with 422.

mod act_for;
mod actor;
mod bootstrap;
mod idempotency;
mod keys;
mod leaks;
mod limits;
mod operator;
mod page;
mod path;
mod report_keys;
mod resources;
mod revocations;
mod router;
mod target;
mod tenants;
mod to_its_end;
mod usage;
mod users;
mod verify;
mod view;

use std::sync::Arc;

use axum::Router;
use remint_apikey::ApiKeys;
use remint_core::{Clock, Environment, SystemClock};
use remint_credential::{CredentialRules, Extractor, InvalidRules};
use remint_tower::{NormalizeLayer, QuotaLayer};

use self::actor::Actor;
use self::bootstrap::Bootstrap;
pub use self::bootstrap::{BootstrapKey, BootstrapKeyTooShort};
pub use self::operator::Operator;
pub use self::report_keys::LeakReports;
use self::resources::Resources;

/// The identity service, as a router to be served or merged into another one.
///
/// It has routes under `/v1` (for what it does not know there, too) and `/openapi.json`, and no
/// fallback: the outer router's may be [`not_found`](crate::not_found).
#[derive(Debug)]
#[must_use = "nothing is served before `into_router`"]
pub struct IdentityService {
    keys: ApiKeys,
    sign_up: Vec<Environment>,
    bootstrap: Option<Bootstrap>,
    extractor: Extractor,
    leaks: Option<LeakReports>,
    quota: Option<QuotaLayer>,
    clock: Arc<dyn Clock>,
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
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The router, guarded by the edge's layer.
    ///
    /// A key that is bound to networks is refused unless the server states the client's address
    /// ([`ClientAddr`](remint_core::ClientAddr)) before the router.
    pub fn into_router(self, layer: NormalizeLayer) -> Router {
        router::router(self, Some(layer))
    }

    /// The router for operators of the machine, to be served where nobody else can connect, such as on a Unix socket
    /// in a folder for their account.
    ///
    /// A request that the server states to be an [`Operator`]'s is an administrator's, without any credential; every
    /// other one is refused with 401.
    pub fn into_operator_router(self) -> Router {
        router::router(self, None)
    }
}

/// What the handlers share.
#[derive(Debug, Clone)]
struct Shared(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    resources: Resources,
    /// Where `remint:admin` counts.
    admin_counts_in: Environment,
    sign_up: Vec<Environment>,
    leaks: Option<LeakReports>,
    clock: Arc<dyn Clock>,
}

impl Shared {
    /// Users and keys, as far as whoever asks may reach them.
    fn resources(&self) -> &Resources {
        &self.0.resources
    }

    fn admin_counts_in(&self) -> Environment {
        self.0.admin_counts_in
    }
}
