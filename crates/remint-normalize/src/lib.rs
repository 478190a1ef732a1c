//! The line itself: one credential in, one internal token out.
//!
//! # Where it stands on the line
//!
//! It *is* the line. `remint-gate` enters here for every surface; none of them authenticates, caches or mints by
//! itself.
//!
//! # The decision
//!
//! A request passes with an identity if and only if it presents exactly one credential, an
//! [`Authenticator`] vouches for it, it is not revoked, every enricher that is not optional has
//! answered, the [`TokenIssuer`] has minted a token for it, and this request may use it. A cached outcome
//! answers in place of all but the last while it is valid and nothing it hangs on was revoked since.
//! What the caller did wrong is [`Refusal::Denied`]; what we could not do is [`Refusal::Unavailable`];
//! the second is never made the first.
//!
//! A request may use a credential if and only if
//!
//! 1. the credential is of the environment that the edge [demands](NormalizerBuilder::environment), if it
//!    demands one ([`DeniedKind::Environment`]), and
//! 2. the credential is bound to no networks, or one of them holds the client's address
//!    ([`DeniedKind::Network`]), and
//! 3. the credential is bound to no sender, or this is the sender:
//!    - one that is bound to a key (`cnf.jkt`) comes under the scheme `DPoP`, with a proof of this request,
//!      token and key that is used for the first time ([`DeniedKind::DpopProof`], [`DeniedKind::DpopNonce`]);
//!      under another scheme, or where DPoP is [not taken](NormalizerBuilder::dpop), it is
//!      [`DeniedKind::SenderConstrained`], and so is a credential under `DPoP` that is not bound to a key;
//!    - one that is bound to a certificate (`cnf.x5t#S256`) comes over a connection with that certificate
//!      ([`DeniedKind::ClientCertificate`]).
//!
//! This is asked of every request by itself, on a hit, on a miss, and of each who waits for one exchange; the
//! answer is kept nowhere. Scopes, and what one route demands, are for the surface.
//!
//! # Which rights a token carries
//!
//! Scopes are those of the authentication. Roles, groups and entitlements are those of the authentication and of the
//! enrichers, but for names that begin with `remint:`; of a credential that is
//! [restricted](remint_core::Authentication::restricted) there are none, whatever anybody knows of its subject. Tenant,
//! plan and `ext` stay. [`Minting`] does this after the enrichers, and mints of nothing else than a [`Narrowed`], for
//! this line and for a token endpoint alike.
//!
//! # What the deployment must guarantee
//!
//! The client's address is what the surface states in [`RequestHead::client`], for an `http::Request` by
//! the extension [`ClientAddr`]. No header is one by itself; where none is stated, a credential
//! that is bound to networks is refused. The same holds for the client's certificate:
//! [`RequestHead::certificate`], [`ClientCertificate`].
//!
//! # A hit is synchronous
//!
//! [`Normalizer::begin`] looks, hashes and finds, without allocating, locking or awaiting. Only a
//! miss returns a future, and a hit whose proof must be used for the first time: nodes share what was used.
//!
//! # What waits is bounded
//!
//! A miss is worked on where it was asked for. If it has to wait, it goes on in a task of its own, which ends
//! with the work and not with the caller. So [`NormalizerBuilder::max_waiting`] bounds how many may wait for
//! each part, and [`NormalizerBuilder::wait_at_most`] how long. One more is [`Refusal::Unavailable`] at once. A
//! JWT under a known key does not wait, and is never refused by this.
//!
//! # Failed credentials
//!
//! A credential that fails is counted by the caller's address ([`RequestHead::client`], else
//! [`RequestHead::peer`]; IPv6 by /64) and by the non-secret beginning of an API key. Past a rate there is one log
//! line, and, where a [limit](FailureLimits) is set, those who fail hear [`DeniedKind::TooManyFailures`]. The
//! verdict on the credential comes first: a valid one passes in any case.
//!
//! # Example
//!
//! ```
//! use http::header::AUTHORIZATION;
//! use remint_normalize::{Normalizer, Progress};
//! # use remint_core::*;
//! # #[derive(Debug)] struct Fixed;
//! # #[async_trait::async_trait]
//! # impl Authenticator for Fixed {
//! #     async fn authenticate(&self, _: Credential<'_>) -> Result<Option<Verified<Authentication>>, Refusal> { Ok(None) }
//! # }
//! # #[async_trait::async_trait]
//! # impl TokenIssuer for Fixed {
//! #     async fn issue(&self, _: MintRequest<'_>) -> Result<InternalToken, Refusal> { Err(Unavailable::new(UnavailableKind::Issuer).into()) }
//! # }
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let normalizer = Normalizer::builder(IssuerId::new("https://auth.internal")?, Audience::new("internal")?, Fixed)
//!     .authenticator(Fixed)
//!     .build()?;
//! let mut request = http::Request::get("/").header("x-api-key", "unknown").body(())?;
//! match normalizer.begin((&request).into()) {
//!     Progress::Hit(pass, removals) => {
//!         normalizer.extractor().strip(request.headers_mut(), removals);
//!         request.headers_mut().insert(AUTHORIZATION, pass.authorization().clone());
//!     }
//!     Progress::Miss(pending, _) => assert!(pending.await.is_err()), // no authenticator knows it here
//!     Progress::Anonymous(_) | Progress::Rejected(_) => unreachable!(),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Metrics
//!
//! | name | labels | what |
//! | --- | --- | --- |
//! | `remint_cache_lookups_total` | `tier` | `memory`, `negative`, `miss` |
//! | `remint_exchange_seconds` | | how long an exchange took |
//! | `remint_failed_credentials_total` | `kind`, `rate` | credentials that failed: `within` the rate at which a line is logged, `passed`, or `limited` to a 429 |
//! | `remint_waiting` | `for` | how many wait now: for an authenticator (`jwt`, `api_key`), an `enricher`, the `issuer`, the `token_endpoint` |
//!
//! `kind` is `jwt`, `api_key` or `none`. The outcomes of requests are counted by `remint-gate`, which decides them.
//!
//! Each exchange is a `tracing` span `exchange` with `kind` and `outcome`, shared by all who wait for it.
//!
//! # Features
//!
//! - `http-enricher`: `HttpEnricher`.
//!
//! # What this crate is not
//!
//! It makes no verdict on a request and no HTTP response: that is for `remint-gate`.
//!
//! [`Authenticator`]: remint_core::Authenticator
//! [`TokenIssuer`]: remint_core::TokenIssuer
//! [`ClientAddr`]: remint_core::ClientAddr
//! [`ClientCertificate`]: remint_core::ClientCertificate
//! [`DeniedKind::ClientCertificate`]: remint_core::DeniedKind::ClientCertificate
//! [`DeniedKind::DpopNonce`]: remint_core::DeniedKind::DpopNonce
//! [`DeniedKind::DpopProof`]: remint_core::DeniedKind::DpopProof
//! [`DeniedKind::SenderConstrained`]: remint_core::DeniedKind::SenderConstrained
//! [`DeniedKind::Environment`]: remint_core::DeniedKind::Environment
//! [`DeniedKind::TooManyFailures`]: remint_core::DeniedKind::TooManyFailures
//! [`DeniedKind::Network`]: remint_core::DeniedKind::Network
//! [`Refusal::Denied`]: remint_core::Refusal::Denied
//! [`Refusal::Unavailable`]: remint_core::Refusal::Unavailable

mod authority;
mod bound;
mod builder;
mod enrich;
mod explain;
mod failures;
mod line;
mod narrowed;
mod normalizer;
mod pass;
mod pending;
mod rejection;
mod source;
mod telemetry;
mod waiting;

pub use authority::{Authority, Minting};
pub use builder::{BuildError, NormalizerBuilder};
pub use enrich::StaticEnricher;
#[cfg(feature = "http-enricher")]
pub use enrich::http::HttpEnricher;
pub use failures::FailureLimits;
pub use narrowed::Narrowed;
pub use normalizer::{Normalizer, Progress};
pub use pass::Pass;
pub use pending::PendingPass;
pub use rejection::Rejection;
pub use remint_credential::{HeaderLines, Removals, RequestHead};
