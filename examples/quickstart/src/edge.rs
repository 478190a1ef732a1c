use axum::Router;
use axum::body::Body;
use axum::routing::get;
use remint::{Algorithm, Edge, Remint, Sqlite, Trust};

use crate::Outcome;
use crate::proxy::Proxy;

/// The audience of internal tokens: every service behind the edge.
pub(crate) const AUDIENCE: &str = "internal";

/// The edge: whom it trusts, and where users and their keys are kept.
///
/// Keys and users live in memory here and end with the process. A service of yours leaves out
/// `ephemeral_keys` and opens a file: `Sqlite::open("keys.db")`.
pub(crate) async fn build(url: &str, trust: Trust) -> Outcome<Edge> {
    let store = Sqlite::in_memory().await?;
    Ok(Remint::builder(url, AUDIENCE).trust(trust).api_keys(store).ephemeral_keys().build().await?)
}

/// The edge's routes: its public keys, and everything else with one internal token to the service
/// behind.
pub(crate) fn app(edge: &Edge, proxy: Proxy) -> Router {
    let keys = edge.clone();
    Router::new()
        .fallback(move |request| proxy.forward(request))
        .layer(edge.layer())
        // After the layer, so it is public.
        .route("/.well-known/jwks.json", get(|| async move { keys.jwks_response().map(Body::from) }))
}

/// Trust in the demo provider. What is not named does not pass: other tenants, other scopes, roles, groups.
pub(crate) fn trust_demo(issuer: &str, audience: &str) -> Trust {
    Trust::oidc(issuer, audience)
        .named("demo")
        .algorithms([Algorithm::Rs256])
        .tenants(["acme"])
        .allow_scopes(["orders:read"])
        .map_claim("plan", "app_metadata.plan")
}

/// Trust in a provider of yours. All its tenants, scopes, roles and groups pass, so that you see what its
/// tokens say; a service would name those it expects.
pub(crate) fn trust_real(issuer: &str, audience: &str) -> Trust {
    Trust::oidc(issuer, audience)
        .algorithms([Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDSA])
        .any_tenant()
        .any_scope()
        .any_role()
        .any_group()
}
