use std::io::{Write as _, stderr};
use std::time::Duration;

use remint::{KeyId, UserId};

use super::KeyView;
use super::api::{Api, Found};
use super::args::Request;
use super::direct::Direct;
use crate::failure::Failure;
use crate::settings::{Place, Settings};

/// How the store is reached.
#[derive(Debug)]
pub(super) enum Way {
    /// Through the gateway that runs: its cache learns of each change.
    Gateway(Box<Api>),
    /// Directly: nobody else holds anything of it.
    Store(Box<Direct>),
}

impl Way {
    pub(super) async fn find(settings: &Settings) -> Result<Self, Failure> {
        let Some(address) = settings.listen.http else {
            return Ok(Self::Store(Box::new(Direct::open(settings).await?)));
        };
        match Api::find(address, settings.bootstrap.as_ref()).await? {
            Found::Gateway(api) => Ok(Self::Gateway(Box::new(api))),
            Found::Nobody => Ok(Self::Store(Box::new(Direct::open(settings).await?))),
        }
    }

    pub(super) async fn create(&self, request: &Request) -> Result<KeyView, Failure> {
        match self {
            Self::Gateway(api) => api.create(request).await,
            Self::Store(store) => store.create(request).await,
        }
    }

    pub(super) async fn list(&self, user: &UserId) -> Result<Vec<KeyView>, Failure> {
        match self {
            Self::Gateway(api) => api.list(user).await,
            Self::Store(store) => store.list(user).await,
        }
    }

    pub(super) async fn rotate(&self, id: &KeyId, overlap: Duration) -> Result<KeyView, Failure> {
        match self {
            Self::Gateway(api) => api.rotate(id, overlap).await,
            Self::Store(store) => store.rotate(id, overlap).await,
        }
    }

    pub(super) async fn revoke(&self, id: &KeyId, cascade: bool) -> Result<(), Failure> {
        match self {
            Self::Gateway(api) => api.revoke(id, cascade).await,
            Self::Store(store) => store.revoke(id, cascade).await,
        }
    }

    /// Says who does not hear of a change that went past them: a server's database may have gateways
    /// on other machines.
    pub(super) fn caution(&self, settings: &Settings) {
        if matches!((self, &settings.api_keys.store.place), (Self::Store(_), Place::Postgres(_))) {
            let max_ttl = humantime::format_duration(settings.cache.lifetime.max_ttl);
            _ = writeln!(
                stderr(),
                "No gateway runs here. One elsewhere over the same database may go on from its cache for {max_ttl}."
            );
        }
    }
}
