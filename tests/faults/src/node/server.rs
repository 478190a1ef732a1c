use std::sync::Arc;

use axum::Router;
use remint::MemoryReplays;
use remint_authorization_server::{AuthorizationServer, Client, Followers, Right};

use super::settings::Settings;
use super::{AUDIENCE, EDGE, SECRET, edge};
use crate::Outcome;

/// The token endpoint and the log, for edges that hold no keys.
pub(super) async fn router(settings: &Settings) -> Outcome<Router> {
    let (edge, _) = edge::built(settings).await?;
    let authority = edge.authority().ok_or("it mints nothing")?.clone();
    let keys = edge.api_keys().ok_or("no store")?.clone();
    let client = Client::with_secret(EDGE.parse()?, SECRET).may([Right::Exchange, Right::Follow]).edge();
    let client = client.audiences([AUDIENCE.parse()?]);
    let server =
        AuthorizationServer::new(authority, Arc::clone(edge.issuer()), Arc::new(MemoryReplays::new(MOST_REPLAYS)))
            .at(format!("http://{}", settings.listen))
            .api_keys(keys)
            .client(client)
            .followers(Followers::of(edge.revocations().log()));
    Ok(server.into_router()?)
}

const MOST_REPLAYS: usize = 1000;
