//! An answer is cached by the same rules as a token that was verified.

use std::sync::Arc;
use std::time::Duration;

use http::Request;
use remint_core::{Clock, DeniedKind, Refusal, Revocation, Target};
use remint_normalize::{Normalizer, Progress, Rejection};
use remint_revocation::Revocations;
use remint_testkit::fakes::FakeIssuer;
use serde_json::json;
use sha2::{Digest, Sha256};
use wiremock::ResponseTemplate;

use super::support::{Server, TOKEN};
use crate::support::{ISSUER, OWN};

struct Line {
    normalizer: Normalizer,
    revocations: Revocations,
}

impl Line {
    fn of(server: &Server) -> Self {
        let revocations = Revocations::in_memory(Arc::new(server.clock.clone())).unwrap();
        let issuer = FakeIssuer::new(server.clock.clone());
        let builder = Normalizer::builder(OWN.parse().unwrap(), "internal".parse().unwrap(), issuer);
        let builder = builder.authenticator(server.edge().0).clock(server.clock.clone());
        Self { normalizer: builder.revocations(revocations.clone()).build().unwrap(), revocations }
    }

    async fn ask(&self, token: &str) -> Result<(), Refusal> {
        let request = Request::get("/").header("authorization", format!("Bearer {token}")).body(()).unwrap();
        match self.normalizer.begin((&request).into()) {
            Progress::Hit(..) => Ok(()),
            Progress::Miss(exchange, _) => exchange.await.map(drop).map_err(Rejection::into_refusal),
            Progress::Rejected(rejection) => Err(rejection.into_refusal()),
            Progress::Anonymous(_) => panic!("there is a credential"),
        }
    }

    async fn denies(&self, token: &str) -> DeniedKind {
        match self.ask(token).await {
            Err(Refusal::Denied(denied)) => denied.kind(),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn the_issuer_is_asked_again_when_its_answer_counts_no_more_and_not_before() {
    let server = Server::saying(json!({})).await;
    let line = Line::of(&server);
    for _ in 0..3 {
        line.ask(TOKEN).await.unwrap();
    }
    assert_eq!(server.seen().await.len(), 1);
    server.clock.advance(Duration::from_millis(59_999));
    line.ask(TOKEN).await.unwrap();
    assert_eq!(server.seen().await.len(), 1);
    server.clock.advance(Duration::from_millis(1));
    line.ask(TOKEN).await.unwrap();
    assert_eq!(server.seen().await.len(), 2);
    // What the issuer has ended meanwhile ends here when it is asked again.
    server.answers(ResponseTemplate::new(200).set_body_json(json!({ "active": false }))).await;
    line.ask(TOKEN).await.unwrap();
    server.clock.advance(Duration::from_secs(60));
    assert_eq!(line.denies(TOKEN).await, DeniedKind::Inactive);
}

#[tokio::test]
async fn a_token_that_is_not_active_is_remembered_for_two_seconds() {
    let server = Server::new().await;
    server.answers(ResponseTemplate::new(200).set_body_json(json!({ "active": false }))).await;
    let line = Line::of(&server);
    for _ in 0..3 {
        assert_eq!(line.denies(TOKEN).await, DeniedKind::Inactive);
    }
    assert_eq!(server.seen().await.len(), 1);
    server.clock.advance(Duration::from_secs(2));
    server.says(json!({})).await;
    line.ask(TOKEN).await.unwrap();
}

#[tokio::test]
async fn an_outage_is_not_remembered() {
    let server = Server::new().await;
    server.answers(ResponseTemplate::new(401).set_body_json(json!({ "error": "invalid_client" }))).await;
    let line = Line::of(&server);
    assert!(matches!(line.ask(TOKEN).await, Err(Refusal::Unavailable(_))));
    server.says(json!({})).await;
    line.ask(TOKEN).await.unwrap();
}

#[tokio::test]
async fn a_revocation_ends_it_cached_or_not_by_subject_token_and_text() {
    for target in [
        Target::Subject { issuer: ISSUER.parse().unwrap(), subject: "alice".parse().unwrap() },
        Target::Token { issuer: ISSUER.parse().unwrap(), id: "t-1".parse().unwrap() },
        Target::SigningInput(Sha256::digest(TOKEN).into()),
        Target::Issuer(ISSUER.parse().unwrap()),
    ] {
        let server = Server::saying(json!({})).await;
        let line = Line::of(&server);
        line.ask(TOKEN).await.unwrap();
        let at = server.clock.now();
        line.revocations.table().apply(&Revocation::ended(target.clone(), at));
        for _ in ["cached", "asked anew"] {
            assert_eq!(line.denies(TOKEN).await, DeniedKind::Revoked, "{target:?}");
        }
    }
    let server = Server::saying(json!({})).await;
    let line = Line::of(&server);
    line.ask(TOKEN).await.unwrap();
    let other = Target::Subject { issuer: ISSUER.parse().unwrap(), subject: "bob".parse().unwrap() };
    line.revocations.table().apply(&Revocation::ended(other, server.clock.now()));
    line.ask(TOKEN).await.unwrap();
}
