//! A gRPC service behind the layer: a handler reads the [`Caller`], and denials speak gRPC.
#![expect(clippy::print_stdout, reason = "it tells people what to try")]

use std::error::Error;

use axum::Router;
use remint::{Caller, Edge, Environment, NewKey, NewUser, Remint, RequireLayer, Sqlite, UserId};
use tokio::net::TcpListener;
use tonic::codegen::BoxStream;
use tonic::service::Routes;
use tonic::{Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

#[cfg(test)]
mod tests;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let edge = edge(Sqlite::in_memory().await?).await?;
    let key = key_of(&edge, "alice", "health:read").await?;
    println!("grpc.health.v1.Health/Check on 127.0.0.1:8080, with the metadata\nx-api-key: {key}");

    let socket = TcpListener::bind("127.0.0.1:8080").await?;
    axum::serve(socket, app(&edge)).with_graceful_shutdown(async { _ = tokio::signal::ctrl_c().await }).await?;
    Ok(edge.close().await?)
}

/// Who is trusted. A service of yours opens a file, `Sqlite::open("keys.db")`, and leaves out
/// `ephemeral_keys`.
async fn edge(store: Sqlite) -> Outcome<Edge> {
    Ok(Remint::builder("https://auth.internal", "internal").api_keys(store).ephemeral_keys().build().await?)
}

/// The layers know a gRPC call by its content type, its method and HTTP/2, and answer it with a `grpc-status`.
fn app(edge: &Edge) -> Router {
    Routes::new(HealthServer::new(Desk))
        .into_axum_router()
        .layer(RequireLayer::scopes(["health:read"]))
        .layer(edge.layer())
}

#[derive(Debug)]
struct Desk;

#[tonic::async_trait]
impl Health for Desk {
    type WatchStream = BoxStream<HealthCheckResponse>;

    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        let caller: Caller =
            Caller::from_extensions(request.extensions()).map_err(|error| Status::internal(error.to_string()))?;
        let mut response = Response::new(HealthCheckResponse { status: ServingStatus::Serving.into() });
        // So that one sees it: who the handler thinks is calling.
        let name = caller.subject.as_str().parse().map_err(|_| Status::internal("a name beyond ASCII"))?;
        response.metadata_mut().insert("asked-by", name);
        Ok(response)
    }

    async fn watch(&self, _: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        Err(Status::unimplemented("ask again instead"))
    }
}

/// A user with these scopes, and a key of theirs. Its text is shown this once.
async fn key_of(edge: &Edge, user: &str, scopes: &str) -> Outcome<String> {
    let (keys, user) = (edge.api_keys().ok_or("the edge was built with a store")?, UserId::new(user)?);
    keys.create_user(NewUser::new(user.clone()).with_scopes(scopes.parse()?)).await?;
    let (key, _) = keys.create(NewKey::new(user, Environment::Live)).await?;
    Ok(key.expose_secret().to_owned())
}
