use reqwest::{Client, Response};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::{edge, key_of, serve};

/// The service on a socket of its own: where it is, and a key of alice.
async fn start() -> (String, String) {
    let edge = edge().await.unwrap();
    let key = key_of(&edge, "alice").await.unwrap();
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    tokio::spawn(async move { serve(socket, &edge).await });
    (url, key)
}

async fn send(client: &Client, url: &str, headers: &[(&str, &str)]) -> Response {
    let request = headers.iter().fold(client.get(url), |request, (name, value)| request.header(*name, *value));
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_plain_hyper_service_reads_the_caller_over_http_1_and_2() {
    let (url, key) = start().await;
    let builder = || Client::builder().tls_certs_only([]);
    for client in [builder().build().unwrap(), builder().http2_prior_knowledge().build().unwrap()] {
        let value = format!("Api-Key {key}");
        let caller: Value = send(&client, &url, &[("authorization", &value)]).await.json().await.unwrap();
        assert_eq!((&caller["subject"], &caller["env"]), (&"alice".into(), &"test".into()));
    }
}

#[tokio::test]
async fn without_one_good_credential_it_is_not_reached() {
    let (url, key) = start().await;
    let client = Client::builder().tls_certs_only([]).build().unwrap();
    let none = send(&client, &url, &[]).await;
    assert_eq!((none.status().as_u16(), &none.headers()["www-authenticate"]), (401, &"Bearer".parse().unwrap()));
    assert_eq!(send(&client, &url, &[("x-api-key", "rmt_test_nothing")]).await.status(), 401);
    let both = format!("Api-Key {key}");
    assert_eq!(send(&client, &url, &[("x-api-key", &key), ("authorization", &both)]).await.status(), 400);
}
