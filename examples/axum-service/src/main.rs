//! Edge and handlers in one service: whatever credential a caller sends, a handler takes a
//! [`Caller`].
#![expect(clippy::print_stdout, reason = "it tells people what to try")]

use std::error::Error;

use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use remint::{Caller, Edge, Environment, NewKey, NewUser, Remint, RequireLayer, Sqlite, UserId, Verifier};
use tokio::net::TcpListener;

use crate::events::events;
use crate::webhook::{WebhookKey, require_signature};

mod events;
mod webhook;

#[cfg(test)]
mod tests;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let edge = edge(Sqlite::in_memory().await?).await?;
    let reader = key_of(&edge, "alice", "orders:read").await?;
    let writer = key_of(&edge, "bob", "orders:read orders:write").await?;
    println!("curl -si http://127.0.0.1:8080/");
    println!("curl -si http://127.0.0.1:8080/me");
    println!("curl -si http://127.0.0.1:8080/me -H 'X-API-Key: {reader}'");
    println!("curl -siN http://127.0.0.1:8080/events -H 'X-API-Key: {reader}'");
    println!("curl -si http://127.0.0.1:8080/orders -H 'X-API-Key: {reader}'");
    println!("curl -si http://127.0.0.1:8080/orders -X POST -H 'X-API-Key: {reader}'");
    println!("curl -si http://127.0.0.1:8080/orders -X POST -H 'X-API-Key: {writer}'");

    let socket = TcpListener::bind("127.0.0.1:8080").await?;
    // A service of yours reads it from its settings.
    let webhooks = WebhookKey::new(b"what the sender of the webhooks has, too")?;
    axum::serve(socket, app(&edge, events::verifier(&edge).await?, webhooks))
        .with_graceful_shutdown(async { _ = tokio::signal::ctrl_c().await })
        .await?;
    Ok(edge.close().await?)
}

/// Who is trusted. A service of yours opens a file, `Sqlite::open("keys.db")`, leaves out
/// `ephemeral_keys`, and adds its provider: `.trust(Trust::oidc("https://acme.okta.com", "api"))`.
async fn edge(store: Sqlite) -> Outcome<Edge> {
    Ok(Remint::builder("https://auth.internal", "internal").api_keys(store).ephemeral_keys().build().await?)
}

/// Which routes need whom. The layer is optional: a request without a credential passes as
/// anonymous, and each route says what it requires. A bad credential never passes.
fn app(edge: &Edge, verifier: Verifier, webhooks: WebhookKey) -> Router {
    Router::new()
        .route("/", get(hello))
        .route("/me", get(me))
        .route("/orders", get(orders).layer(RequireLayer::scopes(["orders:read"])))
        .route(
            "/orders",
            post(place_order).layer(RequireLayer::scopes(["orders:write"]).with_environment(Environment::Live)),
        )
        .route("/events", get(events).with_state(verifier))
        .layer(edge.layer().optional())
        // Added after the layer, so it does not even look at credentials.
        .route("/health", get(|| async { "ok" }))
        // So does this one: its sender has no credential, and signs each body.
        .route("/webhook", post(webhook).layer(middleware::from_fn_with_state(webhooks, require_signature)))
}

/// Reached by everyone.
async fn hello(caller: Option<Caller>) -> String {
    caller.map_or_else(|| "hello, whoever you are\n".to_owned(), |caller| format!("hello, {}\n", caller.subject))
}

/// Reached by signed-in callers only, since it asks for one.
async fn me(caller: Caller) -> Json<Caller> {
    Json(caller)
}

async fn orders(caller: Caller) -> String {
    format!("the orders of {}\n", caller.subject)
}

async fn place_order(caller: Caller) -> String {
    format!("an order of {}, in the tenant {}\n", caller.subject, caller.tenant.as_ref().map_or("-", |t| t.as_str()))
}

/// Reached by requests with a signed body.
async fn webhook(body: String) -> String {
    format!("{} bytes were signed\n", body.len())
}

/// A user with these scopes, and a key of theirs. Its text is shown this once.
async fn key_of(edge: &Edge, user: &str, scopes: &str) -> Outcome<String> {
    let (keys, user) = (edge.api_keys().ok_or("the edge was built with a store")?, UserId::new(user)?);
    keys.create_user(NewUser::new(user.clone()).with_tenant("acme".parse()?).with_scopes(scopes.parse()?)).await?;
    let (key, _) = keys.create(NewKey::new(user, Environment::Live)).await?;
    Ok(key.expose_secret().to_owned())
}
