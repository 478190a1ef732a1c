//! Transaction tokens: a second kind of output, for one trust domain, that is never an access token.

use remint_authorization_server::{Client, Right};
use remint_core::{Audience, ClientId, Target, UserId};
use serde_json::{Value, json};

use crate::support::*;

const DOMAIN: &str = "trust-domain.example";
const TXN: &str = "urn:ietf:params:oauth:token-type:txn_token";

/// A server with a trust domain, whose client `gateway` may ask for its tokens.
async fn world() -> World {
    World::with(|server| {
        let audiences = ["internal", DOMAIN].map(|name| Audience::new(name).unwrap());
        let client = Client::with_secret(ClientId::new("gateway").unwrap(), &secret("gateway"));
        let server = server.client(client.may([Right::Exchange]).audiences(audiences));
        server.transactions(Audience::new(DOMAIN).unwrap()).unwrap()
    })
    .await
}

async fn asked(world: &World, subject: (&str, &str), more: &[(&str, &str)]) -> Answer {
    let asked = [("requested_token_type", TXN), ("audience", DOMAIN), ("scope", "read")];
    let kept = asked.into_iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
    let form: Vec<_> = kept.chain(more.iter().copied().filter(|(_, value)| !value.is_empty())).collect();
    world.exchange("gateway", subject, &form).await
}

fn claims(answer: &Answer) -> Value {
    let token = answer.token();
    let jws = remint_jwt::Jws::parse(&token).unwrap();
    assert_eq!(jws.header().token_type(), Some("txntoken+jwt"));
    Value::Object(jws.unverified_claims().as_map().clone())
}

