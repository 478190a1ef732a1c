//! Tokens for outbound requests: a layer for whoever calls the next service.
//!
//! # The decision
//!
//! A request goes out if and only if it goes to an [`Origin`] of the layer and the [`TokenSource`] gave a token
//! for it, which then stands alone in its header: `Authorization`, or one of its own (a transaction token's is
//! `Txn-Token`). Otherwise the request is not sent, and the caller gets an [`OutboundError`].
//!
//! A redirect to another origin takes no token along. `reqwest` would take a `Txn-Token`, so its requests go
//! through [`ReqwestClient`] (feature `reqwest`), which follows redirects within one origin only. A service
//! that follows redirects of `http::Request`s belongs outside the layer ([`OutboundClient`]).
//!
//! There are two sources, and anyone may write another: [`ClientCredentialsTokens`] is who this service is
//! itself; [`ExchangedTokens`] is the caller on whose behalf it works, for the next audience (RFC 8693). The
//! caller's token is handed in, never guessed: as the extension [`CallerToken`] of an `http::Request`, or by
//! [`Outbound::on_behalf_of`].
//!
//! # What the deployment must guarantee
//!
//! A layered client is for one audience: everything at the layer's origins may be sent the token.
//!
//! # Example
//!
//! ```
//! use http::{HeaderMap, Request, Response};
//! use remint_core::Audience;
//! use remint_exchange::Endpoint;
//! use remint_exchange::outbound::{BoxError, ExchangedTokens, OutboundLayer, caller_token};
//! use tower::{Layer, Service, ServiceExt};
//!
//! # async fn example<C>(endpoint: Endpoint, client: C, incoming: HeaderMap) -> Result<(), BoxError>
//! # where C: Service<Request<String>, Response = Response<String>, Error = BoxError> + Clone + Send + 'static,
//! #       C::Future: Send {
//! let tokens = ExchangedTokens::builder(endpoint, Audience::new("billing")?).build()?;
//! let billing = OutboundLayer::new(tokens, "https://billing.internal".parse()?).layer(client);
//!
//! // In a handler behind `VerifyLayer`:
//! let caller = caller_token(&incoming).ok_or("the request came without a token")?;
//! let request = Request::get("https://billing.internal/invoices").body(String::new())?;
//! let response = billing.on_behalf_of(caller).oneshot(request).await?;
//! # drop(response);
//! # Ok(())
//! # }
//! ```

mod answer;
mod caller;
mod client;
mod error;
mod exchanged;
mod layer;
mod origin;
mod own;
mod request;
mod service;
mod source;
mod token;

pub use caller::{CallerToken, caller_token};
pub use client::OutboundClient;
#[cfg(feature = "reqwest")]
pub use client::ReqwestClient;
pub use error::OutboundError;
pub use exchanged::{ExchangedTokens, ExchangedTokensBuilder};
pub use layer::OutboundLayer;
pub use origin::{InvalidOrigin, Origin};
pub use own::ClientCredentialsTokens;
pub use request::OutboundRequest;
pub use service::{BoxError, Outbound, ResponseFuture};
pub use source::TokenSource;
pub use token::{OutboundToken, TokenUse};
