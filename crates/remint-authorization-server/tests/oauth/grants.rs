//! What each grant gives.

use remint_apikey::NewKey;
use remint_core::{Environment, UserId};
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn an_external_token_becomes_one_of_ours() {
    let world = World::new().await;
    let answer = world.exchange("svc", (JWT, &world.external(json!({ "sid": "s-1" }))), &[]).await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.body["issued_token_type"], ACCESS_TOKEN);
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.body["expires_in"], 300);
    assert_eq!(answer.body["scope"], "read write");
    let claims = answer.claims(&world);
    for (name, expected) in [
        ("iss", json!(ISSUER)),
        ("aud", json!("internal")),
        ("sub", json!("idp|alice")),
        ("client_id", json!("web")),
        ("scope", json!("read write")),
        ("env", json!("live")),
        ("cred", json!({ "kind": "jwt", "iss": IDP, "sub": "alice", "jti": "ext-1" })),
        ("sid", json!("s-1")),
    ] {
        assert_eq!(claims[name], expected, "{name}");
    }
    assert!(!claims.contains_key("act"), "nobody acts for them");
}

#[tokio::test]
async fn a_key_becomes_a_token_of_its_user() {
    let world = World::new().await;
    let key = world.user("bob", "read write").await;
    let answer = world.exchange("svc", (API_KEY, &key), &[("scope", "read")]).await;
    let claims = answer.claims(&world);
    assert_eq!((&claims["sub"], &claims["scope"]), (&json!("bob"), &json!("read")));
    assert_eq!(claims["cred"]["kind"], "api_key");
    assert_eq!(claims["client_id"], claims["cred"]["id"]);
}

#[tokio::test]
async fn an_assertion_becomes_a_token_without_a_type_of_its_own() {
    let world = World::new().await;
    let assertion = world.external(json!({}));
    let answer = world.token("svc", &[("grant_type", BEARER), ("assertion", &assertion), ("scope", "write")]).await;
    assert!(answer.body.get("issued_token_type").is_none());
    let claims = answer.claims(&world);
    assert_eq!((&claims["sub"], &claims["scope"]), (&json!("idp|alice"), &json!("write")));
}

#[tokio::test]
async fn a_client_has_a_subject_that_no_user_can_have() {
    let world = World::new().await;
    world.user("svc", "read").await;
    let claims = world.token("svc", &[("grant_type", "client_credentials")]).await.claims(&world);
    assert_eq!((&claims["sub"], &claims["client_id"]), (&json!("client|svc"), &json!("svc")));
    assert_eq!(claims["cred"], json!({ "kind": "client", "id": "svc" }));
    assert!(!claims.contains_key("scope"), "it was given none");
    assert!(UserId::new("client|svc").is_err());
    let idler = world.token("idler", &[("grant_type", "client_credentials")]).await;
    assert_eq!(idler.claims(&world)["scope"], "jobs");
    let wider = [("grant_type", "client_credentials"), ("scope", "jobs read")];
    assert_eq!(world.token("idler", &wider).await.error(), (400, "invalid_scope"));
}

#[tokio::test]
async fn an_internal_token_is_narrowed_for_the_next_hop_and_the_chain_grows() {
    let world = World::new().await;
    let first = world.exchange("edge", (JWT, &world.external(json!({}))), &[]).await;
    let second =
        world.exchange("svc", (ACCESS_TOKEN, &first.token()), &[("audience", "orders"), ("scope", "read")]).await;
    let claims = second.claims(&world);
    assert_eq!((&claims["aud"], &claims["scope"]), (&json!("orders"), &json!("read")));
    assert_eq!(claims["act"], client_actor("svc"));
    assert_eq!(claims["cred"], first.claims(&world)["cred"], "who it came from is not forgotten");
    // What was narrowed stays narrow, and who acted stays in the chain.
    let third = world.exchange("orders", (JWT, &second.token()), &[]).await;
    assert_eq!(third.claims(&world)["act"], client_actor_after("orders", client_actor("svc")));
    assert_eq!(third.claims(&world)["aud"], "stock");
    let wider = world.exchange("orders", (JWT, &second.token()), &[("scope", "read write")]).await;
    assert_eq!(wider.error(), (400, "invalid_scope"));
    // Again by the same client, the chain is what it was.
    let again = world.exchange("svc", (ACCESS_TOKEN, &first.token()), &[]).await.token();
    let again = world.exchange("svc", (ACCESS_TOKEN, &again), &[]).await;
    assert_eq!(again.claims(&world)["act"], client_actor("svc"));
}

#[tokio::test]
async fn a_chain_has_an_end() {
    let world = World::new().await;
    let chain = (0..8).fold(json!(null), |before, nth| match before {
        serde_json::Value::Null => json!({ "sub": format!("a{nth}") }),
        before => json!({ "sub": format!("a{nth}"), "act": before }),
    });
    let full = world.exchange("edge", (JWT, &world.external(json!({ "act": chain }))), &[]).await.token();
    let answer = world.exchange("svc", (ACCESS_TOKEN, &full), &[]).await;
    assert_eq!(answer.error(), (400, "invalid_request"));
}

