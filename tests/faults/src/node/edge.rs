use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use remint::Clock as _;
use remint::{
    Environment, LifetimeRule, NewKey, NewUser, Remint, Revocation, RevocationWriter, Stamp, SystemClock, Target,
    Trust, Unavailable, UserId,
};

use super::clock::Wrong;
use super::settings::{MadeKey, NewUsers, Revoke, Sabotage, Settings};
use super::store::Store;
use super::{AUDIENCE, ISSUER, LONG};
use crate::Outcome;

/// What the harness orders an edge to do.
#[derive(Clone)]
struct Controlled {
    edge: remint::Edge,
    log: Arc<dyn RevocationWriter>,
}

pub(super) async fn router(settings: &Settings) -> Outcome<Router> {
    let (edge, log) = built(settings).await?;
    let controlled = Controlled { edge: edge.clone(), log };
    Ok(Router::new()
        .route("/", get(token))
        .layer(edge.layer())
        .route("/control/users", post(make_users))
        .route("/control/revoke", post(revoke))
        .route("/control/key-set", get(key_set))
        .with_state(controlled))
}

/// The edge and the log of its store.
pub(super) async fn built(settings: &Settings) -> Outcome<(remint::Edge, Arc<dyn RevocationWriter>)> {
    let store = Store::open(&settings.store).await?;
    // What is cached stays so for the whole run: nothing but a revocation ends it.
    let lifetime = LifetimeRule { max_ttl: LONG, ..LifetimeRule::default() };
    let trust = Trust::oidc(&settings.provider, AUDIENCE).named("idp").any_scope();
    let builder = Remint::builder(ISSUER, AUDIENCE).keys_in(&settings.keys).ttl(LONG).lifetime(lifetime).trust(trust);
    let mut builder =
        store.given_to(builder.max_staleness(settings.max_staleness).clock(Wrong { ahead: settings.clock_ahead }));
    if settings.fault == Some(Sabotage::IgnoresRows) {
        builder = builder.revocations_in_process();
    }
    let edge = builder.build().await?;
    Ok((edge, store.log()))
}

/// Answers with the internal token, so that the harness can send it to a service.
async fn token(headers: HeaderMap) -> String {
    let token = headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    token.unwrap_or_default().to_owned()
}

async fn key_set(State(controlled): State<Controlled>) -> Vec<u8> {
    controlled.edge.issuer().jwks().to_vec()
}

async fn make_users(
    State(controlled): State<Controlled>,
    Json(new): Json<NewUsers>,
) -> Result<Json<Vec<MadeKey>>, (StatusCode, String)> {
    let failed =
        |error: Box<dyn std::error::Error + Send + Sync>| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
    let mut made = Vec::with_capacity(new.count);
    for number in new.first..new.first + new.count {
        made.push(make_user(&controlled.edge, number).await.map_err(failed)?);
    }
    Ok(Json(made))
}

async fn make_user(edge: &remint::Edge, number: usize) -> Outcome<MadeKey> {
    let keys = edge.api_keys().ok_or("no store")?;
    let user: UserId = format!("user-{number}").parse()?;
    keys.create_user(NewUser::new(user.clone())).await?;
    let (key, record) = keys.create(NewKey::new(user.clone(), Environment::Live)).await?;
    Ok(MadeKey { key: key.expose_secret().to_owned(), id: record.id.to_string(), user: user.to_string() })
}

async fn revoke(
    State(controlled): State<Controlled>,
    Json(order): Json<Revoke>,
) -> Result<Json<Stamp>, (StatusCode, String)> {
    let stamp = match <[Target; 1]>::try_from(order.targets) {
        Ok([target]) => controlled.edge.revoke(target).await,
        Err(targets) => many(&controlled, targets).await,
    };
    stamp.map(Json).map_err(|error| (StatusCode::SERVICE_UNAVAILABLE, error.to_string()))
}

/// All of them in one transaction of the log, and read here before it is acknowledged: as one by itself is.
async fn many(controlled: &Controlled, targets: Vec<Target>) -> Result<Stamp, Unavailable> {
    let rows: Vec<_> = targets.into_iter().map(|target| Revocation::ended(target, SystemClock.now())).collect();
    let written = controlled.log.append(&rows).await?;
    _ = controlled.edge.revocations().catch_up().await;
    Ok(written)
}
