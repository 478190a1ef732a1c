use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use super::{CallerToken, OutboundError, OutboundToken};

/// Where tokens for outbound requests come from.
///
/// # Contract
///
/// - The token is valid now, and for nobody but whom the request goes to.
/// - If it is for a caller, it is for `caller` and nobody else; without one it is
///   [`OutboundError::NoCaller`], never a token of somebody else.
/// - It answers in bounded time. What keeps it from an answer is an error, never a worse token.
#[async_trait]
pub trait TokenSource: Debug + Send + Sync + 'static {
    /// The token for a request on behalf of `caller`.
    ///
    /// # Errors
    ///
    /// [`OutboundError`] by kind.
    async fn token(&self, caller: Option<&CallerToken>) -> Result<OutboundToken, OutboundError>;
}

#[async_trait]
impl<T: TokenSource + ?Sized> TokenSource for Arc<T> {
    async fn token(&self, caller: Option<&CallerToken>) -> Result<OutboundToken, OutboundError> {
        (**self).token(caller).await
    }
}
