use std::sync::Arc;

use remint::{
    ApiKey, ApiKeyRecord, ApiKeys, AuditActor, KeyId, NewKey, NewUser, Pepper, Peppers, RotateKey, StoreError,
    TimeSpan, Unavailable, UserId,
};

use super::KeyView;
use super::args::Request;
use super::log_of_store::LogOfStore;
use crate::failure::Failure;
use crate::pairing;
use crate::settings::{Place, Settings};
use crate::store::{self, Store};
use crate::terminal::caution_unverified;

/// The store itself. [`Direct::close`] ends it.
#[derive(Debug)]
pub(super) struct Direct {
    keys: ApiKeys,
    store: Store,
}

impl Direct {
    /// Users and keys of the store, changed by the account at this terminal. It asks what a gateway asks at its start.
    pub(super) async fn open(settings: &Settings) -> Result<Self, Failure> {
        let place = place(settings)?;
        pairing::check_store_is_there(settings, place).await?;
        let store = Store::open(place, settings.api_keys.pool_size).await?;
        let secrets = pairing::secrets(settings).signing_nothing();
        match pairing::of(store.ports(), secrets).start().await {
            Ok(paired) => Ok(Self::new(store, paired.peppers().clone(), settings)),
            Err(error) => {
                store.close().await;
                Err(pairing::failed(&error))
            }
        }
    }

    /// What is there, for a command that only reads. It asks for no secret, and makes no store.
    pub(super) async fn read(settings: &Settings) -> Result<Self, Failure> {
        let place = place(settings)?;
        if !store::exists(place).await? {
            return Err(Failure::refused("there is no store yet: the first start of the gateway makes it"));
        }
        let store = Store::open(place, settings.api_keys.pool_size).await?;
        match no_pepper() {
            Ok(peppers) => Ok(Self::new(store, peppers, settings)),
            Err(error) => {
                store.close().await;
                Err(error)
            }
        }
    }

    /// The same as [`open`](Self::open) for a rehearsal, which makes nothing: where there is no store yet, an empty one that ends
    /// with this process; where there is no pepper yet, one under which no key was imported.
    pub(super) async fn rehearse(settings: &Settings) -> Result<Self, Failure> {
        let place = place(settings)?;
        pairing::check_store_is_there(settings, place).await?;
        let place = if store::exists(place).await? { place } else { &Place::Memory };
        let store = Store::open(place, settings.api_keys.pool_size).await?;
        let secrets = pairing::secrets(settings).signing_nothing();
        let peppers = match pairing::of(store.ports(), secrets).rehearse().await {
            Err(error) => {
                store.close().await;
                return Err(pairing::failed(&error));
            }
            Ok(Some(peppers)) => peppers,
            Ok(None) => no_pepper()?,
        };
        Ok(Self::new(store, peppers, settings))
    }

    fn new(store: Store, peppers: Peppers, settings: &Settings) -> Self {
        let keys = ApiKeys::new(store.ports(), peppers, Arc::new(LogOfStore::of(&store)))
            .with_format(settings.api_keys.format.clone())
            .accepting(settings.api_keys.accept.clone())
            .acting_as(AuditActor::Operator { account: account() });
        Self { keys, store }
    }

    pub(super) const fn keys(&self) -> &ApiKeys {
        &self.keys
    }

    /// Ends it, so that the file is whole by itself when this process has ended: a copy of it misses nothing.
    pub(super) async fn close(self) {
        self.store.close().await;
    }