#[tokio::test]
async fn an_external_chain_goes_on() {
    let world = World::new().await;
    let external = world.external(json!({ "act": { "sub": "helpdesk" } }));
    let first = world.exchange("edge", (JWT, &external), &[]).await;
    assert_eq!(first.claims(&world)["act"], json!({ "sub": "helpdesk", "iss": IDP }));
    let second = world.exchange("svc", (JWT, &first.token()), &[]).await;
    assert_eq!(second.claims(&world)["act"], client_actor_after("svc", json!({ "sub": "helpdesk", "iss": IDP })));
}

#[tokio::test]
async fn a_token_ends_no_later_than_what_it_comes_from() {
    let world = World::new().await;
    let now = remint_core::Clock::now(&world.clock).as_secs();
    let short = world.exchange("svc", (JWT, &world.external(json!({ "exp": now + 60 }))), &[]).await;
    assert_eq!((short.body["expires_in"].clone(), short.claims(&world)["exp"].clone()), (json!(60), json!(now + 60)));
    world.advance(50);
    let again = world.exchange("svc", (ACCESS_TOKEN, &short.token()), &[]).await;
    assert_eq!(again.claims(&world)["exp"], json!(now + 60));
    let user = UserId::new("bob").unwrap();
    world.user("bob", "read").await;
    let key = world.key(NewKey::new(user, Environment::Live).expiring_in(std::time::Duration::from_secs(30))).await;
    assert_eq!(world.exchange("svc", (API_KEY, &key), &[]).await.claims(&world)["exp"], json!(now + 80));
}

#[tokio::test]
async fn where_one_environment_is_demanded_nobody_of_the_other_gets_a_token() {
    let mut world = World::new().await;
    let live = world.user("bob", "read").await;
    let test = world.key(NewKey::new(UserId::new("bob").unwrap(), Environment::Test)).await;
    let [live, test] = [live, test].map(|key| (API_KEY, key));
    let internal = |token: String| (ACCESS_TOKEN, token);
    let live_too = internal(world.exchange("svc", (live.0, &live.1), &[]).await.token());
    let test_too = internal(world.exchange("svc", (test.0, &test.1), &[]).await.token());
    for (demanded, passing, refused, own) in [
        (Environment::Live, [&live, &live_too], [&test, &test_too], (200, "none")),
        (Environment::Test, [&test, &test_too], [&live, &live_too], (400, "unauthorized_client")),
    ] {
        world.app = world.server_of(|line| line.authenticator(world.keys.authenticator()).environment(demanded));
        for (kind, text) in passing {
            assert_eq!(world.exchange("svc", (kind, text), &[]).await.status, 200, "{demanded:?} {kind}");
        }
        for (kind, text) in refused {
            let answer = world.exchange("svc", (kind, text), &[]).await;
            assert_eq!(answer.error(), (400, "invalid_request"), "{demanded:?} {kind}");
        }
        let answer = world.token("svc", &[("grant_type", "client_credentials")]).await;
        assert_eq!(answer.error(), own, "{demanded:?}");
    }
}

#[tokio::test]
async fn a_requested_jwt_is_called_one() {
    let world = World::new().await;
    let answer = world.exchange("svc", (JWT, &world.external(json!({}))), &[("requested_token_type", JWT)]).await;
    assert_eq!((&answer.body["issued_token_type"], &answer.body["token_type"]), (&json!(JWT), &json!("Bearer")));
}

#[tokio::test]
async fn only_an_edge_exchanges_what_is_bound_and_is_told_to_what() {
    let world = World::new().await;
    world.user("bob", "read").await;
    let bound = NewKey::new(UserId::new("bob").unwrap(), Environment::Live);
    let key = world.key(bound.with_networks(vec!["10.0.0.0/8".parse().unwrap()])).await;
    assert_eq!(world.exchange("svc", (API_KEY, &key), &[]).await.error(), (400, "invalid_request"));
    let answer = world.exchange("edge", (API_KEY, &key), &[]).await;
    assert_eq!(answer.body["remint"], json!({ "networks": ["10.0.0.0/8"] }));

    let jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    for cnf in [json!({ "jkt": jkt }), json!({ "x5t#S256": jkt })] {
        let token = world.external(json!({ "cnf": cnf }));
        assert_eq!(world.exchange("svc", (JWT, &token), &[]).await.error(), (400, "invalid_request"));
        let answer = world.exchange("edge", (JWT, &token), &[]).await;
        assert_eq!(answer.body["remint"]["cnf"], cnf);
    }
    let plain = world.exchange("svc", (JWT, &world.external(json!({}))), &[]).await;
    assert!(plain.body.get("remint").is_none());
}

#[tokio::test]
async fn without_a_name_the_audience_is_the_only_one_or_our_own() {
    let world = World::new().await;
    let token = world.external(json!({}));
    for (client, audience) in [("edge", "internal"), ("svc", "internal"), ("narrow", "orders")] {
        let answer = world.exchange(client, (JWT, &token), &[]).await;
        assert_eq!(answer.claims(&world)["aud"], audience, "{client}");
    }
    let resource = world.exchange("svc", (JWT, &token), &[("resource", "orders")]).await;
    assert_eq!(resource.claims(&world)["aud"], "orders");
}
