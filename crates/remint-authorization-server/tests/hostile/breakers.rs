//! No stranger's credential opens a breaker, and no valid one is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::StatusCode;
use remint_exchange::BreakerState;
use serde_json::json;
use tokio::task::JoinSet;

use crate::forged::{Forger, KINDS};
use crate::world::{World, bearer, key};

/// How many forged credentials.
const FORGED: usize = 10_000;
/// How many callers send at a time.
const CALLERS: usize = 32;
const CLOSED: BreakerState = BreakerState::Closed { failures: 0 };

/// Sends forged credentials, from many callers at once, and after each fifth a valid one.
async fn besiege<F, V>(
    forged: impl Fn(usize) -> F + Clone + Send + 'static,
    expected: fn(usize) -> StatusCode,
    valid: impl Fn(usize) -> V + Clone + Send + 'static,
) where
    F: Future<Output = StatusCode> + Send,
    V: Future<Output = StatusCode> + Send,
{
    let (next, passed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (next, passed) = (Arc::clone(&next), Arc::clone(&passed));
        let (forged, valid) = (forged.clone(), valid.clone());
        callers.spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::SeqCst);
                if n >= FORGED {
                    return;
                }
                assert_eq!(forged(n).await, expected(n), "{n}: {:?}", KINDS[n % KINDS.len()]);
                if n % 5 == 0 {
                    assert_eq!(valid(n).await, StatusCode::OK, "the valid one after {n} forged ones");
                    passed.fetch_add(1, Ordering::SeqCst);
                }
            }
        });
    }
    while let Some(ended) = callers.join_next().await {
        ended.unwrap();
    }
    assert_eq!(passed.load(Ordering::SeqCst), FORGED / 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_forged_credentials_do_not_keep_an_exchanging_edge_from_its_server() {
    let world = World::start().await;
    let edge = world.exchanging_edge();
    let forger = Forger::new(&world).await;
    let (attacked, asked, providers) = (edge.clone(), edge.clone(), world.clone());
    let began = tokio::time::Instant::now();
    besiege(
        move |n| {
            let (edge, request) = (attacked.clone(), forger.request(n));
            async move { edge.status(request).await }
        },
        |n| KINDS[n % KINDS.len()].answer(),
        move |n| {
            let edge = asked.clone();
            // Either a token that was never seen, or one of fifty keys.
            let request = if n % 2 == 0 { bearer(&providers.valid(n)) } else { key(&providers.keys[n % 50]) };
            async move { edge.status(request).await }
        },
    )
    .await;
    assert_eq!(edge.breaker(), CLOSED);
    let fetches = world.provider.key_sets.load(Ordering::SeqCst) as u64;
    assert!(fetches <= 2 + began.elapsed().as_secs() / 10, "{fetches} fetches of the key set");
    assert!(
        world.provider.enriched_only(|subject| subject != "idp|mallory"),
        "an enricher is asked about nobody who proved nothing"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_forged_tokens_do_not_keep_an_introspecting_edge_from_its_server() {
    let world = World::start().await;
    let edge = world.introspecting_edge();
    let forger = Forger::new(&world).await;
    let (attacked, asked) = (edge.clone(), edge.clone());
    let minted = world.minted(50).await;
    besiege(
        move |n| {
            let (edge, request) = (attacked.clone(), forger.internal(n));
            async move { edge.status(request).await }
        },
        |_| StatusCode::UNAUTHORIZED,
        move |n| {
            let (edge, request) = (asked.clone(), bearer(&minted[n % 50]));
            async move { edge.status(request).await }
        },
    )
    .await;
    assert_eq!(edge.status(bearer(&world.minted(1).await[0])).await, StatusCode::OK);
}

/// The attack as it was found: six tokens of an unknown key, of an issuer whose key set does not come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_issuer_that_is_out_or_hangs_does_not_open_the_breaker_to_the_server() {
    let world = World::quick().await;
    let edge = world.exchanging_edge();
    let forger = Forger::new(&world).await;
    for issuer in [&world.dead, &world.hanging] {
        let mut at_once = JoinSet::new();
        for n in 0..6 {
            let (edge, token) = (edge.clone(), forger.of(issuer, json!({ "jti": format!("unknown-{n}") })));
            at_once.spawn(async move { edge.status(bearer(&token)).await });
        }
        while let Some(answer) = at_once.join_next().await {
            assert_eq!(
                answer.unwrap(),
                StatusCode::SERVICE_UNAVAILABLE,
                "nobody knows whether {issuer} has such a key"
            );
        }
        assert_eq!(edge.breaker(), CLOSED, "{issuer}");
    }
    assert_eq!(edge.status(bearer(&world.valid(0))).await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_about_whom_the_enricher_fails_does_not_keep_out_the_others() {
    let world = World::start().await;
    let edge = world.exchanging_edge();
    for n in 0..20 {
        let unlucky = world.provider.sign(&world.claims(json!({ "sub": "unlucky", "jti": format!("u-{n}") })));
        assert_eq!(edge.status(bearer(&unlucky)).await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(edge.status(bearer(&world.valid(n))).await, StatusCode::OK);
    }
    assert_eq!(edge.breaker(), CLOSED);
}