    pub(super) async fn create(&self, request: &Request) -> Result<KeyView, Failure> {
        if request.create_user && self.user_is_missing(&request.user).await? {
            let mut user = NewUser::new(request.user.clone());
            user = user.with_scopes(request.user_scopes().unwrap_or_default()).with_roles(request.roles.clone());
            if let Some(tenant) = &request.tenant {
                user = user.with_tenant(tenant.clone());
            }
            self.keys.create_user(user).await.map_err(failed)?;
        }
        let mut new = NewKey::new(request.user.clone(), request.environment).with_networks(request.networks.clone());
        if let Some(name) = &request.name {
            new = new.with_name(name.clone());
        }
        if let Some(scopes) = &request.scopes {
            new = new.with_scopes(scopes.clone());
        }
        if let Some(span) = request.expires_in {
            new = new.expiring_in(span.duration());
        }
        if let Some(right) = &request.act_for {
            new = new.acting_for(right.clone());
        }
        match self.keys.create(new).await {
            Ok((key, record)) => Ok(self.made(&key, record).await),
            Err(StoreError::UnknownUser) => Err(request.no_user()),
            Err(error) => Err(failed(error)),
        }
    }

    pub(super) async fn list(&self, user: &UserId) -> Result<Vec<KeyView>, Failure> {
        if self.user_is_missing(user).await? {
            return Err(Failure::Refused(format!("there is no user {user}")));
        }
        let keys = self.keys.list(user).await.map_err(unavailable)?;
        Ok(keys.into_iter().map(KeyView::from).collect())
    }

    pub(super) async fn rotate(&self, id: &KeyId, overlap: TimeSpan) -> Result<KeyView, Failure> {
        let rotated =
            self.keys.rotate(RotateKey::new(id.clone()).overlapping(overlap.duration())).await.map_err(failed)?;
        Ok(self.made(&rotated.key, rotated.new).await)
    }

    async fn made(&self, key: &ApiKey, record: ApiKeyRecord) -> KeyView {
        // The key is made: that its user cannot be read does not keep it back.
        let user = self.keys.user(&record.user).await.ok().flatten();
        let without_effect = user.map(|user| record.scopes_without_effect(&user.scopes)).unwrap_or_default();
        let scopes_without_effect = without_effect.iter().map(str::to_owned).collect();
        KeyView { scopes_without_effect, ..KeyView::made(key, record) }
    }

    pub(super) async fn revoke(&self, id: &KeyId, cascade: bool) -> Result<(), Failure> {
        let found = if cascade {
            self.keys.revoke_with_descendants(id).await.map(|ended| ended.is_known())
        } else {
            self.keys.revoke(id).await.map(|key| key.is_some())
        };
        if found.map_err(unavailable)? { Ok(()) } else { Err(Failure::Refused(format!("there is no key {id}"))) }
    }

    async fn user_is_missing(&self, user: &UserId) -> Result<bool, Failure> {
        Ok(self.keys.user(user).await.map_err(unavailable)?.is_none())
    }
}

fn place(settings: &Settings) -> Result<&Place, Failure> {
    match &settings.api_keys.store.place {
        Place::Memory => {
            Err(Failure::refused("with api_keys.store = \"memory:\" the keys are in the gateway, and none runs"))
        }
        place => {
            if let Place::Postgres(url) = place {
                caution_unverified(url);
            }
            Ok(place)
        }
    }
}

pub(super) fn failed(error: StoreError) -> Failure {
    match error {
        StoreError::Unavailable(error) => unavailable(error),
        refused => Failure::Refused(refused.to_string()),
    }
}

pub(super) fn unavailable(error: Unavailable) -> Failure {
    Failure::unavailable("the store did not do it", &error)
}

/// Whoever sits there may say so: it is for the reader of the audit trail, and decides nothing.
fn account() -> Option<String> {
    ["SUDO_USER", "LOGNAME", "USER", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok())
}

/// Peppers for what makes no keys and verifies none.
fn no_pepper() -> Result<Peppers, Failure> {
    let pepper = Pepper::from_text(UNUSED);
    Ok(Peppers::new(pepper.map_err(|error| Failure::unavailable("a pepper cannot be made", &error))?))
}

/// Nothing is stored under it.
const UNUSED: &str = "the pepper of a rehearsal";
