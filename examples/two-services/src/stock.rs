//! The service behind the edge: it has no credentials and no store, only the address of the
//! edge's public keys.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use remint_verify::{Caller, RequireLayer, Verifier};

use crate::{AUDIENCE, ISSUER, Outcome};

/// The stock, which verifies by the keys at this address.
///
/// # Errors
///
/// If that is no address that may be used. Keys that cannot be had *yet* are no error: until they
/// are there, requests are answered with 503.
pub async fn app(jwks: impl Into<String>) -> Outcome<Router> {
    let verifier = Verifier::builder(ISSUER.parse()?, AUDIENCE.parse()?).jwks_uri(jwks).build().await?;
    Ok(Router::new()
        .route("/items/{item}", get(item).layer(RequireLayer::scopes(["stock:read"])))
        .layer(verifier.layer()))
}

/// The same [`Caller`] as at the edge.
async fn item(caller: Caller, Path(item): Path<String>) -> String {
    format!("{} (asked by {}, with {} as credential)\n", item.len(), caller.subject, caller.credential.kind())
}
