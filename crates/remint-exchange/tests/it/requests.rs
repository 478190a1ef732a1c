//! What the server is asked, and what it is not.

use remint_core::{Audience, Credential, CredentialForm, DeniedKind, Exchanger as _, Slot};
use remint_exchange::{BuildError, KeySource};
use serde_json::json;

use crate::support::{Server, denied, exchanged, parameters};

async fn sent(server: &Server) -> Vec<(String, String)> {
    let exchanges = server.exchanges().await;
    assert_eq!(exchanges.len(), 1);
    parameters(exchanges.first().unwrap())
}

#[tokio::test]
async fn the_request_is_that_of_rfc_8693() {
    let server = Server::start().await;
    server.issues(&server.token()).await;
    let subject = server.subject(&json!({}));
    exchanged(&server.exchanger(), &subject).await.unwrap();
    let expected = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", subject.as_str()),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
        ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("audience", "internal"),
    ];
    assert_eq!(sent(&server).await, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let authorization = server.exchanges().await[0].headers.get("authorization").unwrap().clone();
    assert_eq!(authorization, "Basic ZWRnZS0xOnMzY3JldA==");
}

#[tokio::test]
async fn further_parameters_go_along() {
    let server = Server::start().await;
    server.issues(&server.token()).await;
    let exchanger = server
        .builder()
        .also_audience(&Audience::new("billing").unwrap())
        .resource(&"https://api.example/".parse().unwrap())
        .scope(&"b a".parse().unwrap())
        .build()
        .unwrap();
    exchanged(&exchanger, &server.subject(&json!({}))).await.unwrap();
    let sent = sent(&server).await;
    let further: Vec<_> = sent[5..].iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(further, [("audience", "billing"), ("resource", "https://api.example/"), ("scope", "a b")]);
}

#[tokio::test]
async fn each_form_of_a_credential_is_sent_as_what_it_is() {
    const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
    const API_KEY: &str = "urn:remint:params:oauth:token-type:api-key";
    let server = Server::start().await;
    let exchanger = server.builder().opaque_prefix("opq_").build().unwrap();
    for (slot, text, token_type) in [
        (Slot::Bearer, "opq_abc", ACCESS_TOKEN),
        (Slot::Dpop, "opq_abc", ACCESS_TOKEN),
        (Slot::Bearer, "rmt_live_abc", API_KEY),
        (Slot::Bearer, "xopq_abc", API_KEY),
        (Slot::ApiKeyHeader, "opq_abc", API_KEY),
        (Slot::ApiKeyScheme, "opq_abc", API_KEY),
    ] {
        server.issues(&server.token()).await;
        exchanger.exchange(Credential::new(slot, CredentialForm::ApiKey, text)).await.unwrap();
        let sent = sent(&server).await;
        assert_eq!(sent[1].1, text);
        assert_eq!(sent[2].1, token_type, "{slot:?} {text}");
    }
    server.issues(&server.token()).await;
    let exchanger = server.builder().jwt_as_access_token().build().unwrap();
    exchanged(&exchanger, &server.subject(&json!({}))).await.unwrap();
    assert_eq!(sent(&server).await[2].1, ACCESS_TOKEN);
}

#[tokio::test]
async fn an_internal_token_does_not_come_in_as_a_credential() {
    let server = Server::start().await;
    server.issues(&server.token()).await;
    for own in [
        server.token(),
        server.token_with(&json!({ "aud": "elsewhere" })),
        server.subject(&json!({ "iss": server.issuer().as_str() })),
    ] {
        assert_eq!(denied(&server.exchanger(), &own).await, DeniedKind::UntrustedIssuer);
    }
    assert!(server.exchanges().await.is_empty());
}

#[tokio::test]
async fn what_can_be_refused_without_asking_is() {
    let server = Server::start().await;
    server.issues(&server.token()).await;
    let now = remint_core::Clock::now(&server.clock).as_secs();
    for (subject, kind) in [
        (server.subject(&json!({ "exp": now })), DeniedKind::Expired),
        (server.subject(&json!({ "exp": now - 1 })), DeniedKind::Expired),
        (server.subject(&json!({ "exp": "later" })), DeniedKind::Claim),
        (server.subject(&json!({ "iat": "1.5" })), DeniedKind::Claim),
        (server.subject(&json!({ "exp": now as f64 - 0.5 })), DeniedKind::Expired),
        (server.subject(&json!({ "cnf": { "jwk": {} } })), DeniedKind::SenderConstrained),
        (server.subject(&json!({ "cnf": [] })), DeniedKind::SenderConstrained),
        (
            server.subject(&json!({ "cnf": { "jkt": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "kid": "k" } })),
            DeniedKind::SenderConstrained,
        ),
        ("e30.e30.e30".to_owned(), DeniedKind::Algorithm),
        ("a.b".to_owned(), DeniedKind::Structure),
    ] {
        assert_eq!(denied(&server.exchanger(), &subject).await, kind, "{subject}");
    }
    assert!(server.exchanges().await.is_empty());
}

#[tokio::test]
async fn what_a_token_carries_along_is_the_servers_to_read() {
    let server = Server::start().await;
    server.issues(&server.token()).await;
    for changes in [
        json!({ "cnf": null, "nbf": null, "jti": null }),
        json!({ "iat": 1767225599.5, "exp": 1767225900.5 }),
        json!({ "jti": 7, "acr": 2, "amr": [{ "method": "password" }], "act": "worker" }),
    ] {
        exchanged(&server.exchanger(), &server.subject(&changes)).await.unwrap();
    }
}

#[tokio::test]
async fn addresses_may_be_fixed() {
    let server = Server::start().await;
    server.issues(&server.token()).await;
    let builder = server.builder().token_endpoint(server.url("/token")).keys(KeySource::JwksUri(server.url("/jwks")));
    exchanged(&builder.build().unwrap(), &server.subject(&json!({}))).await.unwrap();
    let received = server.http.received_requests().await.unwrap();
    assert!(received.iter().all(|request| !request.url.path().contains("well-known")));
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_errors() {
    let server = Server::start().await;
    let plain = server.builder().token_endpoint("http://auth.example/token".parse().unwrap());
    assert!(matches!(plain.build(), Err(BuildError::Address(_))));
    assert!(matches!(server.builder().accept_type("JWT").build(), Err(BuildError::TokenType)));
    let builder = remint_exchange::RemoteExchanger::builder(
        remint_core::IssuerId::new("auth.internal").unwrap(),
        Audience::new("internal").unwrap(),
        remint_exchange::ClientCredentials::secret_basic(
            remint_core::ClientId::new("edge").unwrap(),
            remint_exchange::ClientSecret::new("canary"),
        ),
    );
    assert!(!format!("{builder:?}").contains("canary"));
    assert!(matches!(builder.build(), Err(BuildError::Issuer(_))));
}
