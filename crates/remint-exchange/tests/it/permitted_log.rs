use std::sync::atomic::Ordering;

use crate::server_log::{ANSWERS, REFUSES, a_minute, node, server, target};

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_is_asked_once_in_a_minute() {
    let (server, log) = server(REFUSES);
    let node = node(log);
    for _ in 0..5 {
        node.catch_up().await.unwrap();
    }
    let asked = server.asked.load(Ordering::SeqCst);
    assert!((1..=2).contains(&asked), "{asked}");
    a_minute().await;
    for _ in 0..5 {
        node.catch_up().await.unwrap();
    }
    assert_eq!(server.asked.load(Ordering::SeqCst), asked + 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_gone_refuses_nothing() {
    let (server, log) = server(GONE);
    let node = node(log);
    assert!(node.catch_up().await.is_err());
    server.becomes(ANSWERS);
    server.end("k1").await;
    node.catch_up().await.unwrap();
    server.becomes(GONE);
    assert!(node.catch_up().await.is_err(), "a node that is blind must know it");
    assert!(node.log().latest(&[target("k1")]).await.is_err());

    // One that refused, and then is gone, has not permitted.
    server.becomes(REFUSES);
    node.catch_up().await.unwrap();
    a_minute().await;
    server.becomes(GONE);
    node.catch_up().await.unwrap();
}

const GONE: u8 = 2;
