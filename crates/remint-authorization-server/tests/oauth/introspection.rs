//! What a token says and whether it counts (RFC 7662).

use std::time::Duration;

use remint_apikey::NewKey;
use remint_authorization_server::{Client, Right};
use remint_core::{Audience, ClientId, Clock as _, Environment, SessionId, Target, UserId};
use remint_jwt::Jws;
use serde_json::{Value, json};

use crate::support::*;

const PATH: &str = "/oauth2/introspect";

async fn world() -> World {
    let stock = Client::with_secret(ClientId::new("stock").unwrap(), &secret("stock"));
    let stock = stock.may([Right::Introspect, Right::Revoke]).audiences([Audience::new("stock").unwrap()]);
    let new = |name: &str| Client::with_secret(ClientId::new(name).unwrap(), &secret(name)).may([Right::Introspect]);
    let receiver = new("receiver").subject_audiences([Audience::new("orders").unwrap()]);
    World::with(|server| server.client(stock).client(new("plain")).client(receiver)).await
}

async fn ask(world: &World, client: &str, token: &str) -> Answer {
    world.send(post(PATH, &basic(client, &secret(client)), &[("token", token)])).await
}

async fn is_active(world: &World, client: &str, token: &str) -> bool {
    let answer = ask(world, client, token).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    if answer.body["active"] == json!(false) {
        assert_eq!(answer.body, json!({ "active": false }), "nothing more is said of it (§2.2)");
    }
    answer.body["active"].as_bool().unwrap()
}

fn seconds(world: &World) -> u64 {
    world.clock.now().as_secs()
}

async fn internal(world: &World) -> String {
    world.exchange("svc", (JWT, &world.external(json!({}))), &[("audience", "internal")]).await.token()
}

#[tokio::test]
async fn an_internal_token_says_what_it_says_and_that_it_is_one() {
    let world = world().await;
    let external = world.external(json!({
        "org_id": "acme", "sid": "s-1", "acr": "gold", "amr": ["pwd", "otp"], "auth_time": seconds(&world),
        "realm_access": { "roles": ["buyer"] }, "may_act": { "sub": "client|svc", "iss": ISSUER },
    }));
    let first = world.exchange("svc", (JWT, &external), &[("audience", "internal")]).await;
    let passed_on = world.exchange("svc", (JWT, &first.token()), &[("audience", "internal")]).await;
    for (answer, has_actor) in [(first, false), (passed_on, true)] {
        let claims = answer.claims(&world);
        for client in ["edge", "svc"] {
            let said = ask(&world, client, &answer.token()).await;
            assert_eq!(said.status, 200);
            assert_eq!(said.headers["cache-control"], "no-store");
            assert_eq!(said.headers["content-type"], "application/json");
            let mut said = said.body.as_object().unwrap().clone();
            assert_eq!(said.remove("active"), Some(json!(true)));
            assert_eq!(said.remove("token_type"), Some(json!("Bearer")));
            assert_eq!(said, claims, "nothing is added, and nothing lost");
            assert_eq!(said.contains_key("act"), has_actor);
            for name in
                ["scope", "client_id", "exp", "iat", "nbf", "sub", "aud", "iss", "jti", "may_act", "env", "cred"]
            {
                assert!(said.contains_key(name), "{name}");
            }
            for name in ["tenant", "sid", "auth_time", "acr", "amr", "roles"] {
                assert!(said.contains_key(name), "{name}");
            }
        }
    }
}

#[tokio::test]
async fn a_hint_decides_nothing() {
    let world = world().await;
    let token = internal(&world).await;
    let key = world.user("bob", "read").await;
    for token in [&token, &key] {
        for hint in ["access_token", "refresh_token", "api_key", "nonsense", ""] {
            let form = [("token", token.as_str()), ("token_type_hint", hint)];
            let answer = world.send(post(PATH, &basic("svc", &secret("svc")), &form)).await;
            assert_eq!((answer.status.as_u16(), &answer.body["active"]), (200, &json!(true)), "{hint}");
        }
    }
}

