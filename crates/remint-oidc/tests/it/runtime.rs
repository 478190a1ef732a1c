//! Trust comes and goes while requests flow.

use std::sync::Arc;
use std::time::Duration;

use remint_core::DeniedKind;
use remint_oidc::{Trust, TrustErrorKind};
use serde_json::json;

use crate::support::{AUDIENCE, Edge, FakeHttp, ISSUER, Provider};

#[tokio::test(start_paused = true)]
async fn an_issuer_is_trusted_from_its_addition_to_its_removal() {
    let (provider, http) = (Provider::new(), FakeHttp::new());
    http.discovery(ISSUER, ISSUER, provider.jwks().to_json());
    let edge = Edge::new([], http, &provider.clock);
    let token = provider.sign(&provider.claims());
    assert_eq!(edge.denies(&token).await, DeniedKind::UntrustedIssuer);
    edge.0.add(Trust::oidc(ISSUER, AUDIENCE)).await.unwrap();
    edge.accepts(&token).await;
    assert!(edge.0.remove(ISSUER));
    assert_eq!(edge.denies(&token).await, DeniedKind::UntrustedIssuer);
    assert!(!edge.0.remove(ISSUER));
    edge.0.add(Trust::oidc(ISSUER, AUDIENCE)).await.unwrap();
    edge.accepts(&token).await;
}

#[tokio::test(start_paused = true)]
async fn a_template_can_be_removed_too() {
    let (provider, template) = (Provider::new(), "https://login.example/{tenantid}/v2.0");
    let edge = provider.edge(Trust::oidc(template, AUDIENCE).any_tenant().key_set(provider.jwks()));
    let token = provider.sign(&provider.with(json!({ "iss": "https://login.example/t/v2.0", "tid": "t" })));
    edge.accepts(&token).await;
    assert!(edge.0.remove(template));
    assert_eq!(edge.denies(&token).await, DeniedKind::UntrustedIssuer);
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_cannot_be_added_and_leaves_things_as_they_are() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    let again = edge.0.add(provider.trust().named("other")).await.unwrap_err();
    assert_eq!(*again.kind(), TrustErrorKind::DuplicateIssuer);
    let namesake = Trust::oidc("https://idp.example/realms/two", AUDIENCE).key_set(provider.jwks());
    let namesake = edge.0.add(namesake).await.unwrap_err();
    assert_eq!(*namesake.kind(), TrustErrorKind::DuplicateName("idp.example".into()));
    let lookalike = Trust::oidc("https://b.example", AUDIENCE).named("IDP.Example").key_set(provider.jwks());
    let lookalike = edge.0.add(lookalike).await.unwrap_err();
    assert_eq!(*lookalike.kind(), TrustErrorKind::DuplicateName("idp.example".into()));
    edge.accepts(&provider.sign(&provider.claims())).await;
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_does_not_answer_can_be_added() {
    let (provider, http) = (Provider::new(), FakeHttp::new());
    let edge = Edge::new([], http.clone(), &provider.clock);
    edge.0.add(Trust::oidc(ISSUER, AUDIENCE)).await.unwrap();
    http.discovery(ISSUER, ISSUER, provider.jwks().to_json());
    tokio::time::advance(Duration::from_millis(5001)).await;
    edge.accepts(&provider.sign(&provider.claims())).await;
}

#[tokio::test(start_paused = true)]
async fn an_issuer_removed_while_its_key_is_fetched_is_trusted_no_more() {
    let (provider, http) = (Provider::new(), FakeHttp::new());
    http.discovery(ISSUER, ISSUER, provider.jwks().to_json());
    let held = http.hold();
    let edge = Arc::new(Edge::new([Trust::oidc(ISSUER, AUDIENCE)], http.clone(), &provider.clock));
    let (asking, token) = (edge.clone(), provider.sign(&provider.claims()));
    let answer = tokio::spawn(async move { asking.denies(&token).await });
    while http.asked().is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(edge.0.remove(ISSUER));
    held.notify_one();
    assert_eq!(answer.await.unwrap(), DeniedKind::UntrustedIssuer);
}
