//! A server that is gone.

use std::time::Duration;

use remint_core::{Exchanger as _, Refusal, UnavailableKind};
use remint_exchange::{BreakerState, ClientCredentials, ClientSecret, EndpointSettings, KeySource, RemoteExchanger};
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::support::{Server, bearer, exchanged, unavailable};

#[tokio::test]
async fn a_server_that_fails_is_asked_five_times_and_then_left_alone() {
    let server = Server::start().await;
    server.answers(ResponseTemplate::new(500)).await;
    let exchanger = server.exchanger();
    let subject = server.subject(&json!({}));
    for _ in 0..100 {
        unavailable(&exchanger, &subject).await;
    }
    assert_eq!(server.exchanges().await.len(), 5);
    assert!(matches!(exchanger.endpoint().breaker(), BreakerState::Open { .. }));
    server.issues(&server.token()).await;
    server.clock.advance(Duration::from_secs(1));
    exchanged(&exchanger, &subject).await.unwrap();
}

#[tokio::test]
async fn strangers_cannot_open_the_breaker() {
    let server = Server::start().await;
    server.answers(ResponseTemplate::new(400).set_body_json(json!({ "error": "invalid_request" }))).await;
    let exchanger = server.exchanger();
    for _ in 0..20 {
        assert!(matches!(exchanged(&exchanger, "rmt_live_abc").await, Err(Refusal::Denied(_))));
    }
    assert_eq!(exchanger.endpoint().breaker(), BreakerState::Closed { failures: 0 });
}

/// Accepts connections and answers none; says how many there were.
async fn hanging() -> (u16, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = count.clone();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            held.push(connection);
        }
    });
    (port, count)
}

fn hasty(server: &Server) -> EndpointSettings {
    let _ = server;
    EndpointSettings { deadline: Duration::from_millis(50), retries: 0, ..EndpointSettings::default() }
}

#[tokio::test]
async fn a_server_that_hangs_costs_five_connections_and_no_more() {
    let server = Server::start().await;
    let (port, connections) = hanging().await;
    let at = format!("http://127.0.0.1:{port}/token").parse().unwrap();
    let exchanger = server.builder().token_endpoint(at).endpoint_settings(hasty(&server)).build().unwrap();
    for _ in 0..50 {
        unavailable(&exchanger, "rmt_live_abc").await;
    }
    assert_eq!(connections.load(std::sync::atomic::Ordering::SeqCst), 5);
}

#[tokio::test]
async fn so_many_exchanges_may_be_under_way_and_no_more() {
    let server = Server::start().await;
    let (port, connections) = hanging().await;
    let at = format!("http://127.0.0.1:{port}/token").parse().unwrap();
    let exchanger = server.builder().token_endpoint(at).max_waiting(2).build().unwrap();
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..2 {
        let exchanger = exchanger.clone();
        waiting.spawn(async move { exchanged(&exchanger, "rmt_live_abc").await });
    }
    while connections.load(std::sync::atomic::Ordering::SeqCst) < 2 {
        tokio::task::yield_now().await;
    }
    let Err(Refusal::Unavailable(unavailable)) = exchanged(&exchanger, "rmt_live_abc").await else { panic!() };
    assert_eq!(unavailable.kind(), UnavailableKind::Overloaded);
    assert_eq!(connections.load(std::sync::atomic::Ordering::SeqCst), 2);
    // Who is done leaves room for the next.
    waiting.shutdown().await;
    server.issues(&server.token()).await;
    let exchanger = server.builder().max_waiting(1).build().unwrap();
    for _ in 0..2 {
        assert!(exchanged(&exchanger, "rmt_live_abc").await.is_ok());
    }
}

#[tokio::test]
async fn tokens_of_one_issuer_take_a_quarter_and_refuse_neither_other_issuers_nor_keys() {
    let server = Server::start().await;
    let (port, connections) = hanging().await;
    let at = format!("http://127.0.0.1:{port}/token").parse().unwrap();
    let exchanger = server.builder().token_endpoint(at).max_waiting(8).build().unwrap();
    let of = |issuer: &str| server.subject(&json!({ "iss": issuer }));
    let mut waiting = tokio::task::JoinSet::new();
    let mut waits = |subject: String| {
        let exchanger = exchanger.clone();
        waiting.spawn(async move { exchanged(&exchanger, &subject).await });
    };
    let connected = async |most: usize| {
        while connections.load(std::sync::atomic::Ordering::SeqCst) < most {
            tokio::task::yield_now().await;
        }
    };
    waits(of("https://hung.example"));
    waits(of("https://hung.example"));
    connected(2).await;
    let Err(Refusal::Unavailable(unavailable)) = exchanged(&exchanger, &of("https://hung.example")).await else {
        panic!()
    };
    assert_eq!(unavailable.kind(), UnavailableKind::Overloaded);
    waits("rmt_live_abc".to_owned());
    connected(3).await;
    // Of eight other issuers at most two share the counter of the one that hangs.
    for number in 0..8 {
        waits(of(&format!("https://idp-{number}.example")));
    }
    connected(3 + 4).await;
    waiting.shutdown().await;
}

#[tokio::test]
async fn keys_that_do_not_come_are_an_outage_within_the_deadline() {
    let server = Server::start().await;
    server.issues(&server.token()).await;
    let (port, _) = hanging().await;
    let keys = KeySource::JwksUri(format!("http://127.0.0.1:{port}/jwks").parse().unwrap());
    let settings = EndpointSettings { deadline: Duration::from_millis(500), ..hasty(&server) };
    let exchanger = server.builder().keys(keys).endpoint_settings(settings).build().unwrap();
    assert_eq!(unavailable(&exchanger, "rmt_live_abc").await, "the keys for the issued token did not come in time");
}

#[tokio::test]
async fn keys_that_cannot_be_had_are_an_outage_of_the_issuer() {
    let server = Server::start().await;
    server.issues(&server.token()).await;
    let keys = KeySource::JwksUri(server.url("/nowhere"));
    let exchanger = server.builder().keys(keys).build().unwrap();
    assert_eq!(unavailable(&exchanger, "rmt_live_abc").await, "the keys for the issued token cannot be had");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_outage() {
    let server = Server::start().await;
    let (issuer, clock) = (server.issuer(), server.clock.clone());
    drop(server.http);
    let credentials =
        ClientCredentials::secret_post(remint_core::ClientId::new("edge-1").unwrap(), ClientSecret::new("s3cret"));
    let audience = remint_core::Audience::new("internal").unwrap();
    let builder = RemoteExchanger::builder(issuer, audience, credentials).clock(std::sync::Arc::new(clock));
    let exchanger = builder.build().unwrap();
    exchanger.start().await;
    match exchanger.exchange(bearer("rmt_live_abc")).await {
        Err(Refusal::Unavailable(unavailable)) => {
            assert_eq!(unavailable.kind(), UnavailableKind::Issuer);
            assert!(unavailable.retry_after() >= Duration::from_secs(1));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn credentials_rotate_while_the_edge_runs() {
    let server = Server::start().await;
    server.issues(&server.token()).await;
    let exchanger = server.exchanger();
    let new = ClientCredentials::secret_basic(remint_core::ClientId::new("edge-1").unwrap(), ClientSecret::new("new"));
    exchanger.endpoint().replace_credentials(new);
    exchanged(&exchanger, "rmt_live_abc").await.unwrap();
    assert_eq!(server.exchanges().await[0].headers.get("authorization").unwrap(), "Basic ZWRnZS0xOm5ldw==");
}
