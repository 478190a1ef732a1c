//! A server that is gone costs nothing.

use std::time::Duration;

use remint_core::UnavailableKind;
use remint_oauth_client::{BreakerState, Endpoint, EndpointError, EndpointSettings, ErrorCode, FailureKind, Form};
use remint_testkit::ManualClock;

use crate::fake::{Answer, FakeServer};
use crate::support::basic;

const OK: Answer = Answer::Json(200, "{}");

/// Failures are counted one by one where nothing is asked again.
fn once() -> EndpointSettings {
    EndpointSettings { retries: 0, ..EndpointSettings::default() }
}

async fn fails(endpoint: &Endpoint) -> FailureKind {
    match endpoint.call(&Form::new()).await {
        Err(EndpointError::Failed(failure)) => failure.kind(),
        other => panic!("{other:?}"),
    }
}

async fn opened(server: &std::sync::Arc<FakeServer>, clock: &ManualClock) -> Endpoint {
    let endpoint = server.endpoint_as(basic("s"), once(), clock);
    for _ in 0..5 {
        fails(&endpoint).await;
    }
    assert!(matches!(endpoint.breaker(), BreakerState::Open { .. }));
    endpoint
}

#[tokio::test(start_paused = true)]
async fn a_dead_server_is_asked_five_times_however_many_call() {
    let server = FakeServer::always(Answer::Broken);
    let endpoint = server.endpoint(&ManualClock::default());
    for _ in 0..1000 {
        fails(&endpoint).await;
    }
    assert_eq!(server.requests(), 5, "the retries too");
    let error = endpoint.call(&Form::new()).await.unwrap_err();
    assert_eq!(error.outcome(), "breaker_open");
    let unavailable = error.into_unavailable(UnavailableKind::Issuer);
    assert_eq!(unavailable.kind(), UnavailableKind::Issuer);
    assert_eq!(unavailable.retry_after(), Duration::from_secs(1));
}

