use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Extensions, Request, header};
use axum::response::IntoResponse;
use axum::routing::{get, post_service};
use axum::{Json, Router};
use remint::{ClientAddrLayer, ClientCertificateLayer, Edge, Quota, QuotaLayer, SystemClock};
use remint_authorization_server::{Followers, REVOCATION_LOG_PATH, describe_revocation_log};
use remint_identity_service::{IdentityService, LeakReports, Problem, not_found};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::health::{self, Health};
use super::oauth;
use crate::failure::Failure;
use crate::settings::{ClientCertHeader, Listen, Settings};
use crate::store::Store;

/// What is for everybody: the authorization server with the public keys, the identity service, health.
pub(super) async fn router(
    edge: &Edge,
    store: &Store,
    health: &Health,
    followers: &Followers,
    settings: &Settings,
) -> Result<Router, Failure> {
    let identity = identity(edge, settings)?.into_router(edge.layer());
    let openapi = openapi(&identity, &settings.listen.public_url).await?;
    Ok(Router::new()
        .route("/openapi.json", get(move || std::future::ready(openapi.clone().into_response())))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready).with_state(health.clone()))
        .merge(oauth::router(edge, store, followers, settings)?)
        // One path, two services: clients read the log, administrators add to it.
        .route(REVOCATION_LOG_PATH, post_service(identity.clone()))
        .fallback_service(identity.fallback(not_found))
        .method_not_allowed_fallback(method_not_allowed)
        // Before everything that looks at a credential: a key may be bound to networks.
        .layer(ClientAddrLayer::peer(peer).trusting(settings.listen.trusted_proxies.iter().copied()))
        // The same, of tokens and certificates.
        .layer(client_certificate(&settings.listen)))
}

/// Takes the header away from everybody, and believes it of the proxies.
fn client_certificate(listen: &Listen) -> ClientCertificateLayer {
    let (layer, proxies) = (ClientCertificateLayer::peer(peer), listen.trusted_proxies.iter().copied());
    match listen.client_cert_header {
        ClientCertHeader::Nowhere => layer,
        ClientCertHeader::Rfc9440 => layer.trusting(proxies),
        ClientCertHeader::Envoy => layer.trusting_envoy(proxies),
    }
}

/// What is for everybody where a server has the rest.
pub(super) fn health_alone(health: &Health) -> Router {
    Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready).with_state(health.clone()))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
}

/// A known path, asked in a way that it does not answer.
pub(super) async fn method_not_allowed() -> Problem {
    Problem::method_not_allowed()
}

/// Users and keys.
pub(super) fn identity(edge: &Edge, settings: &Settings) -> Result<IdentityService, Failure> {
    let Some(keys) = edge.api_keys() else { return Err(Failure::refused("there is no store for users and keys")) };
    let mut service = IdentityService::new(keys.clone())
        .sign_up_policy(settings.api_keys.sign_up.iter().copied())
        .credential_rules(settings.credentials.clone())
        .map_err(|error| Failure::refused(error.to_string()))?;
    if let Some(bootstrap) = &settings.bootstrap {
        let key = bootstrap.key.clone();
        service = if bootstrap.on_http { service.bootstrap_key(key) } else { service.refused_bootstrap_key(key) };
    }
    if let Some(plans) = &settings.quota {
        let quota = Quota::in_memory(plans.clone(), SystemClock);
        service = service.quota(QuotaLayer::new(quota));
    }
    if let Some(uri) = &settings.public_keys_uri {
        service = service.leak_reports(LeakReports::new(uri.clone(), Arc::clone(&settings.http) as _));
    }
    Ok(service)
}

/// The service's description of itself, with the address at which others reach it.
async fn openapi(identity: &Router, public_url: &str) -> Result<impl IntoResponse + Clone + use<>, Failure> {
    let unreadable = |error: &(dyn std::error::Error + 'static)| Failure::unavailable("openapi.json", error);
    let request = Request::get("/openapi.json").body(Body::empty()).map_err(|error| unreadable(&error))?;
    let answer = match identity.clone().oneshot(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    };
    let document = to_bytes(answer.into_body(), MAX_DOCUMENT).await.map_err(|error| unreadable(&error))?;
    let mut document: Value = serde_json::from_slice(&document).map_err(|error| unreadable(&error))?;
    if let Some(members) = document.as_object_mut() {
        members.insert("servers".into(), json!([{ "url": public_url }]));
    }
    describe_revocation_log(&mut document);
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(document)))
}

fn peer(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip())
}

const MAX_DOCUMENT: usize = 4 << 20;
