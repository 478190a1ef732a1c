//! Tokens for outbound requests: what a service at the edge calls the next one with.
//!
//! It is [`remint_exchange::outbound`], which says when a request goes out, with what its sources are made of: the
//! [`Endpoint`] of the authorization server, and its [`ClientCredentials`]. With the feature `outbound-reqwest` the
//! layer takes `reqwest` requests too, through `ReqwestClient`.
//!
//! A service behind the edge needs `remint-exchange` alone.
//!
//! ```
//! use std::sync::Arc;
//!
//! use axum::extract::Request;
//! use axum::http::StatusCode;
//! use axum::{Router, routing::get};
//! use remint::outbound::{
//!     BoxError, ClientCredentials, ClientSecret, Endpoint, EndpointAddress, ExchangedTokens, HttpClient, OutboundLayer,
//!     caller_token,
//! };
//! use remint::{Audience, ClientId, Edge};
//! use tower::{Layer, Service, ServiceExt};
//!
//! # fn app<C>(edge: Edge, client: C) -> Result<Router, BoxError>
//! # where C: Service<http::Request<String>, Response = http::Response<String>, Error = BoxError>,
//! #       C: Clone + Send + Sync + 'static, C::Future: Send {
//! // Who this service is at the authorization server.
//! let secret = ClientSecret::new(std::env::var("SHOP_SECRET")?);
//! let credentials = ClientCredentials::secret_basic(ClientId::new("shop")?, secret);
//! let address = EndpointAddress::Fixed("https://auth.internal/oauth/token".parse()?);
//! let endpoint = Endpoint::builder(address, credentials, Arc::new(HttpClient::new()?)).build()?;
//!
//! // A request goes out with its caller's token, exchanged for `billing` (RFC 8693), and to this origin only.
//! let tokens = ExchangedTokens::builder(endpoint, Audience::new("billing")?).build()?;
//! let billing = OutboundLayer::new(tokens, "https://billing.internal".parse()?).layer(client);
//!
//! let invoices = async move |request: Request| {
//!     // Behind the edge's layer `Authorization` is the internal token.
//!     let caller = caller_token(request.headers()).ok_or(StatusCode::UNAUTHORIZED)?;
//!     let invoices = http::Request::get("https://billing.internal/invoices").body(String::new());
//!     let invoices = invoices.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
//!     let answer = billing.clone().on_behalf_of(caller).oneshot(invoices).await;
//!     answer.map(http::Response::into_body).map_err(|_| StatusCode::BAD_GATEWAY)
//! };
//! Ok(Router::new().route("/invoices", get(invoices)).layer(edge.layer()))
//! # }
//! ```

pub use remint_exchange::outbound::*;
pub use remint_exchange::{
    AssertionAudience, BreakerSettings, BreakerState, ClientCredentials, ClientSecret, DiscoveredServer, Endpoint,
    EndpointAddress, EndpointSettings, HttpClient, RotatingCredentials, Url,
};
