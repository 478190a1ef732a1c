//! What a gateway says that was started without a file of settings.

use std::path::Path;

use crate::settings::{Place, Settings};

/// Says what is made and where, before it is made, and what nobody can do with these settings.
pub(super) fn tell(settings: &Settings) {
    tracing::info!(target: "remint", "there is no `--config FILE`: the defaults apply, and REMINT__ variables");
    if settings.exchange.is_some() {
        return;
    }
    match &settings.api_keys.store.place {
        Place::Memory => {
            tracing::info!(target: "remint", "users and API keys are in memory, and end with this process")
        }
        Place::Sqlite(path) => {
            tracing::info!(target: "remint", "users and API keys are in {}{}", absolute(path), made_if_absent(path));
        }
        Place::Postgres(_) => {}
    }
    if settings.issuer.given.is_none() {
        let keys = &settings.issuer.keys.path;
        tracing::info!(target: "remint", "signing keys and the pepper are in {}{}", absolute(keys), made_if_absent(keys));
    }
    if settings.clients.is_empty() {
        tracing::info!(target: "remint", "there is no `[[clients]]`: nobody gets a token at /oauth2/token");
    }
}

fn absolute(path: &Path) -> String {
    std::path::absolute(path).as_deref().unwrap_or(path).display().to_string()
}

fn made_if_absent(path: &Path) -> &'static str {
    if path.exists() { "" } else { ", which is not there and is made now" }
}
