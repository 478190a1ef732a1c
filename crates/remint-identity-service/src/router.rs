use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, map_response};
use axum::response::Response;
use axum::routing::{any, get};
use http::{HeaderValue, header};
use remint_core::Environment;
use remint_http_api::{Problem, not_found};
use remint_tower::{NormalizeLayer, QuotaLayer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::actor::AdminEnvironment;
use crate::bootstrap::BootstrapLayer;
use crate::identity_service::IdentityService;
use crate::openapi;
use crate::operator::only_operators;
use crate::resources::Resources;
use crate::shared::{Parts, Shared};
use crate::to_its_end::to_its_end;
use crate::{keys, leaks, revocations, tenants, usage, users, verify};

impl IdentityService {
    /// The router, guarded by the edge's layer.
    ///
    /// A key that is bound to networks is refused unless the server states the client's address
    /// ([`ClientAddr`](remint_core::ClientAddr)) before the router.
    pub fn into_router(self, layer: NormalizeLayer) -> Router {
        router(self, Some(layer))
    }

    /// The router for operators of the machine, to be served where nobody else can connect, such as on a Unix socket
    /// in a folder for their account.
    ///
    /// A request that the server states to be an [`Operator`](crate::Operator)'s is an administrator's, without any credential; every
    /// other one is refused with 401.
    pub fn into_operator_router(self) -> Router {
        router(self, None)
    }
}

/// Guarded by the edge's layer; without one, the router for operators.
fn router(service: IdentityService, edge: Option<NormalizeLayer>) -> Router {
    let IdentityService { keys, sign_up, bootstrap, extractor, leaks, quota, clock } = service;
    let takes_reports = leaks.is_some();
    let environment = edge.as_ref().and_then(NormalizeLayer::environment);
    let admin_counts_in = AdminEnvironment(environment.unwrap_or(Environment::Live));
    let shared = Shared(Arc::new(Parts { resources: Resources::new(keys), admin_counts_in, sign_up, leaks, clock }));

    let (guarded, mut api) = guarded(quota.as_ref()).split_for_parts();
    let unknown = Router::new().route("/v1", any(not_found)).route("/v1/{*rest}", any(not_found));
    // The layer is applied here, so that no one can forget it.
    let guarded = guarded
        .merge(match quota {
            Some(quota) => unknown.route_layer(quota),
            None => unknown,
        })
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(shared.clone());
    let guarded = match edge {
        Some(layer) => guarded.route_layer(BootstrapLayer::new(layer, bootstrap, extractor)),
        None => guarded.route_layer(from_fn(only_operators)),
    };

    let mut public = Router::new();
    if takes_reports {
        let (router, reports) = OpenApiRouter::new().routes(routes!(leaks::report)).split_for_parts();
        public = router.route_layer(from_fn(to_its_end));
        api.merge(reports);
    }
    let document = openapi::document(&api);
    public
        .route("/openapi.json", get(move || std::future::ready(openapi::response(document.clone()))))
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(shared)
        .merge(guarded)
        .route_layer(map_response(no_store))
}

/// Everything that needs a credential, by the class of its limits.
fn guarded(quota: Option<&QuotaLayer>) -> OpenApiRouter<Shared> {
    let [read, write, verify] = IdentityService::QUOTA_CLASSES;
    let limited = |routes: OpenApiRouter<Shared>, class| match quota {
        Some(quota) => routes.route_layer(quota.clone().with_class(class)),
        None => routes,
    };
    let reading = OpenApiRouter::new()
        .routes(routes!(users::read))
        .routes(routes!(tenants::read))
        .routes(routes!(keys::list))
        .routes(routes!(usage::read));
    let writing = OpenApiRouter::new()
        .routes(routes!(users::create))
        .routes(routes!(users::change, users::delete))
        .routes(routes!(tenants::change))
        .routes(routes!(keys::create))
        .routes(routes!(keys::revoke))
        .routes(routes!(keys::rotate))
        .routes(routes!(revocations::create))
        .route_layer(from_fn(to_its_end));
    let verifying = OpenApiRouter::new().routes(routes!(verify::verify));
    limited(reading, read).merge(limited(writing, write)).merge(limited(verifying, verify))
}

async fn method_not_allowed() -> Problem {
    Problem::method_not_allowed()
}

/// Nothing that is said here is for a cache.
async fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
