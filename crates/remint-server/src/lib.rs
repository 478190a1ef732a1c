//! Axum routers: the internal OAuth 2 authorization server, and the identity service.
//!
//! # Where it stands on the line
//!
//! Beside it: it changes what the line looks up. Who may change what, it learns from the line itself:
//! its router stands behind the edge's own layer.
//!
//! # The decision
//!
//! [`identity`] says when a request is carried out.
//!
//! # What the deployment must guarantee
//!
//! - The [`NormalizeLayer`](remint_tower::NormalizeLayer) authenticates keys of the same
//!   [`ApiKeys`](remint_apikey::ApiKeys), whose revoker its cache follows.
//! - `remint:*` scopes come from the store alone: no authenticator takes them over from outside.
//! - The bootstrap key is taken out of the settings when there is an administrator.
//!
//! # Example
//!
//! ```
//! use axum::Router;
//! use remint_server::{BootstrapKey, IdentityService};
//!
//! # fn serve(keys: remint_apikey::ApiKeys, layer: remint_tower::NormalizeLayer) -> Result<Router, remint_server::BootstrapKeyTooShort> {
//! let key = BootstrapKey::new("at least 32 characters of your secret store".replace(' ', "-").as_str())?;
//! let identity = IdentityService::new(keys).bootstrap_key(key).into_router(layer);
//! Ok(Router::new().merge(identity).fallback(remint_server::not_found))
//! # }
//! ```
//!
//! # What this crate is not
//!
//! It opens no socket and reads no settings. It counts nobody's requests by itself: a quota is given to
//! it ([`IdentityService::quota`]), and the usage that it shows is what a `MeterLayer` wrote.

mod body;
mod field;
pub mod identity;
mod json;
pub mod oauth;
mod openapi;
mod problem;

pub use identity::{BootstrapKey, BootstrapKeyTooShort, IdentityService, LeakReports, Operator};
pub use oauth::{AuthorizationServer, Client, DuplicateClient, Right};
pub use problem::Problem;

/// A handler that finds nothing: for the fallback of the router that this crate's are merged into.
pub async fn not_found() -> Problem {
    Problem::not_found()
}
