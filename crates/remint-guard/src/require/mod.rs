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
//!     .route("/me", get(|| async { "you" }).layer(RequireLayer::authenticated()))
//!     .route("/health", get(|| async { "ok" }).layer(RequireLayer::public()));
//! ```

mod future;
mod layer;
mod service;
#[cfg(test)]
mod tests;

pub use future::ResponseFuture;
pub use layer::RequireLayer;
pub use service::Require;
