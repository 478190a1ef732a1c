//! A token is sent to the issuer that it belongs to, and to nobody else.

use std::sync::Arc;

use remint_core::{Authenticator, Clock, Credential, CredentialForm, Slot};
use remint_keyset::HttpClient;
use remint_oidc::{Introspection, OidcAuthenticator, Trust};
use serde_json::json;
use wiremock::matchers::{method, path};
use wiremock::{Mock, ResponseTemplate};

use super::support::{Server, TOKEN, credentials};
use crate::support::{AUDIENCE, Edge, FakeHttp, OWN, Provider};

#[tokio::test]
async fn with_a_prefix_only_texts_that_begin_so_are_sent() {
    let server = Server::saying(json!({})).await;
    let edge = server.edge_with(server.trust_by(server.introspection().opaque_prefix("ory_at_")));
    for other in [TOKEN, "ory_at", "ORY_AT_x", "xory_at_x", "rmt_live_x", "ory_rt_x"] {
        assert!(edge.ask_in(Slot::Bearer, other).await.unwrap().is_none(), "{other}");
    }
    assert!(server.seen().await.is_empty());
    edge.accepts_opaque("ory_at_x").await;
    assert_eq!(server.seen().await, ["ory_at_x"]);
}

#[tokio::test]
async fn each_issuer_is_asked_about_its_own_tokens_only() {
    let (a, b) = (Server::saying(json!({ "iss": "https://a.example" })).await, Server::new().await);
    b.says(json!({ "iss": "https://b.example" })).await;
    let trust = |server: &Server, issuer: &str, introspection: Introspection| {
        let introspection = introspection.endpoint(server.endpoint());
        Trust::oidc(issuer, AUDIENCE).introspection(introspection)
    };
    let by = || Introspection::new(credentials());
    let provider = Provider::new();
    let edge = Edge::new(
        [
            trust(&a, "https://a.example", by().opaque_prefix("a_")),
            trust(&b, "https://b.example", by().opaque_prefix("b_")),
            Trust::oidc("https://c.example", AUDIENCE).key_set(provider.jwks()),
        ],
        FakeHttp::new(),
        &a.clock,
    );
    let jwt = |issuer: &str| provider.sign(&provider.with(json!({ "iss": issuer, "sub": issuer })));
    a.clock.set(provider.clock.now());
    for (token, subject) in [("a_1", "a.example|alice"), ("b_1", "b.example|alice")] {
        assert_eq!(edge.accepts_opaque(token).await.identity.subject.as_str(), subject);
    }
    let (of_a, of_b, of_c) = (jwt("https://a.example"), jwt("https://b.example"), jwt("https://c.example"));
    for token in [&of_a, &of_b, &of_c] {
        edge.accepts(token).await;
    }
    assert_eq!(a.seen().await, ["a_1", &of_a]);
    assert_eq!(b.seen().await, ["b_1", &of_b]);
}

#[tokio::test]
async fn what_stands_where_keys_stand_is_never_sent() {
    let server = Server::saying(json!({})).await;
    let edge = server.edge();
    for slot in [Slot::ApiKeyScheme, Slot::ApiKeyHeader, Slot::Cookie] {
        assert!(edge.ask_in(slot, TOKEN).await.unwrap().is_none(), "{slot:?}");
    }
    assert!(server.seen().await.is_empty());
}

#[tokio::test]
async fn an_issuer_without_opaque_tokens_is_sent_none() {
    let server = Server::saying(json!({})).await;
    let edge = server.edge_with(server.trust_by(server.introspection().jwts_only()));
    assert!(edge.ask_in(Slot::Bearer, TOKEN).await.unwrap().is_none());
    let by_keys = server.edge_with(Provider::new().trust());
    assert!(by_keys.ask_in(Slot::Bearer, TOKEN).await.unwrap().is_none());
    assert!(server.seen().await.is_empty());
}

#[tokio::test]
async fn the_endpoint_is_found_by_discovery() {
    let server = Server::new().await;
    let issuer = server.mock.uri();
    server.says(json!({ "iss": issuer })).await;
    let document = json!({ "issuer": issuer, "introspection_endpoint": server.endpoint() });
    Mock::given(method("GET"))
        .and(path("/.well-known/oauth-authorization-server"))
        .respond_with(ResponseTemplate::new(200).set_body_json(document))
        .expect(1)
        .mount(&server.mock)
        .await;
    let trust = Trust::oidc(&*issuer, AUDIENCE).introspection(Introspection::new(credentials()));
    let (own, http) = (OWN.parse().unwrap(), Arc::new(HttpClient::new().unwrap()));
    let authenticator = OidcAuthenticator::new(own, [trust], http, Arc::new(server.clock.clone())).unwrap();
    authenticator.start().await;
    assert!(authenticator.key_sets().is_empty(), "it has no keys that could be missing");
    assert_eq!(authenticator.issuers(), [issuer]);
    for _ in 0..2 {
        let credential = Credential::new(Slot::Bearer, CredentialForm::ApiKey, TOKEN);
        assert!(authenticator.authenticate(credential).await.unwrap().is_some());
    }
    assert_eq!(server.seen().await.len(), 2);
}
