//! What is asked again, and how often.

use std::time::Duration;

use remint_jwt::{Algorithm, SigningKey};
use remint_oauth_client::{AssertionAudience, ClientCredentials, EndpointError, EndpointSettings, FailureKind, Form};
use remint_testkit::ManualClock;
use tokio::time::Instant;

use crate::fake::{Answer, FakeServer};
use crate::support::client;

const OK: Answer = Answer::Json(200, "{}");

#[tokio::test(start_paused = true)]
async fn a_connection_that_failed_and_a_gateway_that_could_not_are_asked_again() {
    for first in [Answer::Broken, Answer::Json(502, ""), Answer::Json(503, ""), Answer::Json(504, "")] {
        let server = FakeServer::scripted(&[first.clone(), first.clone()], OK);
        assert!(server.endpoint(&ManualClock::default()).call(&Form::new()).await.is_ok(), "{first:?}");
        assert_eq!(server.requests(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_asked_three_times_and_no_more() {
    let server = FakeServer::always(Answer::Json(503, ""));
    let error = server.endpoint(&ManualClock::default()).call(&Form::new()).await.unwrap_err();
    assert!(matches!(error, EndpointError::Failed(failure) if failure.kind() == FailureKind::Status(503)));
    assert_eq!(server.requests(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_another_attempt_would_not_change_is_not_asked_again() {
    for only in [
        Answer::Json(400, r#"{"error":"invalid_grant"}"#),
        Answer::Json(401, r#"{"error":"invalid_client"}"#),
        Answer::Json(403, ""),
        Answer::Json(404, ""),
        Answer::Json(429, ""),
        Answer::Json(500, ""),
        Answer::Json(200, "[]"),
        Answer::TooLarge,
        Answer::RetryAfter(429, "soon"),
        Answer::RetryAfter(429, "0"),
        Answer::RetryAfter(500, "1"),
    ] {
        let server = FakeServer::scripted(std::slice::from_ref(&only), OK);
        assert!(server.endpoint(&ManualClock::default()).call(&Form::new()).await.is_err(), "{only:?}");
        assert_eq!(server.requests(), 1, "{only:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_wants_fewer_requests_is_asked_again_when_it_says() {
    for status in [429, 503] {
        let server = FakeServer::scripted(&[Answer::RetryAfter(status, "1")], OK);
        let began = Instant::now();
        server.endpoint(&ManualClock::default()).call(&Form::new()).await.unwrap();
        assert!(began.elapsed() >= Duration::from_secs(1), "{status}");
        assert_eq!(server.requests(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_moment_beyond_the_deadline() {
    for (status, after, said) in [(429, "2", 2), (503, "3600", 3600), (503, "999999999", 3600)] {
        let server = FakeServer::scripted(&[Answer::RetryAfter(status, after)], OK);
        let began = Instant::now();
        let error = server.endpoint(&ManualClock::default()).call(&Form::new()).await.unwrap_err();
        assert_eq!((began.elapsed(), server.requests()), (Duration::ZERO, 1));
        let EndpointError::Failed(failure) = &error else { panic!("{error:?}") };
        assert_eq!(failure.retry_after(), Duration::from_secs(said));
        let unavailable = error.into_unavailable(remint_core::UnavailableKind::Issuer);
        assert_eq!(unavailable.retry_after(), Duration::from_secs(said));
    }
}

#[tokio::test(start_paused = true)]
async fn all_attempts_share_one_deadline() {
    let server = FakeServer::scripted(&[Answer::RetryAfter(503, "1")], Answer::Never);
    let began = Instant::now();
    let error = server.endpoint(&ManualClock::default()).call(&Form::new()).await.unwrap_err();
    assert!(matches!(error, EndpointError::Failed(failure) if failure.kind() == FailureKind::Timeout));
    assert_eq!(began.elapsed(), EndpointSettings::default().deadline);
}

#[tokio::test(start_paused = true)]
async fn the_waits_are_random() {
    let mut waits = Vec::new();
    for _ in 0..20 {
        let server = FakeServer::scripted(&[Answer::Broken], OK);
        let began = Instant::now();
        server.endpoint(&ManualClock::default()).call(&Form::new()).await.unwrap();
        waits.push(began.elapsed());
    }
    assert!(waits.iter().all(|wait| *wait <= Duration::from_millis(51)), "{waits:?}");
    waits.dedup();
    assert!(waits.len() > 1, "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn each_attempt_has_an_assertion_of_its_own() {
    let server = FakeServer::scripted(&[Answer::Broken], OK);
    let key = SigningKey::generate(Algorithm::EdDSA).unwrap();
    let credentials = ClientCredentials::private_key_jwt(client(), key, AssertionAudience::Endpoint);
    let settings = EndpointSettings::default();
    server.endpoint_as(credentials, settings, &ManualClock::default()).call(&Form::new()).await.unwrap();
    let [first, second] = server.bodies().try_into().unwrap();
    assert_ne!(first, second, "a server that looks for replays would refuse the second");
}
