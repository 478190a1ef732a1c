//! The edge service on `127.0.0.1:8080`.
#![expect(clippy::print_stdout, reason = "it tells people what to try")]

use tokio::net::TcpListener;
use two_services::{Outcome, shop};

#[tokio::main]
async fn main() -> Outcome<()> {
    let edge = shop::edge().await?;
    let alice = shop::key_of(&edge, "alice", "stock:read").await?;
    let bob = shop::key_of(&edge, "bob", "").await?;
    println!("curl -si http://127.0.0.1:8080/items/coin -H 'X-API-Key: {alice}'");
    println!("curl -si http://127.0.0.1:8080/items/coin -H 'X-API-Key: {bob}'");
    println!("curl -si http://127.0.0.1:8081/items/coin -H 'X-API-Key: {alice}'");

    let socket = TcpListener::bind("127.0.0.1:8080").await?;
    let app = shop::app(&edge, "http://127.0.0.1:8081")?;
    axum::serve(socket, app).with_graceful_shutdown(async { _ = tokio::signal::ctrl_c().await }).await?;
    Ok(edge.close().await?)
}
