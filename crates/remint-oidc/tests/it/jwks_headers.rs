//! A key set that is given only to who may have it, at a real HTTP server.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "it is for tests only")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use remint_core::{Authenticator, Credential, CredentialForm, IssuerId, Refusal, Slot};
use remint_keyset::{HeaderMap, HeaderName, HttpClient, KeySetSettings, RotatingHeaders};
use remint_oidc::{OidcAuthenticator, Trust};
use serde_json::json;
use wiremock::matchers::{header, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{OWN, Provider};

const AUTHORIZATION: HeaderName = HeaderName::from_static("authorization");

/// Serves discovery to everyone, and the keys for this secret alone.
async fn serve(server: &MockServer, provider: &Provider, secret: &str) {
    server.reset().await;
    let (issuer, jwks_uri) = (server.uri(), [&server.uri(), "/jwks"].concat());
    let document = ResponseTemplate::new(200).set_body_json(json!({ "issuer": issuer, "jwks_uri": jwks_uri }));
    let keys = ResponseTemplate::new(200).set_body_json(provider.jwks().to_json());
    Mock::given(path("/.well-known/openid-configuration")).respond_with(document).mount(server).await;
    Mock::given(path("/jwks")).and(header(AUTHORIZATION.as_str(), secret)).respond_with(keys).mount(server).await;
    Mock::given(path("/jwks")).respond_with(ResponseTemplate::new(401)).mount(server).await;
}

fn fixed(secret: &str) -> HeaderMap {
    [(AUTHORIZATION, secret.parse().unwrap())].into_iter().collect()
}

fn edge(provider: &Provider, trusts: impl IntoIterator<Item = Trust>) -> OidcAuthenticator {
    let (own, http) = (IssuerId::new(OWN).unwrap(), Arc::new(HttpClient::new().unwrap()));
    OidcAuthenticator::new(own, trusts, http, provider.clock.clone()).unwrap()
}

async fn is_accepted(edge: &OidcAuthenticator, token: &str) -> bool {
    match edge.authenticate(Credential::new(Slot::Bearer, CredentialForm::Jwt, token)).await {
        Ok(found) => found.is_some(),
        Err(Refusal::Unavailable(_)) => false,
        Err(Refusal::Denied(denied)) => panic!("{denied:?}"),
    }
}

#[tokio::test]
async fn a_set_behind_a_header_is_had_by_discovery_and_by_address_and_not_without() {
    let provider = Provider::new();
    let server = MockServer::start().await;
    serve(&server, &provider, "Bearer canary").await;
    let trust = || Trust::oidc(server.uri(), "api").named("idp");
    let token = provider.sign(&provider.with(json!({ "iss": server.uri() })));
    let by_address = || trust().jwks_uri([&server.uri(), "/jwks"].concat());
    for (trust, accepted) in [
        (trust().jwks_headers(fixed("Bearer canary")), true),
        (by_address().jwks_headers(fixed("Bearer canary")), true),
        (trust().jwks_headers(fixed("Bearer other")), false),
        (trust(), false),
        (by_address(), false),
    ] {
        assert!(!format!("{trust:?}").contains("canary"));
        assert_eq!(is_accepted(&edge(&provider, [trust]), &token).await, accepted);
    }
}

#[tokio::test]
async fn a_secret_that_rotates_in_its_file_costs_no_token() {
    let provider = Provider::new();
    let server = MockServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let put = |secret: &str| {
        std::fs::write(&file, secret).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    };
    put("Bearer one\n");
    serve(&server, &provider, "Bearer one").await;
    let in_file = |file: &Path| RotatingHeaders::with_files(HeaderMap::new(), [(AUTHORIZATION, file.into())]).unwrap();
    // Each unknown key is asked for.
    let settings = KeySetSettings { refetch_after: Duration::ZERO, retry_after: Duration::ZERO, ..Default::default() };
    let trust = Trust::oidc(server.uri(), "api").named("idp").key_set_settings(settings);
    let edge = edge(&provider, [trust.jwks_headers(in_file(&file))]);
    let claims = provider.with(json!({ "iss": server.uri() }));
    assert!(is_accepted(&edge, &provider.sign(&claims)).await);

    // The secret is another, and so is the key.
    let next = Provider { clock: provider.clock.clone(), ..Provider::new() };
    serve(&server, &next, "Bearer two").await;
    assert!(!is_accepted(&edge, &next.sign(&claims)).await, "the old secret");
    put("Bearer two\n");
    assert!(is_accepted(&edge, &next.sign(&claims)).await);
}

#[tokio::test]
async fn two_trusts_with_other_headers_have_sets_of_their_own() {
    let provider = Provider::new();
    let server = MockServer::start().await;
    serve(&server, &provider, "Bearer one").await;
    let trust =
        |audience: &str, secret: &str| Trust::oidc(server.uri(), audience).named(audience).jwks_headers(fixed(secret));
    let edge = edge(&provider, [trust("a", "Bearer one"), trust("b", "Bearer two"), trust("c", "Bearer one")]);
    for (aud, accepted) in [("a", true), ("b", false), ("c", true)] {
        let token = provider.sign(&provider.with(json!({ "iss": server.uri(), "aud": aud })));
        assert_eq!(is_accepted(&edge, &token).await, accepted, "{aud}");
    }
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.iter().filter(|request| request.url.path() == "/jwks").count(), 2, "one for each secret");
}
