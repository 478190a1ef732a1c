//! Who may act for whom.

use remint_apikey::NewKey;
use remint_core::{ActFor, Environment, UserId};
use serde_json::json;

use crate::support::*;

const REFUSED: (u16, &str) = (400, "invalid_request");

#[tokio::test]
async fn a_client_acts_for_whom_an_administrator_says_and_no_further() {
    let world = World::new().await;
    let (alice, bob) = (world.user("alice", "read write").await, world.user("bob", "read").await);
    let worker = world.own_token("worker").await;
    let acting = world.delegate("worker", (API_KEY, &alice), (ACCESS_TOKEN, &worker)).await;
    let claims = acting.claims(&world);
    assert_eq!((&claims["sub"], &claims["act"]), (&json!("alice"), &client_actor("worker")));
    assert_eq!(claims["scope"], "read", "not more than the right to act is for");
    assert_eq!(world.delegate("worker", (API_KEY, &bob), (ACCESS_TOKEN, &worker)).await.error(), REFUSED);
    let idler = world.own_token("idler").await;
    assert_eq!(world.delegate("idler", (API_KEY, &alice), (ACCESS_TOKEN, &idler)).await.error(), REFUSED);
    // Whoever received the worker's token is not the worker.
    assert_eq!(world.delegate("svc", (API_KEY, &alice), (ACCESS_TOKEN, &worker)).await.error(), REFUSED);
    // And the worker's right is nobody else's, though the worker brings their token.
    assert_eq!(world.delegate("worker", (API_KEY, &alice), (ACCESS_TOKEN, &idler)).await.error(), REFUSED);
}

#[tokio::test]
async fn a_subject_token_names_who_may_act_with_it() {
    let world = World::new().await;
    let helper = world.external(json!({ "sub": "helper", "jti": "ext-2" }));
    let stranger = world.external(json!({ "sub": "stranger", "jti": "ext-3" }));
    let namesake = world.external(json!({ "iss": OTHER_IDP, "sub": "helper", "jti": "ext-4" }));
    for named in [json!({ "sub": "helper" }), json!({ "sub": "helper", "iss": IDP })] {
        let subject = world.external(json!({ "may_act": named }));
        let acting = world.delegate("svc", (JWT, &subject), (JWT, &helper)).await;
        let cred = json!({ "kind": "jwt", "iss": IDP, "sub": "helper", "jti": "ext-2" });
        assert_eq!(acting.claims(&world)["act"], json!({ "sub": "helper", "iss": IDP, "cred": cred }));
        for other in [&stranger, &namesake] {
            assert_eq!(world.delegate("svc", (JWT, &subject), (JWT, other)).await.error(), REFUSED);
        }
    }
    let unnamed = world.external(json!({}));
    assert_eq!(world.delegate("svc", (JWT, &unnamed), (JWT, &helper)).await.error(), REFUSED);
    let elsewhere = world.external(json!({ "may_act": { "sub": "helper", "iss": OTHER_IDP } }));
    assert_eq!(world.delegate("svc", (JWT, &elsewhere), (JWT, &helper)).await.error(), REFUSED);
    assert_eq!(world.delegate("svc", (JWT, &elsewhere), (JWT, &namesake)).await.status, 200);
}

#[tokio::test]
async fn who_may_act_is_carried_on_and_holds_at_the_next_hop() {
    let world = World::new().await;
    let named = |name: &str| world.external(json!({ "may_act": { "sub": name, "iss": ISSUER } }));
    let first = world.exchange("edge", (JWT, &named("client|svc")), &[]).await;
    assert_eq!(first.claims(&world)["may_act"], json!({ "sub": "client|svc", "iss": ISSUER }));
    assert_eq!(world.exchange("svc", (JWT, &first.token()), &[]).await.status, 200);
    let other = world.exchange("edge", (JWT, &named("client|orders")), &[]).await.token();
    assert_eq!(world.exchange("svc", (JWT, &other), &[]).await.error(), REFUSED);
    // A user of ours of that name is not that client.
    let user = world.exchange("edge", (JWT, &named("svc")), &[]).await.token();
    assert_eq!(world.exchange("svc", (JWT, &user), &[]).await.error(), REFUSED);
}

#[tokio::test]
async fn nobody_acts_with_a_token_that_says_unreadably_who_may() {
    let world = World::new().await;
    let helper = world.external(json!({ "sub": "helper", "jti": "ext-2" }));
    for may_act in [json!("helper"), json!({ "email": "helper@idp.example" }), json!(["helper"])] {
        let subject = world.external(json!({ "may_act": may_act }));
        assert_eq!(world.delegate("svc", (JWT, &subject), (JWT, &helper)).await.error(), REFUSED, "{may_act}");
        // Nor at the next hop, where a token that says nothing could be passed on.
        let internal = world.exchange("edge", (JWT, &subject), &[]).await.token();
        assert_eq!(world.exchange("svc", (JWT, &internal), &[]).await.error(), REFUSED, "{may_act}");
    }
}

