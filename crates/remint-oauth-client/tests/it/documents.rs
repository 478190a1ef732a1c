//! Documents that are asked for by GET.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use remint_oauth_client::{
    BreakerState, CredentialsFile, DiscoveredServer, Document, Endpoint, EndpointAddress, EndpointError, ErrorCode,
    FailureKind, Form, RotatingCredentials,
};
use remint_testkit::ManualClock;
use serde_json::{Value, json};
use wiremock::matchers::{header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fake::{Answer, FakeServer};
use crate::support::{basic, client, endpoint};

/// A server that answers every GET so.
async fn answering(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("GET")).and(path("/token")).respond_with(response).mount(&server).await;
    server
}

fn body(status: u16, document: &Value, media_type: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(document.to_string(), media_type)
}

async fn get(server: &MockServer) -> Result<Document, EndpointError> {
    endpoint(server, basic("secret")).get(&Form::new().with("after", "a b"), Duration::ZERO).await
}

#[tokio::test]
async fn a_document_is_found_or_gone() {
    let document = json!({ "rows": [] });
    let server = MockServer::start().await;
    Mock::given(query_param("after", "a b"))
        .and(header("authorization", "Basic ZWRnZS0xOnNlY3JldA=="))
        .respond_with(body(200, &document, "application/json"))
        .mount(&server)
        .await;
    assert_eq!(get(&server).await.unwrap(), Document::Found(document.as_object().unwrap().clone()));
    let server = answering(body(410, &document, "application/problem+json; charset=utf-8")).await;
    assert_eq!(get(&server).await.unwrap(), Document::Gone(document.as_object().unwrap().clone()));
}

#[tokio::test]
async fn what_the_server_refuses_is_told_from_what_fails() {
    for (status, code) in [
        (400, ErrorCode::InvalidRequest),
        (401, ErrorCode::InvalidClient),
        (403, ErrorCode::UnauthorizedClient),
        (404, ErrorCode::Other),
        (405, ErrorCode::Other),
    ] {
        let server = answering(body(status, &json!({}), "application/problem+json")).await;
        let error = get(&server).await.unwrap_err();
        let EndpointError::Refused(refused) = &error else { panic!("{status}: {error:?}") };
        assert_eq!((refused.status(), refused.code()), (status, code));
    }
    for (status, media_type, kind) in [
        (200, "application/problem+json", FailureKind::Malformed),
        (410, "application/json", FailureKind::Malformed),
        (409, "application/problem+json", FailureKind::Status(409)),
        (429, "application/problem+json", FailureKind::TooManyRequests),
        (500, "application/problem+json", FailureKind::Status(500)),
    ] {
        let server = answering(body(status, &json!({}), media_type)).await;
        let error = get(&server).await.unwrap_err();
        let EndpointError::Failed(failure) = &error else { panic!("{status}: {error:?}") };
        assert_eq!(failure.kind(), kind);
    }
}

#[tokio::test]
async fn a_refusal_leaves_the_breaker_closed_and_failures_open_it() {
    for (status, is_open) in [(403, false), (404, false), (500, true)] {
        let server = answering(body(status, &json!({}), "application/problem+json")).await;
        let endpoint = endpoint(&server, basic("secret"));
        for _ in 0..5 {
            assert!(endpoint.get(&Form::new(), Duration::ZERO).await.is_err());
        }
        assert_eq!(matches!(endpoint.breaker(), BreakerState::Open { .. }), is_open, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_is_longer_by_what_the_server_may_wait() {
    for wait in [Duration::ZERO, Duration::from_secs(30)] {
        let endpoint = FakeServer::always(Answer::Never).endpoint(&ManualClock::default());
        let begun = tokio::time::Instant::now();
        let error = endpoint.get(&Form::new(), wait).await.unwrap_err();
        assert!(matches!(error, EndpointError::Failed(failure) if failure.kind() == FailureKind::Timeout));
        assert_eq!(begun.elapsed().as_secs(), 2 + wait.as_secs());
    }
}

#[tokio::test]
async fn the_file_of_a_secret_is_read_again_when_the_server_does_not_know_it() {
    let server = MockServer::start().await;
    let found = body(200, &json!({}), "application/json");
    Mock::given(header("authorization", "Basic ZWRnZS0xOm5ldw==")).respond_with(found).mount(&server).await;
    let unknown = body(401, &json!({}), "application/problem+json");
    Mock::given(method("GET")).respond_with(unknown).with_priority(10).mount(&server).await;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"old\n").unwrap();
    let credentials = RotatingCredentials::from_file(CredentialsFile::secret_basic(client(), file.path())).unwrap();
    let endpoint = endpoint(&server, credentials);
    assert!(endpoint.get(&Form::new(), Duration::ZERO).await.is_err());
    std::fs::write(file.path(), "new\n").unwrap();
    assert!(endpoint.get(&Form::new(), Duration::ZERO).await.is_ok());
}

#[tokio::test]
async fn a_server_whose_metadata_names_no_log_refuses_it() {
    for log in [None, Some("https://auth.example/v1/revocations")] {
        let server = FakeServer::always(Answer::Json(200, "{}"));
        let metadata = json!({ "issuer": "https://auth.example", "remint_revocation_log_endpoint": log });
        let metadata = match log {
            Some(_) => metadata,
            None => json!({ "issuer": "https://auth.example" }),
        };
        server.has_document("https://auth.example/.well-known/oauth-authorization-server", Ok(metadata));
        let discovered = DiscoveredServer::new("https://auth.example".parse().unwrap(), server.clone()).unwrap();
        let address = EndpointAddress::RevocationLog(discovered);
        let endpoint = Endpoint::builder(address, basic("secret"), Arc::clone(&server) as _).build().unwrap();
        match (endpoint.get(&Form::new(), Duration::ZERO).await, log) {
            (Ok(Document::Found(_)), Some(_)) => {}
            (Err(EndpointError::Refused(refused)), None) => assert_eq!(refused.status(), 404),
            (answer, _) => panic!("{answer:?}"),
        }
    }
}
