use axum::Router;
use axum::routing::get;
use remint::{LifetimeRule, Remint};
use remint_exchange::{ClientCredentials, ClientSecret, KeySource, RemoteExchanger, Url};

use super::settings::Settings;
use super::{AUDIENCE, EDGE, ISSUER, LONG, SECRET};
use crate::Outcome;

/// An edge that exchanges at the server, and follows its log over HTTP.
pub(super) async fn router(settings: &Settings) -> Outcome<Router> {
    let credentials = ClientCredentials::secret_basic(EDGE.parse()?, ClientSecret::new(SECRET));
    let at = |path: &str| Url::parse(&format!("http://{}{path}", settings.server));
    let exchanger = RemoteExchanger::builder(ISSUER.parse()?, AUDIENCE.parse()?, credentials)
        .token_endpoint(at("/oauth2/token")?)
        .revocation_log(at("/v1/revocations")?)
        .keys(KeySource::File(settings.key_set.clone()))
        .build()?;
    exchanger.start().await;
    let lifetime = LifetimeRule { max_ttl: LONG, ..LifetimeRule::default() };
    let edge = Remint::exchanging(ISSUER, AUDIENCE, exchanger).lifetime(lifetime);
    let edge = edge.max_staleness(settings.max_staleness).build().await?;
    // An edge serves before the server answers; the harness waits until it follows.
    edge.revocations().catch_up().await?;
    Ok(Router::new().route("/", get(|| async { "ok" })).layer(edge.layer()))
}
