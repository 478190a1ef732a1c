use std::sync::Arc;

use axum::Router;
use remint::Edge;
use remint_authorization_server::{AuthorizationServer, Followers};

use crate::failure::Failure;
use crate::settings::Settings;
use crate::store::Store;

/// The authorization server, with the clients of the settings.
pub(super) fn router(
    edge: &Edge,
    store: &Store,
    followers: &Followers,
    settings: &Settings,
) -> Result<Router, Failure> {
    let Some(authority) = edge.authority() else { return Err(Failure::refused("the edge holds no keys")) };
    let server = AuthorizationServer::new(authority.clone(), Arc::clone(edge.issuer()), store.replays())
        .at(settings.listen.public_url.as_str())
        .answer_within(settings.issuer.answer_within)
        .id_tokens(Arc::clone(edge.id_tokens()))
        .revocation_endpoint()
        .followers(followers.clone());
    let server = match edge.api_keys() {
        Some(keys) => server.api_keys(keys.clone()),
        None => server,
    };
    let server = match &settings.issuer.trust_domain {
        Some(domain) => server.transactions(domain.clone()),
        None => Ok(server),
    };
    let server = server.map_err(|error| Failure::refused(error.to_string()))?;
    let server = settings.clients.iter().fold(server, |server, settings| {
        if settings.has_short_secret {
            let client = settings.client.id();
            tracing::warn!(target: "remint", %client, "the secret of a client has less than 32 characters");
        }
        server.client(settings.client.clone())
    });
    server.into_router().map_err(|error| Failure::refused(error.to_string()))
}
