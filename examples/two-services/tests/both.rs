//! Both services, each on a socket of its own.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use axum::Router;
use reqwest::{Client, Response};
use tokio::net::TcpListener;
use two_services::{shop, stock};

struct Running {
    shop: String,
    stock: String,
    alice: String,
    bob: String,
}

impl Running {
    async fn start() -> Self {
        let (shop_socket, stock_socket) = (any_port().await, any_port().await);
        let (shop, stock) = (url(&shop_socket), url(&stock_socket));
        let edge = shop::edge().await.unwrap();
        let alice = shop::key_of(&edge, "alice", "stock:read").await.unwrap();
        let bob = shop::key_of(&edge, "bob", "").await.unwrap();
        serve(shop_socket, shop::app(&edge, &stock).unwrap());
        serve(stock_socket, stock::app(format!("{shop}/.well-known/jwks.json")).await.unwrap());
        Self { shop, stock, alice, bob }
    }
}

#[tokio::test]
async fn the_service_behind_learns_who_asked_from_the_token_alone() {
    let running = Running::start().await;
    let answer = ask(&running.shop, Some(&running.alice)).await;
    assert_eq!(answer.status(), 200);
    let text = answer.text().await.unwrap();
    assert_eq!(text, "alice, of coin there are: 4 (asked by alice, with api_key as credential)\n");
}

#[tokio::test]
async fn what_the_service_behind_requires_holds_for_the_first_caller() {
    let running = Running::start().await;
    assert_eq!(ask(&running.shop, Some(&running.bob)).await.status(), 403);
    assert_eq!(ask(&running.shop, None).await.status(), 401);
}

#[tokio::test]
async fn a_credential_that_is_good_at_the_edge_is_not_good_behind_it() {
    let running = Running::start().await;
    assert_eq!(ask(&running.stock, Some(&running.alice)).await.status(), 401);
    assert_eq!(ask(&running.stock, None).await.status(), 401);
}

async fn ask(service: &str, key: Option<&str>) -> Response {
    let request = Client::builder().tls_certs_only([]).build().unwrap().get(format!("{service}/items/coin"));
    let request = match key {
        Some(key) => request.header("authorization", format!("Api-Key {key}")),
        None => request,
    };
    request.send().await.unwrap()
}

async fn any_port() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

fn url(socket: &TcpListener) -> String {
    format!("http://{}", socket.local_addr().unwrap())
}

fn serve(socket: TcpListener, app: Router) {
    tokio::spawn(async move { axum::serve(socket, app).await });
}
