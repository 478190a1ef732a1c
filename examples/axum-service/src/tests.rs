use axum::http::Method;
use remint::Sqlite;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::{app, edge, key_of};

/// The service on a socket of its own.
struct Running {
    url: String,
    reader: String,
    writer: String,
}

impl Running {
    async fn start() -> Self {
        let edge = edge(Sqlite::in_memory().await.unwrap()).await.unwrap();
        let reader = key_of(&edge, "alice", "orders:read").await.unwrap();
        let writer = key_of(&edge, "bob", "orders:read orders:write").await.unwrap();
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(socket, app(&edge)).await });
        Self { url, reader, writer }
    }

    async fn send(&self, method: Method, path: &str, key: Option<&str>) -> Response {
        let client = Client::builder().tls_certs_only([]).build().unwrap();
        let mut request = client.request(method, format!("{}{path}", self.url));
        if let Some(key) = key {
            request = request.header("x-api-key", key);
        }
        request.send().await.unwrap()
    }

    async fn status(&self, method: Method, path: &str, key: Option<&str>) -> StatusCode {
        self.send(method, path, key).await.status()
    }
}

#[tokio::test]
async fn each_route_gets_whom_it_requires() {
    let service = Running::start().await;
    let (reader, writer) = (Some(&*service.reader), Some(&*service.writer));
    for (method, path, key, status) in [
        (Method::GET, "/health", None, 200),
        (Method::GET, "/", None, 200),
        (Method::GET, "/me", None, 401),
        (Method::GET, "/orders", None, 401),
        (Method::GET, "/orders", reader, 200),
        (Method::POST, "/orders", None, 401),
        (Method::POST, "/orders", reader, 403),
        (Method::POST, "/orders", writer, 200),
    ] {
        for temperature in ["cold", "warm"] {
            assert_eq!(service.status(method.clone(), path, key).await, status, "{method} {path} {temperature}");
        }
    }
}

#[tokio::test]
async fn a_bad_credential_does_not_pass_as_none() {
    let service = Running::start().await;
    assert_eq!(service.status(Method::GET, "/", Some("rmt_live_nothing")).await, 401);
    assert_eq!(service.status(Method::GET, "/health", Some("rmt_live_nothing")).await, 200);
}

#[tokio::test]
async fn a_handler_reads_who_is_calling() {
    let service = Running::start().await;
    let hello = service.send(Method::GET, "/", Some(&service.reader)).await;
    assert_eq!(hello.text().await.unwrap(), "hello, alice\n");
    let me: Value = service.send(Method::GET, "/me", Some(&service.writer)).await.json().await.unwrap();
    assert_eq!((&me["subject"], &me["tenant"], &me["env"]), (&"bob".into(), &"acme".into(), &"live".into()));
    assert_eq!(me["credential"]["kind"], "api_key");
}
