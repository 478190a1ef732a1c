use axum::http::Method;
use hmac::{Hmac, KeyInit, Mac};
use remint::{Edge, Sqlite, Target, UserId};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use sha2::Sha256;
use tokio::net::TcpListener;

use crate::events::verifier;
use crate::webhook::{MAX_BODY, WebhookKey};
use crate::{app, edge, key_of};

/// The service on a socket of its own.
struct Running {
    edge: Edge,
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
        let webhooks = WebhookKey::new(SECRET).unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let app = app(&edge, verifier(&edge).await.unwrap(), webhooks);
        tokio::spawn(async move { axum::serve(socket, app).await });
        Self { edge, url, reader, writer }
    }

    async fn send(&self, method: Method, path: &str, key: Option<&str>) -> Response {
        let client = Client::builder().tls_certs_only([]).build().unwrap();
        let mut request = client.request(method, format!("{}{path}", self.url));
        if let Some(key) = key {
            request = request.header("x-api-key", key);
        }
        request.send().await.unwrap()
    }

    async fn deliver(&self, body: Vec<u8>, signatures: &[String]) -> StatusCode {
        let client = Client::builder().tls_certs_only([]).build().unwrap();
        let request = client.post(format!("{}/webhook", self.url)).body(body);
        let signed = |request: RequestBuilder, text: &String| request.header("x-signature-256", text);
        signatures.iter().fold(request, signed).send().await.unwrap().status()
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

const SECRET: &[u8] = b"the secret of a test";

fn signature(secret: &[u8], body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret).unwrap().chain_update(body).finalize().into_bytes();
    mac.iter().fold("sha256=".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

#[tokio::test]
async fn a_webhook_passes_by_the_signature_of_its_own_body_alone() {
    let service = Running::start().await;
    let paid = b"{\"order\":1,\"paid\":true}".to_vec();
    let good = signature(SECRET, &paid);
    for _ in ["once", "again"] {
        assert_eq!(service.deliver(paid.clone(), std::slice::from_ref(&good)).await, 200);
    }
    // The same signature speaks for no other body.
    assert_eq!(service.deliver(b"{\"order\":2,\"paid\":true}".to_vec(), std::slice::from_ref(&good)).await, 401);
    let no_prefix = good.replace("sha256=", "");
    for signatures in [
        vec![],
        vec![signature(b"another secret", &paid)],
        vec![good[..good.len() - 2].to_owned()],
        vec![good[..good.len() - 1].to_owned()],
        vec![good.replace("sha256=", "sha1=")],
        vec![no_prefix],
        vec!["sha256=".to_owned()],
        vec![good.clone(), good.clone()],
    ] {
        assert_eq!(service.deliver(paid.clone(), &signatures).await, 401, "{signatures:?}");
    }
}

#[tokio::test]
async fn a_webhook_that_is_too_long_is_not_read_to_its_end() {
    let service = Running::start().await;
    let (longest, longer) = (vec![b'a'; MAX_BODY], vec![b'a'; MAX_BODY + 1]);
    assert_eq!(service.deliver(longest.clone(), &[signature(SECRET, &longest)]).await, 200);
    assert_eq!(service.deliver(longer.clone(), &[signature(SECRET, &longer)]).await, 413);
}

#[tokio::test]
async fn a_stream_of_events_ends_with_the_users_credential() {
    let service = Running::start().await;
    assert_eq!(service.status(Method::GET, "/events", None).await, 401);
    let mut stream = service.send(Method::GET, "/events", Some(&service.reader)).await;
    assert_eq!(stream.status(), 200);
    assert!(stream.chunk().await.unwrap().unwrap().starts_with(b"data: hello"));
    service.edge.revoke(Target::User(UserId::new("alice").unwrap())).await.unwrap();
    let rest = tokio::time::timeout(std::time::Duration::from_secs(20), async {
        while let Some(chunk) = stream.chunk().await? {
            drop(chunk);
        }
        Ok::<_, reqwest::Error>(())
    });
    rest.await.expect("it goes on").unwrap();
}
