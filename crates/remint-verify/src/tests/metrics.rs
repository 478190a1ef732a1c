use std::future::Future;
use std::sync::atomic::Ordering;

use futures_util::FutureExt;
use http::Request;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use serde_json::json;
use tower::{Layer, ServiceExt, service_fn};

use super::layer::{answer, bearer, who};
use super::outage::remote;
use super::support::Mint;
use super::transactions::{answer as answer_transaction, carrying, token_with, within};
use crate::{Requirements, ResourceMetadata, Verifier, VerifyLayer};

/// What `work` counts under this name, as `outcome reason`, sorted; each as often as it says.
async fn counted(name: &str, work: impl Future) -> Vec<String> {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _guard = metrics::set_default_local_recorder(&recorder);
    work.await;
    let counters = snapshotter.snapshot().into_vec().into_iter();
    let mut counted: Vec<_> = counters
        .filter(|(key, ..)| key.key().name() == name)
        .flat_map(|(key, _, _, value)| {
            let labels = key.key().labels().map(|label| label.value().to_owned()).collect::<Vec<_>>().join(" ");
            let DebugValue::Counter(times) = value else { panic!("{value:?}") };
            vec![labels; usize::try_from(times).unwrap()]
        })
        .collect();
    counted.sort();
    counted
}

const TOKENS: &str = "remint_verify_total";
const TRANSACTIONS: &str = "remint_transactions_total";

fn admins() -> Requirements {
    Requirements::new().with_scopes(["admin"]).unwrap()
}

/// A verifier that has to wait for the key set.
async fn waiting(mint: &Mint) -> Verifier {
    let (verifier, server) = remote(mint, false).await;
    server.up.store(true, Ordering::SeqCst);
    verifier
}

#[tokio::test]
async fn every_outcome_is_counted_with_its_reason() {
    let mint = Mint::new();
    let layer = VerifyLayer::new(mint.verifier().await).optional();
    let token = mint.token();
    let outcomes = counted(TOKENS, async {
        answer(&layer, bearer(&token)).await;
        answer(&layer, bearer(&token)).await;
        answer(&layer, bearer(&mint.token_with(json!({ "aud": "other" })))).await;
        answer(&layer, Request::new(())).await;
    });
    assert_eq!(outcomes.await, ["anonymous none", "cached none", "denied audience", "verified none"]);

    let layer = within(&mint.verifier().await).layer().optional();
    let outcomes = counted(TRANSACTIONS, async {
        answer_transaction(&layer, carrying(&token_with(&mint, json!({})))).await;
        answer_transaction(&layer, carrying(&token_with(&mint, json!({ "aud": "other" })))).await;
        answer_transaction(&layer, Request::new(())).await;
    });
    assert_eq!(outcomes.await, ["absent none", "denied audience", "verified none"]);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_lacks_a_scope_is_counted_once_new_cached_or_waited_for() {
    let mint = Mint::new();
    let layer = VerifyLayer::new(waiting(&mint).await).with_requirements(admins());
    for wait in ["waited for", "cached"] {
        let outcomes = counted(TOKENS, answer(&layer, bearer(&mint.token()))).await;
        assert_eq!(outcomes, ["denied insufficient_scope"], "{wait}");
    }
    let layer = VerifyLayer::new(mint.verifier().await).with_requirements(admins());
    assert_eq!(counted(TOKENS, answer(&layer, bearer(&mint.token()))).await, ["denied insufficient_scope"]);

    let token = token_with(&mint, json!({}));
    for verifier in [mint.verifier().await, waiting(&mint).await] {
        let layer = within(&verifier).layer().with_requirements(admins());
        let outcomes = counted(TRANSACTIONS, answer_transaction(&layer, carrying(&token))).await;
        assert_eq!(outcomes, ["denied insufficient_scope"]);
    }
}

#[tokio::test]
async fn a_predicate_that_does_not_hold_is_counted_by_its_name() {
    let mint = Mint::new();
    let required = Requirements::new().with_predicate("has-tenant", |identity| identity.tenant.is_some());
    let layer = VerifyLayer::new(mint.verifier().await).with_requirements(required);
    let outcomes = counted(TOKENS, answer(&layer, bearer(&mint.token()))).await;
    assert_eq!(outcomes, ["denied predicate has-tenant"]);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_waited_is_counted_once() {
    let mint = Mint::new();
    let layer = VerifyLayer::new(waiting(&mint).await);
    assert_eq!(counted(TOKENS, answer(&layer, bearer(&mint.token()))).await, ["verified none"]);
    let layer = VerifyLayer::new(remote(&mint, false).await.0);
    assert_eq!(counted(TOKENS, answer(&layer, bearer(&mint.token()))).await, ["unavailable key_set"]);
    let layer = within(&waiting(&mint).await).layer();
    let outcomes = counted(TRANSACTIONS, answer_transaction(&layer, carrying(&token_with(&mint, json!({})))));
    assert_eq!(outcomes.await, ["verified none"]);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_dropped_while_it_waits_is_abandoned() {
    let mint = Mint::new();
    let verifier = waiting(&mint).await;
    let dropped = async {
        let response = VerifyLayer::new(verifier).layer(service_fn(who)).oneshot(bearer(&mint.token()));
        assert!(response.now_or_never().is_none(), "it waits for the key set");
    };
    assert_eq!(counted(TOKENS, dropped).await, ["abandoned none"]);
}

#[tokio::test]
async fn a_token_by_itself_counts_as_a_request_and_so_does_the_document() {
    let mint = Mint::new();
    let verifier = mint.verifier().await;
    let outcomes = counted(TOKENS, async {
        for token in [&mint.token(), "x"] {
            let _ = verifier.verify(token).await;
        }
    });
    assert_eq!(outcomes.await, ["denied structure", "verified none"]);
    let transactions = within(&verifier);
    let outcomes = counted(TRANSACTIONS, async {
        for token in [&token_with(&mint, json!({})), "x"] {
            let _ = transactions.verify(token).await;
        }
    });
    assert_eq!(outcomes.await, ["denied structure", "verified none"]);

    let metadata = ResourceMetadata::new("https://api.example").unwrap();
    let layer = VerifyLayer::new(verifier).with_resource_metadata(&metadata);
    let request = Request::get(metadata.well_known_path()).body(()).unwrap();
    assert_eq!(counted(TOKENS, answer(&layer, request)).await, ["document none"]);
}
