//! The service behind the edge on `127.0.0.1:8081`.

use tokio::net::TcpListener;
use two_services::{Outcome, stock};

#[tokio::main]
async fn main() -> Outcome<()> {
    let app = stock::app("http://127.0.0.1:8080/.well-known/jwks.json").await?;
    let socket = TcpListener::bind("127.0.0.1:8081").await?;
    Ok(axum::serve(socket, app).with_graceful_shutdown(async { _ = tokio::signal::ctrl_c().await }).await?)
}