#[tokio::test]
async fn a_client_that_is_no_edge_sees_tokens_for_its_own_audiences_only() {
    let world = world().await;
    let token = internal(&world).await;
    assert!(is_active(&world, "svc", &token).await);
    assert!(is_active(&world, "edge", &token).await);
    assert!(!is_active(&world, "stock", &token).await);
    let orders = world.exchange("svc", (JWT, &token), &[("audience", "orders")]).await.token();
    let stock = world.exchange("orders", (JWT, &orders), &[("audience", "stock")]).await.token();
    assert!(is_active(&world, "stock", &stock).await);
    assert!(is_active(&world, "edge", &stock).await);
    assert!(!is_active(&world, "svc", &stock).await);
    // Nobody was named for it.
    assert!(is_active(&world, "plain", &token).await);
    assert!(!is_active(&world, "plain", &orders).await);
    assert!(is_active(&world, "receiver", &orders).await);
    assert!(!is_active(&world, "receiver", &token).await);
}

#[tokio::test]
async fn everything_that_is_no_token_of_ours_is_inactive() {
    let world = world().await;
    let token = internal(&world).await;
    let external = world.external(json!({}));
    let (signed, _) = token.rsplit_once('.').unwrap();
    let mut transaction = Jws::parse(&token).unwrap().unverified_claims().clone().into_map();
    let other_type = world.idp.sign("at+jwt", &Value::from(transaction.clone())).unwrap();
    transaction.insert("iss".into(), json!(IDP));
    let other_issuer = world.idp.sign("at+jwt", &Value::from(transaction)).unwrap();
    for text in [
        external.as_str(),
        &forged(&token),
        signed,
        &format!("{signed}."),
        &token[1..],
        &other_type,
        &other_issuer,
        "x",
        "a.b.c",
        "a.b.c.d.e",
        "rmt_live_0",
        "not a token \u{e9}",
        &"x".repeat(17 * 1024),
        &format!("{}.{}.{}", "e".repeat(9000), "e".repeat(9000), "e".repeat(9000)),
    ] {
        assert!(!is_active(&world, "edge", text).await, "{text}");
        assert!(!is_active(&world, "svc", text).await, "{text}");
    }
}

#[tokio::test]
async fn a_token_is_active_to_its_end_and_not_beyond() {
    let world = world().await;
    let token = internal(&world).await;
    world.advance(299);
    assert!(is_active(&world, "svc", &token).await);
    world.advance(1);
    assert!(!is_active(&world, "svc", &token).await);
}

#[tokio::test]
async fn what_has_ended_is_inactive() {
    for target in [
        Target::Session { issuer: remint_core::IssuerId::new(IDP).unwrap(), session: SessionId::new("s-1").unwrap() },
        Target::Everything,
    ] {
        let world = world().await;
        let external = world.external(json!({ "sid": "s-1" }));
        let token = world.exchange("svc", (JWT, &external), &[("audience", "internal")]).await.token();
        assert!(is_active(&world, "svc", &token).await);
        world.revoke(target).await;
        assert!(!is_active(&world, "svc", &token).await);
    }
}

#[tokio::test]
async fn an_api_key_says_whose_it_is_for_as_long_as_it_works() {
    let world = world().await;
    let key = world.user("bob", "read write").await;
    let bob = UserId::new("bob").unwrap();
    let answer = ask(&world, "svc", &key).await;
    let mut said = answer.body.as_object().unwrap().clone();
    assert_eq!(answer.headers["cache-control"], "no-store");
    let id = said.remove("client_id").unwrap();
    let now = seconds(&world);
    let expected = json!({
        "active": true, "iss": ISSUER, "sub": "bob", "scope": "read write", "env": "live", "iat": now,
        "cred": { "kind": "api_key", "id": id },
    });
    assert_eq!(Value::from(said), expected, "no `token_type`, no `exp`");
    world.keys.set_user_enabled(&bob, false).await.unwrap();
    assert!(!is_active(&world, "svc", &key).await);
    world.keys.set_user_enabled(&bob, true).await.unwrap();
    assert!(is_active(&world, "svc", &key).await);
    let id = remint_core::KeyId::new(id.as_str().unwrap()).unwrap();
    world.keys.revoke(&id).await.unwrap();
    assert!(!is_active(&world, "svc", &key).await);
}

