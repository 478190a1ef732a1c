//! The middleware.

mod layer;

pub use layer::VerifyLayer;

/// The middleware of [`VerifyLayer`].
pub type Verify<S> = crate::middleware::VerifyService<VerifyLayer, S>;

/// The response of [`Verify`].
pub type ResponseFuture<S, ReqBody, ResBody> = crate::middleware::ResponseFuture<VerifyLayer, S, ReqBody, ResBody>;
