//! What a route requires.
//!
//! A request passes if and only if the layer is [`RequireLayer::public`], or an identity stands in its
//! extensions and meets the layer's [`Requirements`](crate::Requirements), or the layer was told to
//! [allow CORS preflights](RequireLayer::allow_cors_preflight) and it looks like one. Anything else is answered by the layer's
//! [`Denials`](crate::Denials), or by those that the layer outside [shares](crate::Denials::share), and does not reach the
//! inner service. Where no layer outside has looked for a caller, the
//! answer is 500 instead of 401, and the log says that the layer stands in the wrong place
//! ([`OutsideLayer`](crate::OutsideLayer)).
//!
//! ```
//! use axum::{Router, routing::{get, post}};
//! use remint_core::Environment;
//! use remint_guard::RequireLayer;
//!
//! let app: Router = Router::new()
//!     .route("/jobs", post(|| async { "queued" }))
//!     .route_layer(RequireLayer::scopes(["jobs:write"]).with_environment(Environment::Live))
//!     .route("/plans", get(|| async { "plans" }).layer(RequireLayer::roles(["planner"])))
//!     .route("/renders", post(|| async { "queued" }).layer(RequireLayer::scopes(["jobs:write"]).with_entitlements(["gpu"])))
//!     .route("/me", get(|| async { "you" }).layer(RequireLayer::authenticated()))
//!     .route("/health", get(|| async { "ok" }).layer(RequireLayer::public()));
//! ```
//!
//! All that is named must be there. A missing scope is 403 `insufficient_scope`, with a challenge that names the scopes; a
//! missing role or entitlement is 403 without a challenge, and its body names those that the route requires. A credential
//! that is [restricted](remint_core::Authentication::restricted), such as a key with scopes of its own, carries no roles and
//! entitlements: ask it for scopes.

mod future;
mod layer;
mod service;
#[cfg(test)]
mod tests;

pub use future::ResponseFuture;
pub use layer::RequireLayer;
pub use service::Require;