#[tokio::test]
async fn a_key_that_ends_says_when_and_one_that_was_ended_in_the_log_alone_is_inactive() {
    let world = world().await;
    world.user("bob", "read").await;
    let bob = || UserId::new("bob").unwrap();
    let minute = Duration::from_secs(60);
    let ending = world.key(NewKey::new(bob(), Environment::Test).expiring_in(minute)).await;
    let said = ask(&world, "svc", &ending).await.body;
    assert_eq!((&said["exp"], &said["env"]), (&json!(seconds(&world) + 60), &json!("test")));
    world.advance(60);
    assert!(!is_active(&world, "svc", &ending).await);

    let (key, record) = world.keys.create(NewKey::new(bob(), Environment::Live)).await.unwrap();
    assert!(is_active(&world, "svc", key.expose_secret()).await);
    world.revoke(Target::Key(record.id)).await;
    assert!(!is_active(&world, "svc", key.expose_secret()).await);
}

#[tokio::test]
async fn a_key_that_is_bound_to_networks_is_active_for_edges_only() {
    let world = world().await;
    world.user("bob", "read").await;
    let bound = NewKey::new(UserId::new("bob").unwrap(), Environment::Live);
    let bound = world.key(bound.with_networks(vec!["192.0.2.0/24".parse().unwrap()])).await;
    let said = ask(&world, "edge", &bound).await.body;
    assert_eq!(said["active"], json!(true));
    assert_eq!(said["remint"], json!({ "networks": ["192.0.2.0/24"] }));
    assert!(!is_active(&world, "svc", &bound).await);
}

#[tokio::test]
async fn an_outage_is_never_an_inactive_token() {
    let world = world().await;
    let (token, key) = (internal(&world).await, world.user("bob", "read").await);
    world.store.sever();
    let answer = ask(&world, "svc", &key).await;
    assert_eq!(answer.error(), (503, "temporarily_unavailable"));
    assert!(answer.headers.contains_key("retry-after"));
    assert!(answer.body.get("active").is_none());
    assert!(is_active(&world, "svc", &token).await, "nobody is asked about it");
    world.store.mend();
    assert!(is_active(&world, "svc", &key).await);
}

#[tokio::test]
async fn who_may_not_ask_learns_nothing() {
    let world = world().await;
    let token = internal(&world).await;
    for path in [PATH, "/oauth2/revoke"] {
        let form = [("token", token.as_str())];
        for (headers, parameters, expected) in [
            (basic("worker", &secret("worker")), &form[..], (400, "unauthorized_client")),
            (basic("svc", "wrong"), &form[..], (401, "invalid_client")),
            (basic("nobody-here", "wrong"), &form[..], (401, "invalid_client")),
            (vec![], &form[..], (401, "invalid_client")),
            (vec![("authorization", format!("Bearer {token}"))], &form[..], (400, "invalid_request")),
            (basic("svc", &secret("svc")), &[], (400, "invalid_request")),
            (basic("svc", &secret("svc")), &[("token", "")], (400, "invalid_request")),
            (basic("svc", &secret("svc")), &[("token", "a"), ("token", "b")], (400, "invalid_request")),
        ] {
            let answer = world.send(post(path, &headers, parameters)).await;
            assert_eq!(answer.error(), expected, "{path} {headers:?} {parameters:?}");
            assert_eq!(answer.headers["cache-control"], "no-store");
            assert_eq!(answer.headers.contains_key("www-authenticate"), answer.status == 401);
        }
        let get = http::Request::get(format!("{path}?token={token}")).body(axum::body::Body::empty()).unwrap();
        assert_eq!(world.send(get).await.error(), (405, "invalid_request"));
        let huge = world.send(post(path, &basic("svc", &secret("svc")), &[("token", &"x".repeat(65 * 1024))])).await;
        assert_eq!(huge.error(), (413, "invalid_request"));
    }
    assert!(is_active(&world, "svc", &token).await);
}
