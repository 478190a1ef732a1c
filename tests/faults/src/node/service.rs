use axum::Router;
use axum::routing::get;
use remint::{SystemClock, Verifier};
use remint_revocation::Revocations;

use super::settings::Settings;
use super::store::Store;
use super::{AUDIENCE, ISSUER};
use crate::Outcome;

pub(super) async fn router(settings: &Settings) -> Outcome<Router> {
    let store = Store::open(&settings.store).await?;
    let revocations = Revocations::follow_only(store.log(), SystemClock).await?;
    let verifier = Verifier::builder(ISSUER.parse()?, AUDIENCE.parse()?)
        .jwks_file(&settings.key_set)
        .revocations(revocations.with_max_staleness(settings.max_staleness))
        .build()
        .await?;
    Ok(Router::new().route("/", get(|| async { "ok" })).layer(verifier.layer()))
}
