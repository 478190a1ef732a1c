//! The layer around a plain hyper service: no axum, no router.
#![expect(clippy::print_stdout, reason = "it tells people what to try")]

use std::error::Error;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use remint::{Caller, Edge, Environment, MemoryStore, NewKey, NewUser, Remint, UserId};
use tokio::net::TcpListener;
use tower::{Layer, service_fn};

#[cfg(test)]
mod tests;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let edge = edge().await?;
    let key = key_of(&edge, "alice").await?;
    println!("curl -si http://127.0.0.1:8080/");
    println!("curl -si http://127.0.0.1:8080/ -H 'Authorization: Api-Key {key}'");

    let socket = TcpListener::bind("127.0.0.1:8080").await?;
    tokio::select! {
        outcome = serve(socket, &edge) => outcome?,
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(edge.close().await?)
}

/// Who is trusted. A service of yours keeps its keys in a folder (leave out `ephemeral_keys`) and
/// adds its provider: `.trust(Trust::oidc("https://acme.okta.com", "api"))`.
async fn edge() -> Outcome<Edge> {
    let builder = Remint::builder("https://auth.internal", "internal");
    Ok(builder.api_keys(MemoryStore::new()).ephemeral_keys().build().await?)
}

/// Serves HTTP/1 and HTTP/2. Any service whose body can be made of [`Bytes`] fits under the layer.
async fn serve(socket: TcpListener, edge: &Edge) -> Outcome<()> {
    let service = edge.layer().layer(service_fn(handle));
    loop {
        let (stream, _) = socket.accept().await?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            // A connection that breaks is that caller's affair.
            _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn handle(request: Request<Incoming>) -> Outcome<Response<Full<Bytes>>> {
    let caller: Caller = Caller::from_extensions(request.extensions())?;
    let mut body = serde_json::to_vec(&caller)?;
    body.push(b'\n');
    Ok(Response::builder().header("content-type", "application/json").body(body.into())?)
}

/// A user, and a key of theirs. Its text is shown this once.
async fn key_of(edge: &Edge, user: &str) -> Outcome<String> {
    let (keys, user) = (edge.api_keys().ok_or("the edge was built with a store")?, UserId::new(user)?);
    keys.create_user(NewUser::new(user.clone())).await?;
    let (key, _) = keys.create(NewKey::new(user, Environment::Test)).await?;
    Ok(key.expose_secret().to_owned())
}
