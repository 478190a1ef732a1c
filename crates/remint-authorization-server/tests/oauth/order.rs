//! Which of several errors a request is answered with: each parameter is wrong at once, and they are put right one
//! after the other, in the order in which they are refused.

use remint_authorization_server::{Client, Right};
use remint_core::{Audience, ClientId};
use serde_json::json;

use crate::support::*;

const DOMAIN: &str = "trust-domain.example";
const TXN: &str = "urn:ietf:params:oauth:token-type:txn_token";

/// A server with a trust domain, whose client `orders-api` may ask for its tokens and has no other grant.
async fn world() -> World {
    World::with(|server| {
        let audiences = ["internal", DOMAIN].map(|name| Audience::new(name).unwrap());
        let client = Client::with_secret(ClientId::new("orders-api").unwrap(), &secret("orders-api"));
        let server = server.client(client.may([Right::Exchange]).audiences(audiences));
        server.transactions(Audience::new(DOMAIN).unwrap()).unwrap()
    })
    .await
}

/// Sends the form, and after each answer puts one parameter right: the errors, without the lists of what there is.
async fn told(world: &World, wrong: &[(&str, &str)], steps: &[(&str, &str)]) -> Vec<String> {
    let mut form: Vec<(&str, String)> = wrong.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let mut told = Vec::new();
    for step in std::iter::once(None).chain(steps.iter().map(Some)) {
        if let Some((name, value)) = step {
            form.retain(|(known, _)| known != name);
            form.push((name, (*value).to_owned()));
        }
        let parameters: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = world.send(post("/oauth2/token", &[], &parameters)).await;
        let text = |name: &str| answer.body.get(name).and_then(|text| text.as_str()).unwrap_or("issued").to_owned();
        let description = text("error_description");
        let what = description.split_once(": ").map_or(description.as_str(), |(what, _)| what);
        told.push(format!("{}: {what}", text("error")));
    }
    told
}

#[tokio::test]
async fn the_errors_of_an_exchange_come_in_one_order() {
    let world = world().await;
    let subject = world.external(json!({}));
    let own = secret("orders-api");
    let wrong = [
        ("client_id", "orders-api"),
        ("client_assertion", "x"),
        ("client_secret", own.as_str()),
        ("grant_type", ""),
        ("audience", "stock"),
        ("subject_token", ""),
        ("subject_token_type", ""),
        ("requested_token_type", "x"),
        ("actor_token", "x"),
        ("actor_token_type", ""),
        ("scope", "re\"ad"),
        ("request_context", "["),
    ];
    let steps = [
        ("client_assertion", ""),
        ("grant_type", "password"),
        ("grant_type", BEARER),
        ("grant_type", EXCHANGE),
        ("audience", DOMAIN),
        ("subject_token", "e30.e30.e30"),
        ("subject_token_type", "x"),
        ("subject_token_type", JWT),
        ("requested_token_type", TXN),
        ("actor_token_type", "x"),
        ("actor_token_type", API_KEY),
        ("subject_token", subject.as_str()),
        ("actor_token", ""),
        ("actor_token_type", ""),
        ("scope", "read delete"),
        ("scope", "read"),
        ("request_context", "{}"),
    ];
    let expected = [
        "invalid_request: one way to authenticate the client is enough",
        "invalid_request: the grant type is missing",
        "unsupported_grant_type: the grant type is unknown",
        "unauthorized_client: the client may not use this grant",
        "invalid_target: the client may not ask for tokens for this target",
        "invalid_request: the subject token is missing",
        "invalid_request: the type of the subject token is missing",
        "invalid_request: the type of the subject token is unknown",
        "invalid_request: tokens of the requested type are not issued",
        "invalid_request: an actor token needs its type, and the type a token",
        "invalid_request: the type of the actor token is unknown",
        "invalid_request: the subject token is not accepted",
        "invalid_request: the actor token is not accepted",
        "invalid_request: an actor token needs its type, and the type a token",
        "invalid_scope: the scope is malformed",
        "invalid_scope: the scope is wider than the subject's, or the client's",
        "invalid_request: the context of the transaction is no JSON object, or too large",
        "issued: issued",
    ];
    assert_eq!(told(&world, &wrong, &steps).await, expected);
}

#[tokio::test]
async fn the_errors_of_a_replacement_come_in_one_order() {
    let world = world().await;
    let subject = world.external(json!({}));
    let first = [("requested_token_type", TXN), ("audience", DOMAIN), ("scope", "read")];
    let transaction = world.exchange("orders-api", (JWT, &subject), &first).await.token();
    let own = secret("orders-api");
    let wrong = [
        ("client_id", "orders-api"),
        ("client_secret", own.as_str()),
        ("grant_type", EXCHANGE),
        ("subject_token", "x"),
        ("subject_token_type", TXN),
        ("actor_token", "x"),
        ("scope", "re\"ad"),
        ("request_details", "["),
        ("audience", "internal"),
    ];
    let steps = [
        ("requested_token_type", TXN),
        ("actor_token", ""),
        ("subject_token", transaction.as_str()),
        ("scope", "read"),
        ("request_details", "{}"),
        ("audience", DOMAIN),
    ];
    let expected = [
        "invalid_request: a transaction token is exchanged for another one only",
        "invalid_request: a transaction goes on without another actor",
        "invalid_request: the subject token is not accepted",
        "invalid_scope: the scope is malformed",
        "invalid_request: the context of the transaction is no JSON object, or too large",
        "invalid_target: the audience of a transaction token is the trust domain",
        "issued: issued",
    ];
    assert_eq!(told(&world, &wrong, &steps).await, expected);
}

#[tokio::test]
async fn what_a_grant_does_not_know_is_not_read() {
    let world = World::new().await;
    let unknown = [
        ("subject_token", "x"),
        ("actor_token", "x"),
        ("requested_token_type", "x"),
        ("request_context", "["),
        ("assertion", "x"),
    ];
    let form = [&[("grant_type", "client_credentials")], &unknown[..]].concat();
    assert_eq!(world.token("svc", &form).await.status, 200);
    let subject = world.external(json!({}));
    let context = [("request_context", "["), ("request_details", "["), ("assertion", "x")];
    assert_eq!(world.exchange("svc", (JWT, &subject), &context).await.status, 200);
}
