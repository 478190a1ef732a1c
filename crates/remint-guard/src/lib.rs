//! What stands directly before a handler: the caller, the requirement, the denial.
//!
//! # Where it stands on the line
//!
//! A layer of `remint-tower` (at the edge) or `remint-verify` (behind it) finds out who is calling
//! and puts an `Arc<`[`Identity`](remint_core::Identity)`>` into the request's extensions. This
//! crate is what both share from there on, so that a handler reads the caller, a route states what
//! it requires and a denial looks the same in either place:
//!
//! - [`Caller`]: what a handler gets;
//! - [`RequireLayer`]: what a route requires; its check, [`Requirements`], is the one that the outer
//!   layers run too, on cache hits and misses alike;
//! - [`Policy`]: what a layer demands of every request, and the [`Denial`] where it is not met;
//! - [`Denials`]: the one function that makes a denial's response. What shapes those of an outer layer (a hook, a realm)
//!   shapes those of what stands inside it too ([`Denials::share`]);
//! - [`Challenge`], [`ProblemDocument`] and [`retry_after`]: what every other answer to a refused request is written with;
//! - [`ResourceMetadata`]: the document (RFC 9728) that tells a client who was refused where tokens are
//!   to be had.
//!
//! # The decision
//!
//! A request passes a [`RequireLayer`] if and only if
//!
//! 1. the layer is [`RequireLayer::public`], or
//! 2. the layer was told to [allow CORS preflights](RequireLayer::allow_cors_preflight) and the request looks like
//!    one ([`is_cors_preflight`]), or
//! 3. an identity stands in its extensions, it is of the required environment, it has every required scope, role and
//!    entitlement, and every required predicate holds of it.
//!
//! A request that no layer has looked at, neither with an identity nor with the mark that [nobody is signed
//! in](Anonymous), is answered with 500, and an ERROR line says what stands in the wrong place ([`OutsideLayer`]).
//!
//! # What the deployment must guarantee
//!
//! Nothing but our own layers puts an identity into the extensions. Extensions never come over the
//! wire, so this is a matter of the service's own code. The feature `testing` has no place in a
//! release build.
//!
//! # Example
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response, StatusCode};
//! use remint_core::Environment;
//! use remint_guard::{Anonymous, Caller, RequireLayer};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = ServiceBuilder::new()
//!     .layer(RequireLayer::scopes(["jobs:write"]).with_environment(Environment::Live))
//!     .service(service_fn(|request: Request<Bytes>| async move {
//!         let caller: Caller = Caller::from_extensions(request.extensions())?;
//!         Ok::<_, remint_guard::CallerError>(Response::new(Bytes::from(caller.subject.to_string())))
//!     }));
//!
//! // A layer before it has found that nobody is signed in.
//! let mut request = Request::new(Bytes::new());
//! request.extensions_mut().insert(Anonymous);
//! let answer = service.oneshot(request).await?;
//! assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
//! assert_eq!(answer.headers()["www-authenticate"], "Bearer");
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! | feature | brings |
//! | --- | --- |
//! | `axum` | [`Caller`] and `Option<Caller>` as axum extractors |
//! | `testing` | `Caller::for_test` and `SignedInLayer`, a layer that signs a test caller in |
//!
//! None is on by default, and none changes what the rest does. Where a handler that takes a [`Caller`] "does not implement
//! `Handler<_, _>`", the feature `axum` is off.
//!
//! # What this crate is not
//!
//! It authenticates nobody and counts no authentications: that is the outer layer's business.

mod answer;
mod caller;
mod denial;
mod metadata;
mod policy;
mod preflight;
pub mod require;
mod requirements;
#[cfg(feature = "testing")]
pub mod signed_in;
mod telemetry;
mod trace;

pub use answer::{Challenge, NoMembers, ProblemDocument, retry_after};
#[cfg(feature = "axum")]
pub use caller::CallerRejection;
pub use caller::{Anonymous, Caller, CallerError, CallerErrorKind, OutsideLayer, find_caller, set_caller};
pub use denial::{DenialContext, DenialHook, Denials, DpopChallenge, InvalidRealm, RequestKind};
pub use metadata::{InvalidMetadata, ResourceMetadata};
pub use policy::{Denial, Mode, Policy};
pub use preflight::{is_cors_preflight, preflight_hint};
pub use require::{Require, RequireLayer};
pub use requirements::{InvalidRight, Requirements};
#[cfg(feature = "testing")]
pub use signed_in::{SignedIn, SignedInLayer};
pub use trace::RequestTrace;
