//! The layer at the edge: one folder, as tower lays its middleware out.

mod future;
mod layer;
mod service;

pub use future::ResponseFuture;
pub use layer::NormalizeLayer;
pub use remint_gate::dpop_challenge;
pub use service::Normalize;
