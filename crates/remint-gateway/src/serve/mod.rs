//! The edge and its listeners.

mod activity;
mod addresses;
mod admin;
mod admission;
mod connections;
mod edge;
mod health;
mod host;
mod http;
mod listener;
mod log;
mod metrics;
mod oauth;
#[cfg(unix)]
mod operator;
mod patient;
mod problem;
mod process;
mod reserve;
mod slow_body;
mod stop;
mod without_file;

use std::io::Write;

use axum::Router;
use metrics_exporter_prometheus::PrometheusHandle;
use remint::Edge;
use remint_authorization_server::Followers;

use self::health::Health;
#[cfg(unix)]
pub(crate) use self::health::SERVICE;
use self::listener::{Listener, Serving};
pub(crate) use self::log::with_warnings;
use crate::failure::Failure;
use crate::pairing;
use crate::settings::Settings;
use crate::store::Store;

/// Serves until the process is asked to end. `has_file` is whether the settings are somebody's, or the defaults.
pub(crate) async fn run(settings: &Settings, has_file: bool) -> Result<(), Failure> {
    let stop = stop::signal()?;
    log::start();
    for warning in settings.warnings.lines() {
        tracing::warn!(target: "remint", "{warning}");
    }
    if !has_file {
        without_file::tell(settings);
    }
    let metrics = metrics::install()?;
    // Before anything is made on disk: two gateways on one address are a mistake.
    let http = Listener::bind(settings.listen.http, "listen.http").await?;
    let admin = Listener::bind(settings.listen.admin, "listen.admin").await?;
    let listeners = (http, admin);
    match &settings.exchange {
        Some(exchange) => {
            exchange.exchanger.start().await;
            let health = Health::of_server(&exchange.exchanger);
            let admin = admin::router(metrics.clone(), &health, &settings.listen.admin_hosts);
            serve(listeners, (http::health_alone(&health), admin), None, settings, metrics, stop).await
        }
        None => {
            pairing::check_store_is_there(settings, &settings.api_keys.store.place).await?;
            let store = Store::open(&settings.api_keys.store.place, settings.api_keys.pool_size).await?;
            let edge = match edge::build(settings, &store).await {
                Ok(edge) => edge,
                Err(failure) => {
                    // Nothing of it is left beside the file that may take its place.
                    store.close().await;
                    return Err(failure);
                }
            };
            let health = Health::new(&edge, store.replays());
            let admin = admin::router(metrics.clone(), &health, &settings.listen.admin_hosts);
            let followers = Followers::of(edge.revocations().log());
            let router = http::router(&edge, &store, &health, &followers, settings).await?;
            let operators = operators(&edge, settings).await?;
            let stop = async {
                stop.await;
                followers.stop();
            };
            serve(listeners, (router, admin), operators, settings, metrics, stop).await?;
            let written = edge.close().await;
            store.close().await;
            written.map_err(|error| Failure::unavailable("what was still in memory could not be written", &error))
        }
    }
}

/// The socket for the command line on this machine.
#[cfg(unix)]
async fn operators(edge: &Edge, settings: &Settings) -> Result<Option<Serving>, Failure> {
    operator::start(edge, settings).await
}

/// There are no Unix sockets: the command line changes the store itself while no gateway runs.
#[cfg(not(unix))]
async fn operators(_: &Edge, _: &Settings) -> Result<Option<Serving>, Failure> {
    Ok(None)
}

/// Says where it listens, and serves until `stop`; then until what has begun is finished.
async fn serve(
    listeners: (Option<Listener>, Option<Listener>),
    routers: (Router, Router),
    operators: Option<Serving>,
    settings: &Settings,
    metrics: PrometheusHandle,
    stop: impl Future<Output = ()>,
) -> Result<(), Failure> {
    let mut serving: Vec<Serving> = operators.into_iter().collect();
    let mut addresses = Vec::new();
    for (listener, router) in [(listeners.0, routers.0), (listeners.1, routers.1)] {
        let Some(listener) = listener else { continue };
        addresses.push(format!("{}=http://{}", listener.name(), listener.address()));
        serving.push(listener.serve(router, &settings.listen));
    }
    let upkeep = metrics::upkeep(metrics);
    writeln!(std::io::stdout(), "ready {}", addresses.join(" "))?;

    stop.await;
    tracing::info!(target: "remint", "stopping: no new connections");
    listener::drain(serving).await;
    upkeep.abort();
    Ok(())
}
