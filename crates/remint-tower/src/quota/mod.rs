//! Limits by plan.
//!
//! A request passes if and only if
//!
//! 1. no identity stands in its extensions (whether that may be is the business of the layers that
//!    authenticate), or
//! 2. each limit that [applies](remint_quota) to its caller and to this layer's class holds its cost.
//!
//! It is then charged, and its response tells how the limits stand: `RateLimit-Policy` and `RateLimit`
//! (draft-ietf-httpapi-ratelimit-headers-10), in place of whatever the handler put there. Otherwise it
//! is charged to nothing and answered with 429, `Retry-After` and the same headers, or with gRPC's
//! `RESOURCE_EXHAUSTED`. A counter that does not answer means 503. A refusal leaves one line in the log, whose
//! `request_id` the answer has in `x-request-id`.
//!
//! Where no layer outside has looked for a caller, everybody would pass: that is answered with 500, and the log says that
//! the layer stands in the wrong place ([`OutsideLayer`](crate::OutsideLayer)).
//!
//! Layers of one [`Quota`](remint_quota::Quota) may be nested: one around the router, and one of a class
//! around some routes. Each limit is charged once in a request, by the first layer it applies to; if a
//! layer further in refuses the request, the outer ones take their charges back.
//!
//! ```
//! use axum::{Router, routing::{get, post}};
//! use remint_tower::{NormalizeLayer, Quota, QuotaLayer};
//!
//! # fn app(normalizer: remint_normalize::Normalizer, quota: Quota) -> Router {
//! let limits = QuotaLayer::new(quota);
//! Router::new()
//!     .route("/exports", post(|| async { "exporting" }).layer(limits.clone().with_class("expensive")))
//!     .route("/jobs", get(|| async { "jobs" }))
//!     .layer(limits)
//!     .layer(NormalizeLayer::new(normalizer))
//! # }
//! ```

mod future;
mod layer;
mod markers;
mod service;
mod settings;
mod telemetry;
#[cfg(test)]
mod tests;

pub use future::ResponseFuture;
pub use layer::QuotaLayer;
pub use service::Limited;