#[tokio::test]
async fn what_a_dead_server_is_comes_in_several_forms() {
    for failure in [
        Answer::Broken,
        Answer::Json(500, ""),
        Answer::Json(503, ""),
        Answer::Json(503, r#"{"error":"Service Unavailable"}"#),
        Answer::Json(503, r#"{"error":{"code":"temporarily_unavailable"}}"#),
        Answer::Json(200, "not json"),
    ] {
        let server = FakeServer::always(failure);
        let endpoint = opened(&server, &ManualClock::default()).await;
        assert_eq!(fails(&endpoint).await, FailureKind::BreakerOpen);
        assert_eq!(server.requests(), 5);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_is_dead_too() {
    let server = FakeServer::always(Answer::Never);
    opened(&server, &ManualClock::default()).await;
}

#[tokio::test]
async fn what_strangers_send_does_not_open_it() {
    for answer in [
        Answer::Json(400, r#"{"error":"invalid_request"}"#),
        Answer::Json(400, "a firewall's page"),
        Answer::Json(403, ""),
        Answer::Json(413, ""),
        Answer::Json(429, ""),
        Answer::Json(429, r#"{"error":"invalid_client"}"#),
        Answer::Json(503, r#"{"error":"temporarily_unavailable"}"#),
        Answer::Json(503, r#"{"error":"temporarily_unavailable","remint":{"unavailable":"key_set"}}"#),
        Answer::Json(500, r#"{"error":"server_error"}"#),
        Answer::Json(503, r#"{"error":"slow_down"}"#),
        Answer::TooLarge,
    ] {
        let server = FakeServer::always(answer);
        let endpoint = server.endpoint_as(basic("s"), once(), &ManualClock::default());
        for _ in 0..20 {
            endpoint.call(&Form::new()).await.unwrap_err();
        }
        assert_eq!(endpoint.breaker(), BreakerState::Closed { failures: 0 });
        assert_eq!(server.requests(), 20);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_which_of_its_parts_is_out_is_not_asked_twice_for_one_provider() {
    for (part, requests) in
        [("key_set", 1), ("introspection", 1), ("enricher", 1), ("deadline", 1), ("store", 3), ("nothing", 3)]
    {
        let body = format!(r#"{{"error":"temporarily_unavailable","remint":{{"unavailable":"{part}"}}}}"#);
        let server = FakeServer::always(Answer::Json(503, body.leak()));
        let endpoint = server.endpoint(&ManualClock::default());
        let Err(EndpointError::Failed(failure)) = endpoint.call(&Form::new()).await else { panic!("{part}") };
        assert_eq!(failure.kind(), FailureKind::Unavailable(ErrorCode::TemporarilyUnavailable));
        assert_eq!(failure.part(), UnavailableKind::from_reason(part));
        assert_eq!(failure.to_string().contains(part), part != "nothing", "{failure}");
        assert_eq!(server.requests(), requests, "{part}");
    }
}

#[tokio::test]
async fn an_answer_in_between_begins_the_count_anew() {
    let four = [const { Answer::Broken }; 4];
    let script: Vec<_> = four.iter().cloned().chain([OK]).chain(four.iter().cloned()).collect();
    let server = FakeServer::scripted(&script, OK);
    let endpoint = server.endpoint_as(basic("s"), once(), &ManualClock::default());
    for _ in 0..9 {
        let _ = endpoint.call(&Form::new()).await;
    }
    assert_eq!(endpoint.breaker(), BreakerState::Closed { failures: 4 });
}

#[tokio::test]
async fn after_a_while_one_call_finds_out() {
    let clock = ManualClock::default();
    let server = FakeServer::always(Answer::Broken);
    let endpoint = opened(&server, &clock).await;
    clock.advance(Duration::from_millis(499));
    assert_eq!(fails(&endpoint).await, FailureKind::BreakerOpen);
    clock.advance(Duration::from_millis(501));
    server.answers_now(Answer::Gated);
    let probe = tokio::spawn({
        let endpoint = endpoint.clone();
        async move { endpoint.call(&Form::new()).await.is_ok() }
    });
    while server.requests() < 6 {
        tokio::task::yield_now().await;
    }
    assert_eq!(endpoint.breaker(), BreakerState::Probing);
    assert_eq!(fails(&endpoint).await, FailureKind::BreakerOpen, "one at a time");
    server.gate.add_permits(1);
    assert!(probe.await.unwrap());
    assert_eq!(endpoint.breaker(), BreakerState::Closed { failures: 0 });
}

#[tokio::test]
async fn each_probe_that_fails_doubles_the_wait_up_to_thirty_seconds() {
    let clock = ManualClock::default();
    let server = FakeServer::always(Answer::Broken);
    let endpoint = opened(&server, &clock).await;
    let mut expected = 1;
    for _ in 0..8 {
        let BreakerState::Open { retry_after } = endpoint.breaker() else { panic!() };
        let whole = Duration::from_secs(expected);
        assert!(retry_after <= whole && retry_after >= whole / 2, "{retry_after:?} of {whole:?}");
        clock.advance(whole);
        let before = server.requests();
        assert_eq!(fails(&endpoint).await, FailureKind::Transport);
        assert_eq!(server.requests(), before + 1);
        expected = (expected * 2).min(30);
    }
    clock.advance(Duration::from_secs(30));
    server.answers_now(OK);
    endpoint.call(&Form::new()).await.unwrap();
    server.answers_now(Answer::Broken);
    for _ in 0..5 {
        fails(&endpoint).await;
    }
    let BreakerState::Open { retry_after } = endpoint.breaker() else { panic!() };
    assert!(retry_after <= Duration::from_secs(1), "who answered once begins anew");
}

#[tokio::test]
async fn a_probe_that_is_given_up_is_left_to_the_next() {
    let clock = ManualClock::default();
    let server = FakeServer::always(Answer::Broken);
    let endpoint = opened(&server, &clock).await;
    clock.advance(Duration::from_secs(1));
    server.answers_now(Answer::Never);
    let form = Form::new();
    let mut probe = Box::pin(endpoint.call(&form));
    assert!(std::future::poll_fn(|context| std::task::Poll::Ready(probe.as_mut().poll(context).is_pending())).await);
    assert_eq!(endpoint.breaker(), BreakerState::Probing);
    drop(probe);
    server.answers_now(OK);
    endpoint.call(&Form::new()).await.unwrap();
}

#[tokio::test]
async fn what_an_attempt_from_before_comes_to_says_nothing_any_more() {
    let clock = ManualClock::default();
    let server = FakeServer::always(Answer::Gated);
    let endpoint = server.endpoint_as(basic("s"), once(), &clock);
    let early = tokio::spawn({
        let endpoint = endpoint.clone();
        async move { endpoint.call(&Form::new()).await.is_ok() }
    });
    while server.requests() < 1 {
        tokio::task::yield_now().await;
    }
    server.answers_now(Answer::Broken);
    for _ in 0..5 {
        fails(&endpoint).await;
    }
    server.gate.add_permits(1);
    assert!(early.await.unwrap());
    assert!(matches!(endpoint.breaker(), BreakerState::Open { .. }), "it was sent before the server went away");
}

#[tokio::test]
async fn a_clock_that_was_set_back_does_not_keep_it_open() {
    let clock = ManualClock::default();
    let server = FakeServer::always(Answer::Broken);
    let endpoint = opened(&server, &clock).await;
    clock.set(remint_core::Timestamp::from_secs(1_000_000));
    server.answers_now(OK);
    endpoint.call(&Form::new()).await.unwrap();
}