#[tokio::test]
async fn an_actor_keeps_the_chain_before_it() {
    let world = World::new().await;
    let worker = world.own_token("worker").await;
    let alice = world.user("alice", "read").await;
    let first = world.exchange("edge", (API_KEY, &alice), &[]).await.token();
    let second = world.exchange("svc", (JWT, &first), &[]).await.token();
    let third = world.delegate("worker", (JWT, &second), (ACCESS_TOKEN, &worker)).await;
    assert_eq!(third.claims(&world)["act"], client_actor_after("worker", client_actor("svc")));
}

#[tokio::test]
async fn an_actor_for_whom_somebody_acts_is_none() {
    let world = World::new().await;
    let subject = world.external(json!({ "may_act": { "sub": "helper" } }));
    let helper = world.external(json!({ "sub": "helper", "act": { "sub": "other" } }));
    assert_eq!(world.delegate("svc", (JWT, &subject), (JWT, &helper)).await.error(), REFUSED);
}

#[tokio::test]
async fn an_actor_is_of_the_subjects_environment() {
    let world = World::new().await;
    world.user("alice", "read").await;
    let test = world.key(NewKey::new(UserId::new("alice").unwrap(), Environment::Test)).await;
    let worker = world.own_token("worker").await;
    assert_eq!(world.delegate("worker", (API_KEY, &test), (ACCESS_TOKEN, &worker)).await.error(), REFUSED);
}

#[tokio::test]
async fn a_delegated_token_ends_with_whichever_ends_first() {
    let world = World::new().await;
    let alice = world.user("alice", "read").await;
    let worker = world.own_token("worker").await;
    let now = remint_core::Clock::now(&world.clock).as_secs();
    world.advance(290);
    let acting = world.delegate("worker", (API_KEY, &alice), (ACCESS_TOKEN, &worker)).await;
    assert_eq!(acting.claims(&world)["exp"], json!(now + 300));
    world.advance(10);
    assert_eq!(world.delegate("worker", (API_KEY, &alice), (ACCESS_TOKEN, &worker)).await.error(), REFUSED);
}

#[tokio::test]
async fn an_actor_that_is_not_accepted_is_none() {
    let world = World::new().await;
    let alice = world.user("alice", "read").await;
    let worker = world.own_token("worker").await;
    let bound = NewKey::new(UserId::new("alice").unwrap(), Environment::Live);
    let bound = world.key(bound.with_networks(vec!["10.0.0.0/8".parse().unwrap()])).await;
    for actor in
        [(ACCESS_TOKEN, forged(&worker)), (JWT, world.external(json!({ "exp": 1 }))), (API_KEY, worker.clone())]
    {
        assert_eq!(world.delegate("worker", (API_KEY, &alice), (actor.0, &actor.1)).await.error(), REFUSED);
    }
    // For an edge, too: nobody could hold the actor to it afterwards.
    let subject = world.external(json!({ "may_act": { "sub": "alice", "iss": ISSUER } }));
    assert_eq!(world.delegate("edge", (JWT, &subject), (API_KEY, &bound)).await.error(), REFUSED);
    assert_eq!(world.delegate("edge", (JWT, &subject), (API_KEY, &alice)).await.status, 200);
    let subject = world.external(json!({ "may_act": { "sub": "helper" } }));
    let thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    for (cnf, status) in
        [(json!({ "jkt": thumbprint }), 400), (json!({ "x5t#S256": thumbprint }), 400), (json!(null), 200)]
    {
        let helper = world.external(json!({ "sub": "helper", "jti": "ext-2", "cnf": cnf }));
        let answer = world.delegate("edge", (JWT, &subject), (JWT, &helper)).await;
        assert_eq!(answer.status, status, "{cnf}");
    }
}

#[tokio::test]
async fn nobody_becomes_an_administrator_by_acting_for_one() {
    let world = World::new().await;
    let alice = world.user("alice", "read remint:admin").await;
    world.user("helper", "read").await;
    let helper = || NewKey::new(UserId::new("helper").unwrap(), Environment::Live);
    let anyone = ActFor { anyone: true, ..ActFor::default() };
    let explicit = ActFor { scopes: Some("remint:admin".parse().unwrap()), ..anyone.clone() };
    for (right, scope) in [(anyone, "read"), (explicit, "remint:admin")] {
        let actor = world.key(helper().acting_for(right)).await;
        let acting = world.delegate("svc", (API_KEY, &alice), (API_KEY, &actor)).await;
        assert_eq!(acting.claims(&world)["scope"], scope);
    }
}

#[tokio::test]
async fn a_clients_token_does_not_make_another_client_the_actor_it_names() {
    let world = World::new().await;
    let subject = world.external(json!({ "may_act": { "sub": "client|worker", "iss": ISSUER } }));
    let worker = world.own_token("worker").await;
    assert_eq!(world.delegate("worker", (JWT, &subject), (ACCESS_TOKEN, &worker)).await.status, 200);
    assert_eq!(world.delegate("svc", (JWT, &subject), (ACCESS_TOKEN, &worker)).await.error(), REFUSED);
}
