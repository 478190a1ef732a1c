//! Keys belong to issuers, and an outage is never a 401.

use std::time::Duration;

use remint_core::{Clock, DeniedKind, Refusal, Slot, UnavailableKind};
use remint_jwt::JwkSet;
use remint_oidc::Trust;
use serde_json::json;

use crate::support::{AUDIENCE, Edge, FakeHttp, ISSUER, Provider};

fn trust() -> Trust {
    Trust::oidc(ISSUER, AUDIENCE)
}

fn is_outage(answer: Result<remint_core::Authentication, Refusal>) -> bool {
    matches!(answer, Err(Refusal::Unavailable(ours)) if ours.kind() == UnavailableKind::KeySet)
}

/// Both clocks move: the one of the day and the monotonic one.
async fn pass(provider: &Provider, time: Duration) {
    provider.clock.advance(time);
    tokio::time::advance(time).await;
}

#[tokio::test]
async fn a_forged_signature_is_refused() {
    let (provider, forger) = (Provider::new(), Provider::new());
    let edge = provider.edge(provider.trust());
    let token = forger.sign_with(&provider.header(), &provider.claims());
    assert_eq!(edge.denies(&token).await, DeniedKind::Signature);
}

#[tokio::test]
async fn a_key_of_one_issuer_does_not_sign_for_another_though_they_share_its_kid() {
    let (a, b) = (Provider::new(), Provider::new());
    let mut jwks = b.jwks().to_json();
    jwks["keys"][0]["kid"] = a.key.key_id().into();
    let b_keys = JwkSet::parse(jwks.to_string().as_bytes()).unwrap();
    let edge = Edge::new(
        [
            Trust::oidc("https://a.example", AUDIENCE).key_set(a.jwks()),
            Trust::oidc("https://b.example", AUDIENCE).key_set(b_keys),
        ],
        FakeHttp::new(),
        &a.clock,
    );
    for (issuer, signer, accepted) in [
        ("https://a.example", &a, true),
        ("https://b.example", &b, true),
        ("https://a.example", &b, false),
        ("https://b.example", &a, false),
    ] {
        let token = signer.sign_with(&a.header(), &a.with(json!({ "iss": issuer })));
        assert_eq!(edge.ask(&token).await.is_ok(), accepted, "{issuer}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_never_a_401() {
    let (provider, http) = (Provider::new(), FakeHttp::new());
    let edge = Edge::new([trust()], http.clone(), &provider.clock);
    edge.0.start().await;
    let token = provider.sign(&provider.claims());
    assert!(is_outage(edge.ask(&token).await));
    http.discovery(ISSUER, ISSUER, provider.jwks().to_json());
    tokio::time::advance(Duration::from_millis(5001)).await;
    edge.accepts(&token).await;
}

#[tokio::test(start_paused = true)]
async fn when_the_provider_dies_known_keys_go_on_and_unknown_ones_are_an_outage() {
    let (provider, other, http) = (Provider::new(), Provider::new(), FakeHttp::new());
    http.discovery(ISSUER, ISSUER, provider.jwks().to_json());
    let edge = Edge::new([trust()], http.clone(), &provider.clock);
    edge.0.start().await;
    http.clear();
    for iat in [0, 120] {
        let iat = provider.clock.now().saturating_sub(Duration::from_secs(iat)).as_secs();
        let unknown = other.sign(&provider.with(json!({ "iat": iat })));
        assert_eq!(edge.denies(&unknown).await, DeniedKind::UnknownKeyId, "the set was fetched a moment ago");
    }
    pass(&provider, Duration::from_secs(60)).await;
    edge.accepts(&provider.sign(&provider.claims())).await;
    for iat in [0, 120] {
        let iat = provider.clock.now().saturating_sub(Duration::from_secs(iat)).as_secs();
        let unknown = other.sign(&provider.with(json!({ "iat": iat })));
        assert!(is_outage(edge.ask(&unknown).await), "what a stranger writes into `iat` decides nothing");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rotation_refuses_nobody() {
    let (old, new, http) = (Provider::new(), Provider::new(), FakeHttp::new());
    http.discovery(ISSUER, ISSUER, old.jwks().to_json());
    let edge = Edge::new([trust()], http.clone(), &old.clock);
    edge.0.start().await;
    pass(&old, Duration::from_secs(60)).await;
    let both = JwkSet::try_from(vec![old.key.public_jwk().clone(), new.key.public_jwk().clone()]).unwrap();
    http.discovery(ISSUER, ISSUER, both.to_json());
    edge.accepts(&new.sign(&old.claims())).await;
    edge.accepts(&old.sign(&old.claims())).await;
}

#[tokio::test(start_paused = true)]
async fn without_a_kid_a_rotated_key_is_found_and_a_forgery_refused() {
    let (old, new, http) = (Provider::new(), Provider::new(), FakeHttp::new());
    http.discovery(ISSUER, ISSUER, old.jwks().to_json());
    let edge = Edge::new([trust()], http.clone(), &old.clock);
    edge.0.start().await;
    let mut header = old.header();
    header.kid = None;
    edge.accepts(&old.sign_with(&header, &old.claims())).await;
    http.discovery(ISSUER, ISSUER, new.jwks().to_json());
    pass(&old, Duration::from_secs(60)).await;
    let claims = old.claims();
    edge.accepts(&new.sign_with(&header, &claims)).await;
    assert_eq!(edge.denies(&old.sign_with(&header, &claims)).await, DeniedKind::UnknownKeyId);
}

#[tokio::test(start_paused = true)]
async fn a_failed_signature_without_a_kid_means_what_an_unknown_kid_means() {
    let (provider, forger, http) = (Provider::new(), Provider::new(), FakeHttp::new());
    http.discovery(ISSUER, ISSUER, provider.jwks().to_json());
    let edge = Edge::new([trust()], http.clone(), &provider.clock);
    edge.0.start().await;
    let mut header = provider.header();
    header.kid = None;
    let forged = forger.sign_with(&header, &provider.claims());
    let asked = http.asked().len();
    let denied = edge.denies(&forged).await;
    assert_eq!((denied, denied.remember_for()), (DeniedKind::UnknownKeyId, None));
    assert_eq!(http.asked().len(), asked, "the set was fetched a moment ago");
    pass(&provider, Duration::from_secs(11)).await;
    http.clear();
    assert!(is_outage(edge.ask(&forged).await));
    assert!(is_outage(edge.ask(&forged).await));
    assert_eq!(http.asked().len(), asked + 1, "one attempt in five seconds");
    edge.accepts(&provider.sign_with(&header, &provider.claims())).await;
}

#[tokio::test(start_paused = true)]
async fn the_ten_seconds_are_a_setting_of_the_trust() {
    let (provider, other, http) = (Provider::new(), Provider::new(), FakeHttp::new());
    http.discovery(ISSUER, ISSUER, provider.jwks().to_json());
    let trust = trust().jwks_refetch_after(Duration::from_secs(60));
    let edge = Edge::new([trust], http.clone(), &provider.clock);
    edge.0.start().await;
    let asked = http.asked().len();
    for (seconds, more) in [(60, 0), (1, 1)] {
        pass(&provider, Duration::from_secs(seconds)).await;
        assert_eq!(edge.denies(&other.sign(&provider.claims())).await, DeniedKind::UnknownKeyId);
        assert_eq!(http.asked().len(), asked + more, "{seconds}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_ends_while_its_key_is_waited_for_has_ended() {
    let (provider, http) = (Provider::new(), FakeHttp::new());
    http.discovery(ISSUER, ISSUER, provider.jwks().to_json());
    http.takes(&provider.clock, Duration::from_secs(150));
    let edge = Edge::new([trust()], http, &provider.clock);
    assert_eq!(edge.denies(&provider.sign(&provider.claims())).await, DeniedKind::Expired);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_because_of_a_token_that_is_refused_anyway() {
    let (provider, http) = (Provider::new(), FakeHttp::new());
    let edge = Edge::new([trust().clients(["web"])], http.clone(), &provider.clock);
    for claims in [
        json!({ "iss": "https://evil.example" }),
        json!({ "aud": "other" }),
        json!({ "azp": "other" }),
        json!({ "azp": "web", "exp": provider.clock.now().as_secs() }),
        json!({ "azp": "web", "cnf": {} }),
        json!({ "azp": "web", "events": {} }),
    ] {
        edge.denies(&provider.sign(&provider.with(claims))).await;
    }
    assert!(http.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_tokens_own_addresses_are_never_asked() {
    let (provider, http) = (Provider::new(), FakeHttp::new());
    http.discovery(ISSUER, ISSUER, provider.jwks().to_json());
    let edge = Edge::new([trust()], http.clone(), &provider.clock);
    let forger = Provider::new();
    let places = |provider: &Provider| {
        let mut header = provider.header();
        header.jku = Some("https://evil.example/jwks".into());
        header.x5u = Some("https://evil.example/cert.pem".into());
        header.x5c = Some(vec!["MIIB".into()]);
        header.x5t = Some("x".into());
        header
    };
    http.set("https://evil.example/jwks", forger.jwks().to_json());
    let forged = forger.sign_with(&places(&forger), &provider.claims());
    assert_eq!(edge.denies(&forged).await, DeniedKind::UnknownKeyId);
    let mut posed = places(&forger);
    posed.kid = Some(provider.key.key_id().into());
    assert_eq!(edge.denies(&forger.sign_with(&posed, &provider.claims())).await, DeniedKind::Signature);
    // Nor do they refuse a token of the issuer, which writes them into each.
    let token = provider.sign_with(&places(&provider), &provider.claims());
    edge.accepts(&token).await;
    assert_eq!(edge.denies_in(Slot::Assertion, &token).await, DeniedKind::Structure);
    let evil: Vec<_> = http.asked().into_iter().filter(|url| !url.starts_with(ISSUER)).collect();
    assert!(evil.is_empty(), "{evil:?}");
}

#[tokio::test]
async fn keys_that_share_a_kid_are_all_tried_and_a_forgery_under_it_is_a_bad_signature() {
    let (one, two, forger) = (Provider::new(), Provider::new(), Provider::new());
    let mut jwks =
        JwkSet::try_from(vec![one.key.public_jwk().clone(), two.key.public_jwk().clone()]).unwrap().to_json();
    jwks["keys"][1]["kid"] = one.key.key_id().into();
    let edge = one.edge(trust().key_set(JwkSet::parse(jwks.to_string().as_bytes()).unwrap()));
    for signer in [&one, &two] {
        edge.accepts(&signer.sign_with(&one.header(), &one.claims())).await;
    }
    assert_eq!(edge.denies(&forger.sign_with(&one.header(), &one.claims())).await, DeniedKind::Signature);
}

#[tokio::test]
async fn a_failed_signature_under_keys_at_hand_that_the_token_does_not_name_is_an_unknown_kid() {
    let (provider, forger) = (Provider::new(), Provider::new());
    let mut jwks = provider.jwks().to_json();
    jwks["keys"][0]["kid"] = json!(null);
    let unnamed = provider.edge(trust().key_set(JwkSet::parse(jwks.to_string().as_bytes()).unwrap()));
    unnamed.accepts(&provider.sign(&provider.claims())).await;
    assert_eq!(unnamed.denies(&forger.sign(&provider.claims())).await, DeniedKind::UnknownKeyId);
    let named = provider.edge(provider.trust());
    let mut header = forger.header();
    header.kid = None;
    assert_eq!(named.denies(&forger.sign_with(&header, &provider.claims())).await, DeniedKind::UnknownKeyId);
}

#[tokio::test(start_paused = true)]
async fn a_key_without_a_kid_that_was_replaced_is_fetched_again() {
    let (old, new, http) = (Provider::new(), Provider::new(), FakeHttp::new());
    let unnamed = |provider: &Provider| {
        let mut jwks = provider.jwks().to_json();
        jwks["keys"][0]["kid"] = json!("");
        jwks
    };
    http.discovery(ISSUER, ISSUER, unnamed(&old));
    let edge = Edge::new([trust()], http.clone(), &old.clock);
    edge.0.start().await;
    pass(&old, Duration::from_secs(60)).await;
    http.discovery(ISSUER, ISSUER, unnamed(&new));
    edge.accepts(&new.sign(&old.claims())).await;
}

#[tokio::test]
async fn a_key_is_for_the_issuer_that_it_names() {
    let provider = Provider::new();
    for (issuer, is_accepted) in [
        (json!(ISSUER), true),
        (json!("https://idp.example/{tenantid}"), true),
        (json!(""), true),
        (json!(null), true),
        (json!("https://IDP.example"), false),
        (json!("https://other.example"), false),
    ] {
        let mut jwks = provider.jwks().to_json();
        jwks["keys"][0]["issuer"] = issuer.clone();
        let edge = provider.edge(trust().key_set(JwkSet::parse(jwks.to_string().as_bytes()).unwrap()));
        match edge.ask(&provider.sign(&provider.claims())).await {
            Ok(_) => assert!(is_accepted, "{issuer}"),
            Err(Refusal::Denied(denied)) => {
                assert!(!is_accepted && denied.kind() == DeniedKind::UnknownKeyId, "{issuer}")
            }
            other => panic!("{issuer}: {other:?}"),
        }
    }
}
