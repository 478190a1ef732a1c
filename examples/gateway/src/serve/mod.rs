//! The edge and its listeners.

mod admin;
mod connections;
mod edge;
mod health;
mod http;
mod listener;
mod log;
mod metrics;
mod oauth;
mod patient;
mod slow_body;
mod stop;

use std::io::Write;

use self::health::Health;
pub(crate) use self::health::SERVICE;
use self::listener::Listener;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::store::Store;

/// Serves until the process is asked to end.
pub(crate) async fn run(settings: &Settings) -> Result<(), Failure> {
    log::start();
    let metrics = metrics::install()?;
    let stop = stop::signal()?;
    // Before anything is made on disk: two gateways on one address are a mistake.
    let http = Listener::bind(settings.listen.http, "listen.http").await?;
    let admin = Listener::bind(settings.listen.admin, "listen.admin").await?;
    let store = Store::open(&settings.api_keys.store.place).await?;
    let edge = edge::build(settings, &store).await?;
    let health = Health::new(&edge);

    let listeners = [
        (http, http::router(&edge, &store, &health, settings).await?),
        (admin, admin::router(metrics.clone(), &health)),
    ];
    let mut serving = Vec::new();
    let mut addresses = Vec::new();
    for (listener, router) in listeners {
        let Some(listener) = listener else { continue };
        addresses.push(format!("{}=http://{}", listener.name(), listener.address()));
        serving.push(listener.serve(router, settings.listen.limits));
    }
    let upkeep = metrics::upkeep(metrics);
    writeln!(std::io::stdout(), "ready {}", addresses.join(" "))?;

    stop.await;
    tracing::info!(target: "remint", "stopping: no new connections");
    listener::drain(serving).await;
    upkeep.abort();
    let written = edge.close().await;
    store.close().await;
    written.map_err(|error| Failure::unavailable("what was still in memory could not be written", &error))
}
