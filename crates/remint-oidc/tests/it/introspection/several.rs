//! Several trusts in one issuer that is asked about its tokens.

use std::time::Duration;

use remint_core::DeniedKind;
use remint_oidc::{Introspection, Trust};
use serde_json::json;

use super::support::{Server, TOKEN, credentials};
use crate::support::{Edge, FakeHttp, ISSUER, Provider};

fn trust(server: &Server, audience: &str, introspection: Introspection) -> Trust {
    let introspection = introspection.endpoint(server.endpoint());
    Trust::oidc(ISSUER, audience).named(audience).introspection(introspection)
}

fn by() -> Introspection {
    Introspection::new(credentials())
}

#[tokio::test]
async fn the_answer_says_which_of_them_an_opaque_token_is_held_to() {
    let server = Server::new().await;
    let trusts = [trust(&server, "a", by()), trust(&server, "b", by().again_after(Duration::from_secs(20)))];
    let edge = Edge::new(trusts, FakeHttp::new(), &server.clock);
    for (aud, lives) in [("a", 60), ("b", 20)] {
        server.says(json!({ "aud": aud })).await;
        let found = edge.accepts_opaque(TOKEN).await;
        assert_eq!(found.identity.subject.as_str(), format!("{aud}|alice"));
        let now = remint_core::Clock::now(&server.clock);
        assert_eq!(found.expires_at, now.saturating_add(Duration::from_secs(lives)));
        assert_eq!(server.seen().await, [TOKEN], "asked once");
    }
    server.says(json!({ "aud": "c" })).await;
    assert_eq!(edge.denies_opaque(TOKEN).await, DeniedKind::Audience);
}

#[tokio::test]
async fn an_opaque_token_is_held_to_none_that_does_not_take_it() {
    let server = Server::saying(json!({ "aud": "b" })).await;
    let trusts = [trust(&server, "a", by().opaque_prefix("a_")), trust(&server, "b", by().jwts_only())];
    let edge = Edge::new(trusts, FakeHttp::new(), &server.clock);
    assert_eq!(edge.denies_opaque("a_1").await, DeniedKind::Audience);
    assert!(edge.ask_in(remint_core::Slot::Bearer, "b_1").await.unwrap().is_none());
}

#[tokio::test]
async fn one_may_verify_and_the_other_ask() {
    let provider = Provider::new();
    let server = Server::saying(json!({ "aud": "b" })).await;
    server.clock.set(remint_core::Clock::now(&provider.clock));
    let signed = Trust::oidc(ISSUER, "a").named("a").key_set(provider.jwks());
    let edge = Edge::new([signed, trust(&server, "b", by())], FakeHttp::new(), &server.clock);
    for aud in ["a", "b"] {
        let token = provider.sign(&provider.with(json!({ "aud": aud })));
        assert_eq!(edge.accepts(&token).await.identity.subject.as_str(), format!("{aud}|alice"));
    }
    assert_eq!(server.seen().await.len(), 1);
    // What is answered counts, and never leads to the one that verifies.
    server.says(json!({ "aud": "a" })).await;
    let token = provider.sign(&provider.with(json!({ "aud": "b" })));
    assert_eq!(edge.denies(&token).await, DeniedKind::Audience);
}
