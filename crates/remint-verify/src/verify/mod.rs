//! The middleware.

mod future;
mod layer;
mod service;

pub use future::ResponseFuture;
pub use layer::VerifyLayer;
pub use service::Verify;
