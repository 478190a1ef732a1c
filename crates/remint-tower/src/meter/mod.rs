//! Usage metering.
//!
//! A request is counted when the layer is called, if an identity stands in its extensions; requests
//! without one are not counted. Its units are counted with its response: what the handler put into the
//! response's extensions as [`Units`](crate::Units), or one. A request that fails or is given up is worth one unit.
//!
//! It belongs inside the [`NormalizeLayer`](crate::NormalizeLayer), and inside a
//! [`QuotaLayer`](crate::QuotaLayer) too, since what is refused is not billed. Each layer that a
//! request passes counts it: use one. Where no layer outside has looked for a caller, nothing is counted and the request
//! passes; an ERROR line says that the layer stands in the wrong place.
//!
//! ```
//! use axum::{Extension, Router, response::IntoResponse, routing::get};
//! use remint_tower::{MeterLayer, NormalizeLayer, Units};
//!
//! # fn app(normalizer: remint_normalize::Normalizer, meter: remint_tower::Meter) -> Router {
//! Router::new()
//!     .route("/render", get(|| async { (Extension(Units(12)), "an image").into_response() }))
//!     .layer(MeterLayer::new(meter))
//!     .layer(NormalizeLayer::new(normalizer))
//! # }
//! ```

mod future;
mod layer;
mod service;
#[cfg(test)]
mod tests;

pub use future::ResponseFuture;
pub use layer::MeterLayer;
pub use service::Metered;
