//! A provider that rotates its keys, as it has announced, while a thousand requests a second come in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use remint::{Edge, KeySetSettings, Remint};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use tower::ServiceExt as _;

use crate::provider::Provider;

/// In `REMINT_E2E_ROTATIONS`: how often the keys change. Unless set, so often.
const ROTATIONS: usize = 3;
const A_SECOND: usize = 1000;
const TICKS: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_valid_token_is_refused_while_announced_keys_rotate_under_a_thousand_requests_a_second() {
    let rotations = std::env::var("REMINT_E2E_ROTATIONS").map_or(ROTATIONS, |text| text.parse().unwrap());
    let provider = Arc::new(Provider::start().await);
    let settings = KeySetSettings { refresh_interval: Duration::from_millis(200), ..KeySetSettings::default() };
    let trust = provider.trust().key_set_settings(settings);
    let edge =
        Remint::builder("https://auth.internal", "internal").ephemeral_keys().trust(trust).build().await.unwrap();
    let passed = Arc::<AtomicUsize>::default();
    let (began, ends) = (Instant::now(), Arc::new(AtomicBool::new(false)));
    let mut load = tokio::spawn(load(Arc::clone(&provider), edge, Arc::clone(&passed), Arc::clone(&ends)));
    tokio::select! {
        ended = &mut load => panic!("a token was refused: {ended:?}"),
        () = rotate(&provider, &passed, rotations) => {}
    }
    ends.store(true, Ordering::SeqCst);
    load.await.unwrap();
    let (count, took) = (passed.load(Ordering::SeqCst), began.elapsed());
    println!("{count} requests in {took:?}, {:.0} a second, {rotations} rotations", count as f64 / took.as_secs_f64());
}

async fn rotate(provider: &Provider, passed: &AtomicUsize, rotations: usize) {
    for _ in 0..rotations {
        let next = provider.announce().await;
        let before = provider.promote(next);
        // Its tokens are valid until it is taken away.
        while Arc::strong_count(&before) > 1 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        provider.retire();
        let goal = passed.load(Ordering::SeqCst) + A_SECOND;
        while passed.load(Ordering::SeqCst) < goal {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Sends a fresh token and one that was sent before, in turn, so many in each second; panics when one is refused.
async fn load(provider: Arc<Provider>, edge: Edge, passed: Arc<AtomicUsize>, ends: Arc<AtomicBool>) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / TICKS as u32);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let edge = Router::new().route("/", get(async || "passed")).layer(edge.layer());
    let mut requests = JoinSet::new();
    while !ends.load(Ordering::SeqCst) {
        ticks.tick().await;
        for _ in 0..A_SECOND / TICKS / 2 {
            let (edge, passed, (token, key)) = (edge.clone(), Arc::clone(&passed), provider.token());
            requests.spawn(async move {
                for _ in 0..2 {
                    let request = Request::get("/").header("authorization", format!("Bearer {token}"));
                    let answer = edge.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
                    assert_eq!(answer.status(), 200, "{answer:?}");
                    passed.fetch_add(1, Ordering::SeqCst);
                }
                drop(key);
            });
        }
        while let Some(ended) = requests.try_join_next() {
            ended.unwrap();
        }
    }
    while let Some(ended) = requests.join_next().await {
        ended.unwrap();
    }
}
