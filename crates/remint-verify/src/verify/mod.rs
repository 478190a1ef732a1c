//! The middleware.

mod layer;
mod service;

pub use layer::VerifyLayer;
pub use service::Verify;

/// The response of [`Verify`].
pub type ResponseFuture<S, ReqBody, ResBody> = crate::future::ResponseFuture<VerifyLayer, S, ReqBody, ResBody>;
