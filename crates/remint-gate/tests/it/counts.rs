//! Every request is counted once, with its outcome.

use http::{HeaderMap, Method};
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use remint_core::DeniedKind;
use remint_gate::{Decision, Gate, RequestHead};
use remint_guard::{Policy, Requirements};
use remint_normalize::FailureLimits;
use tokio::runtime::Runtime;

use crate::bound::Edge;
use crate::support::{DOCUMENT, gate, headers, known, live_only, normalizer, settle, with_document};

/// Outcome, kind, environment and reason, each once for each count.
fn counted(work: impl FnOnce(&Runtime)) -> Vec<[String; 4]> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || work(&runtime));
    let mut counts = Vec::new();
    for (key, _, _, value) in snapshotter.snapshot().into_vec() {
        let (key, DebugValue::Counter(count)) = (key.key(), value) else { continue };
        if key.name() == "remint_outcomes_total" {
            let label = |name: &str| key.labels().find(|label| label.key() == name).unwrap().value().to_owned();
            let labels = ["outcome", "kind", "environment", "reason"].map(label);
            counts.extend(std::iter::repeat_n(labels, usize::try_from(count).unwrap()));
        }
    }
    counts
}

fn once(gate: &Gate, method: &Method, path: &str, lines: &[(&str, &str)], warm: bool) -> Vec<[String; 4]> {
    let map = headers(lines);
    let head = RequestHead::new(method, path, &map);
    if warm {
        let first = counted(|runtime| drop(runtime.block_on(settle(gate, head))));
        assert_eq!(first.len(), 1, "{lines:?}: {first:?}");
    }
    counted(|runtime| drop(runtime.block_on(settle(gate, head))))
}

#[test]
fn each_outcome_is_counted_once_cold_and_warm() {
    let limited = Gate::new(
        normalizer(&known(), |builder| builder.failure_limits(FailureLimits::new().warn_at(None).limit(Some(0)))),
        Policy::new(),
    );
    let key = |text| vec![("x-api-key", text)];
    let table = [
        (gate(Policy::new()), key("good"), ["allowed", "api_key", "live", "none"]),
        (gate(Policy::new()), key("test"), ["allowed", "api_key", "test", "none"]),
        (gate(Policy::new()), vec![("authorization", "Bearer a.b.good")], ["allowed", "jwt", "live", "none"]),
        (gate(live_only()), key("test"), ["denied", "api_key", "none", "environment"]),
        (gate(Policy::new()), key("expired"), ["denied", "api_key", "none", "expired"]),
        (gate(Policy::new()), key("down"), ["unavailable", "api_key", "none", "store"]),
        (gate(Policy::new()), key("a,b"), ["denied", "none", "none", "two_credentials"]),
        (gate(Policy::new()), vec![("authorization", "Basic a")], ["denied", "none", "none", "unknown_scheme"]),
        (gate(Policy::new()), vec![], ["denied", "none", "none", "no_credential"]),
        (gate(Policy::new().optional()), vec![], ["anonymous", "none", "none", "none"]),
        (gate(Policy::new().optional()), key("expired"), ["denied", "api_key", "none", "expired"]),
    ];
    for warm in [false, true] {
        for (gate, lines, outcome) in &table {
            let counts = once(gate, &Method::GET, "/", lines, warm);
            assert_eq!(counts, [outcome.map(str::to_owned)], "{lines:?}, warm: {warm}");
        }
    }
    let reason = DeniedKind::TooManyFailures.reason();
    let lines = [("x-api-key", "expired")];
    let map = headers(&lines);
    let client = Some("192.0.2.1".parse().unwrap());
    let counts = counted(|runtime| {
        let head = RequestHead { client, ..RequestHead::new(&Method::GET, "/", &map) };
        drop(runtime.block_on(settle(&limited, head)));
    });
    assert_eq!(counts, [["denied", "api_key", "none", reason].map(str::to_owned)], "beyond the limit");
}

#[test]
fn a_predicate_that_does_not_hold_is_counted_by_its_name() {
    let required = Requirements::new().with_predicate("has-tenant", |identity| identity.tenant.is_some());
    let gate = gate(Policy::new().with_requirements(required));
    let map = headers(&[("x-api-key", "good")]);
    for warmth in ["cold", "warm"] {
        let recorder = DebuggingRecorder::new();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        metrics::with_local_recorder(&recorder, || {
            drop(runtime.block_on(settle(&gate, RequestHead::new(&Method::GET, "/", &map))));
        });
        let counted = recorder.snapshotter().snapshot().into_vec();
        let counted: Vec<_> = counted.iter().filter(|(key, ..)| key.key().name() == "remint_outcomes_total").collect();
        let [(key, _, _, DebugValue::Counter(1))] = counted[..] else { panic!("{warmth}: {counted:?}") };
        let labels: Vec<_> = key.key().labels().map(metrics::Label::value).collect();
        assert_eq!(labels, ["denied", "api_key", "none", "predicate", "has-tenant"], "{warmth}");
        assert_eq!(key.key().labels().last().map(metrics::Label::key), Some("detail"));
    }
}

#[test]
fn a_request_that_is_bound_by_dpop_is_counted_once_though_it_waits_twice() {
    let edge = Edge::new(false);
    let count = |map: &HeaderMap| {
        let head = RequestHead::new(&Method::GET, "/jobs", map);
        counted(|runtime| drop(runtime.block_on(settle(&edge.gate, head))))
    };
    let allowed = ["allowed", "jwt", "live", "none"].map(str::to_owned);
    let replayed = ["denied", "jwt", "none", "dpop_proof"].map(str::to_owned);
    for _ in 0..2 {
        let request = edge.request(None);
        assert_eq!(count(&request), std::slice::from_ref(&allowed));
        assert_eq!(count(&request), std::slice::from_ref(&replayed));
    }
}

#[test]
fn a_document_is_counted_once_and_its_credential_is_not() {
    let document = ["document", "none", "none", "none"].map(str::to_owned);
    for (method, text) in [(Method::GET, "good"), (Method::GET, "expired"), (Method::POST, "good")] {
        let counts = once(&gate(with_document()), &method, DOCUMENT, &[("x-api-key", text)], false);
        assert_eq!(counts, std::slice::from_ref(&document), "{method} {text}");
    }
}

#[test]
fn a_request_that_goes_away_before_its_verdict_is_abandoned_and_one_that_waits_for_it_is_not() {
    let known = known();
    let permits = known.gate();
    let gate = Gate::new(normalizer(&known, |builder| builder), Policy::new());
    let map: HeaderMap = headers(&[("x-api-key", "good")]);
    let head = RequestHead::new(&Method::GET, "/", &map);
    let abandoned = ["abandoned", "api_key", "none", "none"].map(str::to_owned);
    let allowed = ["allowed", "api_key", "live", "none"].map(str::to_owned);
    let counts = counted(|runtime| {
        runtime.block_on(async {
            let decide = || match gate.decide(head) {
                Decision::Waiting(waiting) => waiting,
                Decision::Ready(_) => panic!("it is not remembered"),
            };
            let (left, mut kept) = (decide(), decide());
            drop(left);
            assert!(
                std::future::poll_fn(|context| std::task::Poll::Ready(
                    std::pin::Pin::new(&mut kept).poll(context).is_pending()
                ))
                .await
            );
            permits.add_permits(2);
            drop(kept.await);
        });
    });
    let mut counts = counts;
    counts.sort();
    assert_eq!(counts, [abandoned, allowed]);
}
