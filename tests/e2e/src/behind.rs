use axum::http::HeaderMap;
use axum::routing::get;
use axum::{Json, Router};
use remint_verify::{Caller, Verifier};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::Outcome;
use crate::server::Server;

/// A service behind the edge. It verifies internal tokens by the edge's published keys, and
/// answers with what it saw.
#[derive(Debug)]
pub(crate) struct Behind(Server);

impl Behind {
    pub(crate) fn start(socket: TcpListener, verifier: &Verifier) -> Outcome<Self> {
        let app = Router::new().route("/", get(seen)).layer(verifier.layer());
        Ok(Self(Server::serve(socket, app)?))
    }

    pub(crate) fn url(&self) -> String {
        self.0.url()
    }
}

async fn seen(caller: Caller, headers: HeaderMap) -> Json<Value> {
    let token = headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let names: Vec<&str> = headers.keys().map(|name| name.as_str()).collect();
    Json(json!({ "token": token, "caller": caller, "headers": names }))
}
