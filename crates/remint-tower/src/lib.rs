//! A tower layer that puts one internal token in place of any credential.
//!
//! # Where it stands on the line
//!
//! It is a surface: it gives each request to a [`Gate`](remint_gate::Gate) and does what the verdict says. It does not
//! authenticate, cache, mint or decide by itself.
//!
//! # The decision
//!
//! A request reaches the inner service if and only if
//!
//! 1. it presents exactly one credential, which is valid, is of the environment that the edge demands
//!    (if it demands one) and may be used from where the client is, and whose identity meets the layer's
//!    [`Requirements`]; or
//! 2. it presents no credential, and the layer is [optional](NormalizeLayer::optional), or was told to
//!    [allow CORS preflights](NormalizeLayer::allow_cors_preflight) and the request looks like one.
//!
//! In the first case its `Authorization` is the internal token and an `Arc<`[`Identity`]`>` stands in
//! its extensions (read it with [`Caller`]); in the second it has neither. In both, API-key headers
//! and every header in `strip_headers` are gone. A bad credential never passes as none.
//!
//! [With resource metadata](NormalizeLayer::with_resource_metadata) the layer itself answers requests for
//! that one document (RFC 9728), whoever asks; its challenges name where it stands.
//!
//! Inside it, a [`QuotaLayer`] holds callers to the limits of their [plans](quota), and a [`MeterLayer`]
//! counts [what they use](meter); both pass over requests without an identity.
//!
//! # What the deployment must guarantee
//!
//! Proxies before this service must not join two `Authorization` headers into one by other means than
//! a comma. Nothing behind the layer may trust a header it did not strip. Where keys are bound to
//! networks, a [`ClientAddrLayer`] stands before this one: without it such a key is refused with 403.
//! Where tokens are bound to certificates, a [`ClientCertificateLayer`] stands before it, or the server states the
//! extension [`ClientCertificate`](remint_core::ClientCertificate) itself. Where DPoP is taken, this layer sees the
//! path that the client asked for: not inside a router that strips a prefix, unless the prefix is in the
//! public URL.
//!
//! # Example
//!
//! ```
//! use axum::{Router, routing::get};
//! use remint_tower::{Caller, NormalizeLayer, RequireLayer};
//!
//! # fn app(normalizer: remint_normalize::Normalizer) -> Router {
//! Router::new()
//!     .route("/me", get(|caller: Caller| async move { caller.subject.to_string() }))
//!     .route("/jobs", get(|| async { "jobs" }).layer(RequireLayer::scopes(["jobs:read"])))
//!     .layer(NormalizeLayer::new(normalizer))
//! # }
//! ```
//!
//! # CORS
//!
//! A browser's preflight carries no credential. Put the CORS layer outside a [`NormalizeLayer`], so that it answers preflights
//! before a credential is asked for. Where that is impossible, `NormalizeLayer::allow_cors_preflight` lets whatever looks
//! like a preflight pass without an identity, which everybody can send, and with any body.
//!
//! # Requests in the log
//!
//! A refusal leaves one line, with the id that its answer has in `x-request-id` (see the crate `remint-gate`). For one id
//! in all lines of a request, and in all answers, put the layers of `tower-http` (features `request-id` and `trace`)
//! outside this one. The layer takes over the id that they set:
//!
//! ```text
//! ServiceBuilder::new()
//!     .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
//!     .layer(TraceLayer::new_for_http().make_span_with(|request: &Request<_>| {
//!         let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok());
//!         tracing::info_span!("request", id, method = %request.method(), path = request.uri().path())
//!     }))
//!     .layer(PropagateRequestIdLayer::x_request_id())
//!     .layer(NormalizeLayer::new(normalizer))
//! ```
//!
//! The span names the path alone: a query may hold secrets. `TraceLayer`'s own span has the whole URI.
//!
//! # Features
//!
//! - `axum`: [`Caller`] is an extractor. Without it, a handler that takes one "does not implement `Handler<_, _>`".
//! - `testing`: `Caller::for_test` and `SignedInLayer`, for the tests of services.
//!
//! # What this crate is not
//!
//! It is no proxy and no router: which routes need which scopes is said with [`RequireLayer`] inside
//! the router, where the path has been matched.

pub mod client_addr;
pub mod client_certificate;
pub mod meter;
pub mod normalize;
pub mod quota;

pub use client_addr::ClientAddrLayer;
pub use client_certificate::ClientCertificateLayer;
pub use meter::{MeterLayer, Metered};
pub use normalize::{Normalize, NormalizeLayer, dpop_challenge};
pub use quota::{Limited, QuotaLayer};
pub use remint_core::Identity;
pub use remint_guard::*;
pub use remint_quota::Quota;
pub use remint_usage::{Meter, Units};
