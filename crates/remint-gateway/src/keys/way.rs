use std::io::{Write as _, stderr};

use remint::{KeyId, TimeSpan, UserId};

use super::api::Api;
use super::args::Request;
use super::direct::Direct;
use super::{KeyView, find};
use crate::failure::Failure;
use crate::settings::{Place, Settings};

/// How the store is reached.
#[derive(Debug)]
pub(super) enum Way {
    /// Through a gateway that runs here and follows no log but its own: its cache learns of each change.
    Gateway {
        api: Box<Api>,
        /// How many more serve the same store here.
        others: usize,
    },
    /// Directly: gateways follow the log that is in it, or none runs.
    Store(Box<Direct>),
}

impl Way {
    pub(super) async fn find(settings: &Settings) -> Result<Self, Failure> {
        if settings.gateways_follow_store() {
            return Ok(Self::Store(Box::new(Direct::open(settings).await?)));
        }
        let mut gateways = find::gateways(settings).await?.into_iter();
        match gateways.next() {
            Some(api) => Ok(Self::Gateway { api: Box::new(api), others: gateways.len() }),
            None => Ok(Self::Store(Box::new(Direct::open(settings).await?))),
        }
    }

    /// The same for what only reads: a gateway that cannot be asked is no reason to leave the store unread.
    pub(super) async fn for_reading(settings: &Settings) -> Result<Self, Failure> {
        let gateway = if settings.gateways_follow_store() { None } else { find::one_that_answers(settings).await };
        match gateway {
            Some(api) => Ok(Self::Gateway { api: Box::new(api), others: 0 }),
            None => Ok(Self::Store(Box::new(Direct::read(settings).await?))),
        }
    }

    pub(super) async fn create(&self, request: &Request) -> Result<KeyView, Failure> {
        match self {
            Self::Gateway { api, .. } => api.create(request).await,
            Self::Store(store) => store.create(request).await,
        }
    }

    pub(super) async fn list(&self, user: &UserId) -> Result<Vec<KeyView>, Failure> {
        match self {
            Self::Gateway { api, .. } => api.list(user).await,
            Self::Store(store) => store.list(user).await,
        }
    }

    pub(super) async fn rotate(&self, id: &KeyId, overlap: TimeSpan) -> Result<KeyView, Failure> {
        match self {
            Self::Gateway { api, .. } => api.rotate(id, overlap).await,
            Self::Store(store) => store.rotate(id, overlap).await,
        }
    }

    pub(super) async fn revoke(&self, id: &KeyId, cascade: bool) -> Result<(), Failure> {
        match self {
            Self::Gateway { api, .. } => api.revoke(id, cascade).await,
            Self::Store(store) => store.revoke(id, cascade).await,
        }
    }

    pub(super) async fn close(self) {
        if let Self::Store(store) = self {
            store.close().await;
        }
    }

    /// Says who does not hear of a change that went past them: a server's database may have gateways
    /// on other machines.
    pub(super) fn caution(&self, settings: &Settings) {
        if settings.gateways_follow_store() {
            return;
        }
        let max_ttl = humantime::format_duration(settings.cache.lifetime.max_ttl);
        let said = match (self, &settings.api_keys.store.place) {
            (Self::Gateway { others: 1.., .. }, _) => {
                format!("Other gateways here over the same store may go on from their caches for {max_ttl}.")
            }
            (Self::Store(_), Place::Postgres(_)) => {
                format!(
                    "No gateway runs here. One elsewhere over the same database may go on from its cache for {max_ttl}."
                )
            }
            _ => return,
        };
        _ = writeln!(stderr(), "{said}");
    }
}
