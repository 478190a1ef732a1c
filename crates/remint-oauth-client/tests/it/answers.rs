//! What an answer comes to.

use remint_oauth_client::{EndpointError, EndpointSettings, ErrorCode, FailureKind, Form};
use remint_testkit::ManualClock;
use wiremock::ResponseTemplate;

use crate::fake::{Answer, FakeServer};
use crate::support::{basic, endpoint, endpoint_with, ok, serving};

fn raw(status: u16, content_type: &str, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body, content_type)
}

async fn failure_of(response: ResponseTemplate) -> FailureKind {
    let server = serving(response).await;
    match endpoint(&server, basic("s3cret")).call(&Form::new()).await {
        Err(EndpointError::Failed(failure)) => failure.kind(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_object_is_taken_with_its_content_type_and_no_other() {
    for content_type in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
        let server = serving(raw(200, content_type, r#"{"a":1}"#)).await;
        assert_eq!(endpoint(&server, basic("s")).call(&Form::new()).await.unwrap().get("a"), Some(&1.into()));
    }
    for content_type in ["text/html", "application/jwt", "application/jsonp", "text/json"] {
        assert_eq!(failure_of(raw(200, content_type, "{}")).await, FailureKind::Malformed, "{content_type}");
    }
}

#[tokio::test]
async fn what_is_not_one_strict_object_is_malformed() {
    for body in ["", "null", "[]", "\"a\"", "{", "{}{}", r#"{"a":1,"a":2}"#, r#"{"a":{"b":1,"b":1}}"#, "\u{feff}{}"] {
        assert_eq!(failure_of(raw(200, "application/json", body)).await, FailureKind::Malformed, "{body}");
    }
}

#[tokio::test]
async fn an_answer_over_the_limit_is_not_read() {
    let at = format!(r#"{{"a":"{}"}}"#, "x".repeat(64 * 1024 - 8));
    assert_eq!(at.len(), 64 * 1024);
    let server = serving(raw(200, "application/json", &at)).await;
    assert!(endpoint(&server, basic("s")).call(&Form::new()).await.is_ok());
    assert_eq!(failure_of(raw(200, "application/json", &[&at, " "].concat())).await, FailureKind::TooLarge);
}

#[tokio::test]
async fn a_refusal_is_its_code_and_its_status() {
    for (status, text, code) in [
        (400, "invalid_request", ErrorCode::InvalidRequest),
        (401, "invalid_client", ErrorCode::InvalidClient),
        (400, "invalid_grant", ErrorCode::InvalidGrant),
        (400, "unauthorized_client", ErrorCode::UnauthorizedClient),
        (400, "unsupported_grant_type", ErrorCode::UnsupportedGrantType),
        (400, "invalid_scope", ErrorCode::InvalidScope),
        (400, "invalid_target", ErrorCode::InvalidTarget),
        (403, "access_denied", ErrorCode::Other),
        (400, "INVALID_GRANT", ErrorCode::Other),
    ] {
        let body = serde_json::json!({ "error": text, "error_description": "canary" });
        let server = serving(ResponseTemplate::new(status).set_body_json(body)).await;
        let error = endpoint(&server, basic("s")).call(&Form::new()).await.unwrap_err();
        let EndpointError::Refused(refused) = &error else { panic!("{error:?}") };
        assert_eq!((refused.code(), refused.status()), (code, status));
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("canary") && !shown.contains("access_denied"), "{shown}");
    }
}

#[tokio::test]
async fn a_refusal_that_names_no_error_is_a_failure() {
    for body in ["{}", r#"{"error":1}"#, "[]", "<html>", r#"{"error":"a","error":"b"}"#] {
        assert_eq!(failure_of(raw(400, "application/json", body)).await, FailureKind::Status(400), "{body}");
    }
    let html = raw(401, "text/html", r#"{"error":"invalid_grant"}"#);
    assert_eq!(failure_of(html).await, FailureKind::Status(401));
}

#[tokio::test]
async fn an_error_of_the_servers_own_is_never_a_refusal() {
    for (status, error, kind) in [
        (500, "invalid_grant", FailureKind::Unavailable(ErrorCode::InvalidGrant)),
        (501, "server_error", FailureKind::Unavailable(ErrorCode::ServerError)),
        (500, "Internal Server Error", FailureKind::Status(500)),
        (201, "invalid_grant", FailureKind::Status(201)),
        (204, "invalid_grant", FailureKind::Status(204)),
        (302, "invalid_grant", FailureKind::Status(302)),
    ] {
        let response = ResponseTemplate::new(status).set_body_json(serde_json::json!({ "error": error }));
        assert_eq!(failure_of(response).await, kind, "{status}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_our_credentials() {
    let elsewhere = serving(ok()).await;
    for status in [301, 302, 307, 308] {
        let location = [&elsewhere.uri(), "/token"].concat();
        let response = ResponseTemplate::new(status).insert_header("location", location);
        assert_eq!(failure_of(response).await, FailureKind::Status(status));
    }
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_answer_costs_the_deadline_and_no_more() {
    let server = FakeServer::always(Answer::Never);
    let endpoint = server.endpoint(&ManualClock::default());
    let began = tokio::time::Instant::now();
    let error = endpoint.call(&Form::new()).await.unwrap_err();
    assert!(matches!(error, EndpointError::Failed(failure) if failure.kind() == FailureKind::Timeout));
    assert_eq!(began.elapsed(), EndpointSettings::default().deadline);
    assert_eq!(server.requests(), 1, "what was not answered in time is not asked again");
}

#[tokio::test]
async fn a_real_server_that_hangs_is_a_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    let held = tokio::spawn(async move {
        let mut connections = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            connections.push(connection);
        }
    });
    let settings = EndpointSettings { deadline: std::time::Duration::from_millis(50), ..EndpointSettings::default() };
    let address = remint_oauth_client::EndpointAddress::Fixed(url.parse().unwrap());
    let http = std::sync::Arc::new(remint_oauth_client::HttpClient::new().unwrap());
    let endpoint =
        remint_oauth_client::Endpoint::builder(address, basic("s"), http).settings(settings).build().unwrap();
    let error = endpoint.call(&Form::new()).await.unwrap_err();
    assert!(matches!(error, EndpointError::Failed(failure) if failure.kind() == FailureKind::Timeout));
    held.abort();
}

#[tokio::test]
async fn an_address_that_is_neither_https_nor_this_machine_is_refused() {
    let http = std::sync::Arc::new(remint_oauth_client::HttpClient::new().unwrap());
    for url in ["http://auth.example/token", "https://user@auth.example/token", "https://auth.example/token#x"] {
        let address = remint_oauth_client::EndpointAddress::Fixed(url.parse().unwrap());
        assert!(remint_oauth_client::Endpoint::builder(address, basic("s"), http.clone()).build().is_err(), "{url}");
    }
    let server = serving(ok()).await;
    drop(endpoint_with(&server, basic("s"), EndpointSettings::default(), &ManualClock::default()));
}