#[tokio::test]
async fn a_transaction_begins_with_who_asked_for_it_and_what_it_is_about() {
    let world = world().await;
    let about = [("request_context", r#"{"req_ip":"192.0.2.1"}"#), ("request_details", r#"{"action":"BUY"}"#)];
    let answer = asked(&world, (JWT, &world.external(json!({}))), &about).await;
    assert_eq!((&answer.body["token_type"], &answer.body["issued_token_type"]), (&json!("N_A"), &json!(TXN)));
    let claims = claims(&answer);
    for (name, expected) in [
        ("aud", json!(DOMAIN)),
        ("sub", json!("idp|alice")),
        ("scope", json!("read")),
        ("req_wl", json!("gateway")),
        ("rctx", json!({ "req_ip": "192.0.2.1" })),
        ("tctx", json!({ "action": "BUY" })),
        ("iss", json!(ISSUER)),
    ] {
        assert_eq!(claims[name], expected, "{name}");
    }
    assert!(claims["txn"].is_string() && claims.get("jti").is_none());
}

#[tokio::test]
async fn a_replacement_stays_the_transaction_and_never_widens() {
    let world = world().await;
    let first = asked(&world, (JWT, &world.external(json!({}))), &[("scope", "read write")]).await;
    let second = asked(&world, (TXN, &first.token()), &[]).await;
    let (first, then) = (claims(&first), claims(&second));
    assert_eq!((&then["txn"], &then["sub"], &then["scope"]), (&first["txn"], &first["sub"], &json!("read")));
    assert!(then["exp"].as_u64() <= first["exp"].as_u64());
    let wider = asked(&world, (TXN, &second.token()), &[("scope", "read write")]).await;
    assert_eq!(wider.error(), (400, "invalid_scope"));
    let other = asked(&world, (TXN, &second.token()), &[("request_details", r#"{"action":"SELL"}"#)]).await;
    assert_eq!(other.error(), (400, "invalid_request"));
}

#[tokio::test]
async fn a_transaction_token_is_never_an_access_token_nor_becomes_one() {
    let world = world().await;
    let subject = world.external(json!({}));
    let token = asked(&world, (JWT, &subject), &[]).await.token();
    for kind in [JWT, ACCESS_TOKEN] {
        let posed = world.exchange("gateway", (kind, &token), &[("audience", "internal")]).await;
        assert_eq!(posed.error(), (400, "invalid_request"), "{kind}");
    }
    for requested in ["", ACCESS_TOKEN, JWT] {
        let answer = asked(&world, (TXN, &token), &[("requested_token_type", requested)]).await;
        assert_eq!(answer.error(), (400, "invalid_request"), "{requested}");
    }
    // Nor does an access token get the trust domain for its audience, or stand for a transaction.
    let access = world.exchange("gateway", (JWT, &subject), &[("audience", DOMAIN)]).await;
    assert_eq!(access.error(), (400, "invalid_target"));
    let internal = world.exchange("gateway", (JWT, &subject), &[("audience", "internal")]).await.token();
    assert_eq!(asked(&world, (TXN, &internal), &[]).await.error(), (400, "invalid_request"));
    assert_eq!(asked(&world, (TXN, &subject), &[]).await.error(), (400, "invalid_request"));
}

#[tokio::test]
async fn each_part_of_the_request_must_be_right() {
    let world = world().await;
    let subject = world.external(json!({}));
    let large = json!({ "x": "a".repeat(5000) }).to_string();
    for (change, error) in [
        (("audience", "internal"), "invalid_target"),
        (("audience", "elsewhere"), "invalid_target"),
        (("scope", "delete"), "invalid_scope"),
        (("request_context", "[]"), "invalid_request"),
        (("request_context", "{"), "invalid_request"),
        (("request_details", r#"{"a":1,"a":2}"#), "invalid_request"),
        (("request_details", large.as_str()), "invalid_request"),
    ] {
        let answer = asked(&world, (JWT, &subject), &[change]).await;
        assert_eq!(answer.error(), (400, error), "{}", change.0);
    }
    let nothing = world.external(json!({ "scope": null }));
    assert_eq!(asked(&world, (JWT, &nothing), &[("scope", "")]).await.error(), (400, "invalid_scope"));
    let token = asked(&world, (JWT, &subject), &[]).await.token();
    let actor = [("actor_token", subject.as_str()), ("actor_token_type", JWT)];
    for part in [&actor[..], &actor[..1], &actor[1..]] {
        assert_eq!(asked(&world, (TXN, &token), part).await.error(), (400, "invalid_request"));
    }
    assert_eq!(asked(&world, (TXN, &forged(&token)), &[]).await.error(), (400, "invalid_request"));
    world.advance(61);
    assert_eq!(asked(&world, (TXN, &token), &[]).await.error(), (400, "invalid_request"));
}

#[tokio::test]
async fn a_client_for_other_issuers_brings_no_transaction_of_ours() {
    let world = World::with(|server| {
        let new = |name: &str| Client::with_secret(ClientId::new(name).unwrap(), &secret(name)).may([Right::Exchange]);
        let domain = || [Audience::new(DOMAIN).unwrap()];
        let foreign = new("foreign").audiences(domain()).issuers([remint_core::IssuerId::new(IDP).unwrap()]);
        let server = server.client(new("gateway").audiences(domain())).client(foreign);
        server.transactions(Audience::new(DOMAIN).unwrap()).unwrap()
    })
    .await;
    let token = asked(&world, (JWT, &world.external(json!({}))), &[]).await.token();
    let more = [("requested_token_type", TXN), ("audience", DOMAIN), ("scope", "read")];
    assert_eq!(world.exchange("foreign", (JWT, &world.external(json!({}))), &more).await.status, 200);
    assert_eq!(world.exchange("foreign", (TXN, &token), &more).await.error(), (400, "invalid_request"));
    assert_eq!(world.exchange("gateway", (TXN, &token), &more).await.status, 200);
}

#[tokio::test]
async fn a_transaction_ends_with_its_user() {
    let world = world().await;
    let key = world.user("bob", "read").await;
    let token = asked(&world, (API_KEY, &key), &[]).await.token();
    assert_eq!(asked(&world, (TXN, &token), &[]).await.status, 200);
    world.revoke(Target::User(UserId::new("bob").unwrap())).await;
    assert_eq!(asked(&world, (TXN, &token), &[]).await.error(), (400, "invalid_request"));
}

#[tokio::test]
async fn without_a_trust_domain_there_are_none() {
    let world = World::new().await;
    let subject = world.external(json!({}));
    let answer = world.exchange("svc", (JWT, &subject), &[("requested_token_type", TXN)]).await;
    assert_eq!(answer.error(), (400, "invalid_request"));
}
