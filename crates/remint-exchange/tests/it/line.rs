//! The exchanger where it stands: in an edge's line.

use http::Request;
use remint_core::{Audience, ClientAddr, ClientId, Clock as _, IssuerId, KeyId, Revocation, Target, TokenId};
use remint_normalize::{Normalizer, Progress};
use remint_revocation::Revocations;
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::support::{Server, answer, changed};

fn line(server: &Server) -> Normalizer {
    let audience = Audience::new("internal").unwrap();
    let builder = Normalizer::exchanging(server.issuer(), audience, server.exchanger());
    builder.clock(server.clock.clone()).build().unwrap()
}

fn request(credential: &str, address: Option<&str>) -> Request<()> {
    let mut request = Request::get("/").header("authorization", format!("Bearer {credential}")).body(()).unwrap();
    if let Some(address) = address {
        request.extensions_mut().insert(ClientAddr(address.parse().unwrap()));
    }
    request
}

/// Who passes, or why nobody does; and whether it was a hit.
async fn ask(line: &Normalizer, request: &Request<()>) -> (Result<String, &'static str>, bool) {
    match line.begin(request.into()) {
        Progress::Hit(pass, _) => (Ok(pass.identity().subject.to_string()), true),
        Progress::Miss(exchange, _) => {
            let outcome = exchange.await;
            (outcome.map(|pass| pass.identity().subject.to_string()).map_err(|refusal| refusal.reason()), false)
        }
        Progress::Rejected(refusal) => (Err(refusal.reason()), true),
        Progress::Anonymous(_) => panic!(),
    }
}

#[tokio::test]
async fn a_hit_asks_nobody() {
    let server = Server::start().await;
    server.issues(&server.token()).await;
    let line = line(&server);
    let request = request(&server.subject(&json!({})), None);
    assert_eq!(ask(&line, &request).await, (Ok("alice".to_owned()), false));
    assert_eq!(ask(&line, &request).await, (Ok("alice".to_owned()), true));
    assert_eq!(server.exchanges().await.len(), 1);
}

#[tokio::test]
async fn what_the_server_restricts_a_key_to_holds_on_hits_and_misses() {
    let server = Server::start().await;
    let body = changed(answer(&server.token()), &json!({ "remint": { "networks": ["10.0.0.0/8"] } }));
    server.answers(ResponseTemplate::new(200).set_body_json(body)).await;
    let line = line(&server);
    let from = |address| request("rmt_live_abc", address);
    assert_eq!(ask(&line, &from(Some("192.0.2.1"))).await.0, Err("network"));
    assert_eq!(ask(&line, &from(Some("10.0.0.1"))).await, (Ok("alice".to_owned()), true));
    assert_eq!(ask(&line, &from(None)).await, (Err("network"), true));
}

#[tokio::test]
async fn a_credential_that_is_bound_to_its_sender_does_not_become_one_that_is_not() {
    let server = Server::start().await;
    server.issues(&server.token()).await;
    let line = line(&server);
    let bound = server.subject(&json!({ "cnf": { "x5t#S256": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" } }));
    for _ in 0..2 {
        assert_eq!(ask(&line, &request(&bound, None)).await.0, Err("client_certificate"));
    }
}

#[tokio::test]
async fn a_revocation_at_the_edge_ends_what_was_exchanged() {
    let server = Server::start().await;
    server.issues(&server.token()).await;
    let (line, revocations) = revocable(&server);
    let request = request(&server.subject(&json!({})), None);
    ask(&line, &request).await.0.unwrap();
    let target =
        Target::Token { issuer: IssuerId::new(crate::support::EXTERNAL).unwrap(), id: TokenId::new("x-1").unwrap() };
    revocations.table().apply(&Revocation::ended(target, server.clock.now()));
    assert_eq!(ask(&line, &request).await.0, Err("revoked"));
}

/// A line at this server, and what it knows of revocations.
fn revocable(server: &Server) -> (Normalizer, Revocations) {
    let revocations = Revocations::in_memory(std::sync::Arc::new(server.clock.clone())).unwrap();
    let builder = Normalizer::exchanging(server.issuer(), Audience::new("internal").unwrap(), server.exchanger());
    (builder.clock(server.clock.clone()).revocations(revocations.clone()).build().unwrap(), revocations)
}

#[tokio::test]
async fn what_ends_an_actor_ends_what_was_exchanged_warm_and_cold() {
    let act = json!({
        "sub": "worker", "cred": { "kind": "api_key", "id": "key_1" },
        "act": { "sub": "client|svc", "cred": { "kind": "client", "id": "svc" } },
    });
    for target in [Target::Key(KeyId::new("key_1").unwrap()), Target::Client(ClientId::new("svc").unwrap())] {
        let server = Server::start().await;
        server.issues(&server.token_with(&json!({ "act": act }))).await;
        let (line, revocations) = revocable(&server);
        let [seen, unseen] = ["x-1", "x-2"].map(|id| request(&server.subject(&json!({ "jti": id })), None));
        ask(&line, &seen).await.0.unwrap();
        assert_eq!(ask(&line, &seen).await, (Ok("alice".to_owned()), true));
        revocations.table().apply(&Revocation::ended(target.clone(), server.clock.now()));
        assert_eq!(ask(&line, &seen).await.0, Err("revoked"), "{target:?}");
        assert_eq!(ask(&line, &unseen).await.0, Err("revoked"), "{target:?}");
    }
}

#[tokio::test]
async fn an_opaque_token_that_only_the_server_can_name_ends_by_its_digest() {
    let digest = remint_core::TokenDigest([7; 32]);
    let server = Server::start().await;
    let cred = json!({ "kind": "jwt", "iss": crate::support::EXTERNAL, "sub": "alice@idp", "dig": digest });
    server.issues(&server.token_with(&json!({ "cred": cred }))).await;
    let (line, revocations) = revocable(&server);
    let request = request("opaque-0123456789", None);
    ask(&line, &request).await.0.unwrap();
    let target = Target::SigningInput(digest.0);
    revocations.table().apply(&Revocation::ended(target, server.clock.now()));
    assert_eq!(ask(&line, &request).await.0, Err("revoked"));
}
