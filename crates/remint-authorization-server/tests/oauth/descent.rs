//! What was exchanged from an internal token ends with it.

use remint_core::{IssuerId, Target, TokenId};
use remint_verify::Verifier;
use serde_json::{Value, json};

use crate::support::*;

const REFUSED: (u16, &str) = (400, "invalid_request");

fn id(world: &World, answer: &Answer) -> Value {
    answer.claims(world)["jti"].clone()
}

fn named(id: &Value) -> Target {
    let issuer = IssuerId::new(ISSUER).unwrap();
    Target::Token { issuer, id: TokenId::new(id.as_str().unwrap()).unwrap() }
}

async fn is_active(world: &World, token: &str) -> bool {
    let answer = world.send(post("/oauth2/introspect", &basic("edge", &secret("edge")), &[("token", token)])).await;
    answer.body["active"].as_bool().unwrap()
}

async fn behind(world: &World) -> Verifier {
    let issuer = std::sync::Arc::clone(&world.issuer);
    Verifier::builder(IssuerId::new(ISSUER).unwrap(), "internal".parse().unwrap())
        .local_keys(move || (*issuer.key_set()).clone())
        .clock(world.clock.clone())
        .revocations(world.revocations.clone())
        .build()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_token_names_those_that_it_was_exchanged_from_and_ends_with_each() {
    for revoked in 0..2 {
        let world = World::new().await;
        let verifier = behind(&world).await;
        let first = world.exchange("edge", (JWT, &world.external(json!({}))), &[]).await;
        assert!(first.claims(&world).get("parents").is_none(), "an external token is no parent");
        let second = world.exchange("svc", (JWT, &first.token()), &[]).await;
        let third = world.exchange("svc", (JWT, &second.token()), &[]).await;
        let ids = [id(&world, &first), id(&world, &second)];
        assert_eq!(third.claims(&world)["parents"], json!(ids));
        let [other, third] = [world.exchange("svc", (JWT, &first.token()), &[]).await.token(), third.token()];
        verifier.verify(&third).await.unwrap();
        world.revoke(named(&ids[revoked])).await;
        assert_eq!(verifier.verify(&third).await.unwrap_err().reason(), "revoked", "warm");
        let cold = behind(&world).await;
        assert_eq!(cold.verify(&third).await.unwrap_err().reason(), "revoked", "cold");
        assert!(!is_active(&world, &third).await);
        assert_eq!(world.exchange("svc", (JWT, &third), &[]).await.error(), REFUSED);
        assert_eq!(is_active(&world, &other).await, revoked == 1, "what comes of the first one only");
    }
}

#[tokio::test]
async fn with_an_actor_too_the_subject_token_is_the_parent() {
    let world = World::new().await;
    let first = world
        .exchange("edge", (JWT, &world.external(json!({ "may_act": { "iss": ISSUER, "sub": "client|svc" } }))), &[])
        .await;
    let own = world.own_token("svc").await;
    let second = world.delegate("svc", (JWT, &first.token()), (JWT, &own)).await;
    assert_eq!(second.claims(&world)["parents"], json!([id(&world, &first)]), "{}", second.body);
}

#[tokio::test]
async fn a_ninth_exchange_is_refused() {
    let world = World::new().await;
    let mut token = world.exchange("edge", (JWT, &world.external(json!({}))), &[]).await.token();
    for _ in 0..8 {
        token = world.exchange("svc", (JWT, &token), &[]).await.token();
    }
    assert!(is_active(&world, &token).await);
    assert_eq!(world.exchange("svc", (JWT, &token), &[]).await.error(), REFUSED);
}
