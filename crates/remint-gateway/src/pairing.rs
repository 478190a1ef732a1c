//! The store and the secrets of these settings, as halves that belong together.

use std::sync::Arc;

use remint::{KeyStore, Pairing, PairingError, SecretSources, SystemClock};

use crate::failure::{Failure, with_causes};
use crate::settings::{Place, Settings};
use crate::store;

/// The pairing of a store with the secrets of these settings.
pub(crate) fn of(store: Arc<dyn KeyStore>, secrets: SecretSources) -> Pairing {
    Pairing::new(store, secrets, SystemClock)
}

/// Where the secrets come from.
pub(crate) fn secrets(settings: &Settings) -> SecretSources {
    let mut secrets = SecretSources::folder(&settings.issuer.keys.path);
    if let Some(peppers) = &settings.api_keys.peppers {
        secrets = secrets.with_peppers(peppers.clone());
    }
    if settings.issuer.given.is_some() {
        secrets = secrets.with_given_signing_keys();
    }
    secrets
}

/// Refuses, before a store is opened, to make one in the place of the store that the key folder records.
pub(crate) async fn check_store_is_there(settings: &Settings, place: &Place) -> Result<(), Failure> {
    let folder = &settings.issuer.keys.path;
    let uses_folder = settings.issuer.given.is_none();
    if !uses_folder || matches!(place, Place::Memory) {
        return Ok(());
    }
    if let Some(recorded) = Pairing::recorded_store(folder).map_err(|error| failed(&error))?
        && !store::exists(place).await?
    {
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
        return Err(failed(&PairingError::NoStore { folder, recorded, place: place.for_people() }));
    }
    Ok(())
}

/// What may work the next time is not the operator's mistake.
pub(crate) fn failed(error: &PairingError) -> Failure {
    if error.is_passing() { Failure::Unavailable(with_causes(error)) } else { Failure::refused(with_causes(error)) }
}
