use remint::{Audience, Edge, IssuerId, JustInTimeProvisioning, Remint, RemintBuilder, RemintError};

use crate::failure::Failure;
use crate::pairing;
use crate::settings::{Log, Settings};
use crate::store::Store;

/// The edge that the settings describe, over this store.
pub(super) async fn build(settings: &Settings, store: &Store) -> Result<Edge, Failure> {
    let (issuer, keys) = (&settings.issuer, &settings.api_keys);
    let mut audiences = issuer.audience.iter().map(Audience::as_str);
    // The settings have at least one.
    let builder = Remint::builder(issuer.url.as_str(), audiences.next().unwrap_or_default());
    let mut edge = audiences
        .fold(builder, RemintBuilder::also_audience)
        .ttl(issuer.ttl)
        .max_token_length(issuer.max_length)
        .algorithm(issuer.algorithm)
        .keys_in(&issuer.keys.path)
        .http(settings.http.as_ref().clone())
        .credential_rules(settings.credentials.clone())
        .api_keys(store.ports())
        .key_format(keys.format.clone())
        .accept(keys.accept.iter().cloned())
        .cache_capacity(settings.cache.capacity)
        .lifetime(settings.cache.lifetime)
        .max_waiting(settings.cache.max_waiting)
        .failure_limits(settings.failures)
        .max_staleness(settings.revocation.max_staleness)
        .wait_at_most(settings.cache.max_wait);
    if let Some(dpop) = &settings.dpop {
        edge = edge.dpop(dpop.verifier(store.replays()).map_err(|error| Failure::refused(error.to_string()))?);
    }
    if settings.revocation.log == Log::Process {
        edge = edge.revocations_in_process();
    }
    if let Some(every) = issuer.rotate_every {
        edge = edge.rotate_every(every);
    }
    if let Some(given) = &issuer.given {
        edge = edge.signing_key(given.signing_key().map_err(Failure::refused)?);
        edge = given.also_publish.iter().cloned().fold(edge, RemintBuilder::also_publish);
    }
    if let Some(peppers) = &keys.peppers {
        edge = edge.peppers(peppers.clone());
    }
    for trust in &settings.trusts {
        edge = edge.trust(trust.trust.clone());
    }
    let just_in_time: Vec<IssuerId> =
        settings.trusts.iter().filter(|trust| trust.just_in_time).map(|trust| trust.issuer.clone()).collect();
    if !just_in_time.is_empty() {
        edge = edge.just_in_time(JustInTimeProvisioning::of(just_in_time));
    }
    edge.build().await.map_err(|error| match error {
        RemintError::Pairing(error) => pairing::failed(&error),
        error => Failure::unavailable("the edge cannot be built", &error),
    })
}
