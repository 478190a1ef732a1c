//! Credentials that change while they are in use.

use std::io::Write as _;

use remint_jwt::{Algorithm, SigningKey};
use remint_oauth_client::{
    AssertionAudience, BreakerState, ClientCredentials, CredentialsFile, CredentialsFileError, EndpointError,
    ErrorCode, Form, RotatingCredentials,
};
use wiremock::matchers::{header, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{basic, client, endpoint, ok};

/// A server that knows one secret.
async fn knowing(authorization: &str) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST")).and(header("authorization", authorization)).respond_with(ok()).mount(&server).await;
    let refusal = ResponseTemplate::new(401).set_body_json(serde_json::json!({ "error": "invalid_client" }));
    Mock::given(method("POST")).respond_with(refusal).with_priority(10).mount(&server).await;
    server
}

/// `edge-1:old` and `edge-1:new`.
const OLD: &str = "Basic ZWRnZS0xOm9sZA==";
const NEW: &str = "Basic ZWRnZS0xOm5ldw==";

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn is_unknown_client(error: &EndpointError) -> bool {
    matches!(error, EndpointError::Refused(refused) if refused.code() == ErrorCode::InvalidClient)
}

#[tokio::test]
async fn credentials_are_replaced_while_the_endpoint_runs() {
    let server = knowing(NEW).await;
    let endpoint = endpoint(&server, basic("old"));
    assert!(is_unknown_client(&endpoint.call(&Form::new()).await.unwrap_err()));
    endpoint.replace_credentials(basic("new"));
    endpoint.call(&Form::new()).await.unwrap();
}

#[tokio::test]
async fn endpoints_share_credentials_that_rotate() {
    let server = knowing(NEW).await;
    let credentials = RotatingCredentials::new(basic("old"));
    let [token, introspection] = [(); 2].map(|()| endpoint(&server, credentials.clone()));
    credentials.replace(basic("new"));
    token.call(&Form::new()).await.unwrap();
    introspection.call(&Form::new()).await.unwrap();
}

#[tokio::test]
async fn a_file_is_read_again_when_the_server_does_not_know_the_secret_and_no_call_is_lost() {
    let server = knowing(NEW).await;
    let file = file("old\n");
    let credentials = RotatingCredentials::from_file(CredentialsFile::secret_basic(client(), file.path())).unwrap();
    let endpoint = endpoint(&server, credentials);
    assert!(is_unknown_client(&endpoint.call(&Form::new()).await.unwrap_err()));
    assert_eq!(server.received_requests().await.unwrap().len(), 1, "the same secret is not tried twice");
    std::fs::write(file.path(), "new\n").unwrap();
    endpoint.call(&Form::new()).await.unwrap();
    assert_eq!(server.received_requests().await.unwrap().len(), 3);
}

#[tokio::test]
async fn the_file_is_read_again_when_the_server_counts_too_many_failures_as_this_client() {
    let server = MockServer::start().await;
    Mock::given(method("POST")).and(header("authorization", NEW)).respond_with(ok()).mount(&server).await;
    let body = serde_json::json!({ "error": "invalid_client" });
    let limited = ResponseTemplate::new(429).insert_header("retry-after", "60").set_body_json(body);
    Mock::given(method("POST")).respond_with(limited).with_priority(10).mount(&server).await;
    let file = file("old");
    let credentials = RotatingCredentials::from_file(CredentialsFile::secret_basic(client(), file.path())).unwrap();
    let endpoint = endpoint(&server, credentials);
    for _ in 0..10 {
        endpoint.call(&Form::new()).await.unwrap_err();
    }
    assert_eq!(endpoint.breaker(), BreakerState::Closed { failures: 0 });
    std::fs::write(file.path(), "new").unwrap();
    endpoint.call(&Form::new()).await.unwrap();
}

#[tokio::test]
async fn a_new_secret_that_is_wrong_too_is_tried_once() {
    let server = knowing(NEW).await;
    let file = file("old");
    let credentials = RotatingCredentials::from_file(CredentialsFile::secret_basic(client(), file.path())).unwrap();
    let endpoint = endpoint(&server, credentials);
    std::fs::write(file.path(), "other").unwrap();
    assert!(is_unknown_client(&endpoint.call(&Form::new()).await.unwrap_err()));
    assert_eq!(server.received_requests().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_any_more_leaves_the_credentials() {
    let server = knowing(OLD).await;
    let file = file("old");
    let path = CredentialsFile::secret_basic(client(), file.path());
    let credentials = RotatingCredentials::from_file(path).unwrap();
    std::fs::write(file.path(), "  \n").unwrap();
    assert!(matches!(credentials.reread().await, Err(CredentialsFileError::Length)));
    drop(file);
    assert!(matches!(credentials.reread().await, Err(CredentialsFileError::Unreadable(_))));
    endpoint(&server, credentials).call(&Form::new()).await.unwrap();
}

#[tokio::test]
async fn reading_again_says_whether_there_is_something_new() {
    let file = file("old");
    let path = CredentialsFile::secret_post(client(), file.path());
    let credentials = RotatingCredentials::from_file(path).unwrap();
    assert!(!credentials.reread().await.unwrap());
    std::fs::write(file.path(), "new").unwrap();
    assert!(credentials.reread().await.unwrap());
    assert!(!credentials.reread().await.unwrap());
    assert!(!RotatingCredentials::new(basic("s")).reread().await.unwrap());
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_others_may_read_is_refused_and_leaves_the_credentials() {
    use std::os::unix::fs::PermissionsExt as _;

    let server = knowing(OLD).await;
    let file = file("old");
    let set_mode = |mode| std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    let credentials = || RotatingCredentials::from_file(CredentialsFile::secret_basic(client(), file.path()));
    let read = credentials().unwrap();
    set_mode(0o644);
    for error in [credentials().unwrap_err(), read.reread().await.unwrap_err()] {
        let CredentialsFileError::Unreadable(source) = error else { panic!("{error}") };
        assert!(source.to_string().contains("mode 0644"), "{source}");
    }
    endpoint(&server, read).call(&Form::new()).await.unwrap();
}

#[test]
fn a_file_holds_what_it_should_or_is_an_error_that_shows_nothing() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let read = |text: &str, algorithm| {
        let file = file(text);
        let file = CredentialsFile::private_key_jwt(client(), file.path(), algorithm, AssertionAudience::Endpoint);
        RotatingCredentials::from_file(file).map(|credentials| ClientCredentials::method(&credentials.current()))
    };
    assert_eq!(read(&key.to_pem().unwrap(), Algorithm::Es256).unwrap(), "private_key_jwt");
    assert!(matches!(read(&key.to_pem().unwrap(), Algorithm::EdDSA), Err(CredentialsFileError::Key(_))));
    let error = read("canary", Algorithm::Es256).unwrap_err();
    assert!(!format!("{error:?} {error}").contains("canary"));
    for text in ["", " \n", &"x".repeat(64 * 1024 + 1)] {
        assert!(matches!(read(text, Algorithm::Es256), Err(CredentialsFileError::Length)));
    }
}
