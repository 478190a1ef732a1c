use remint_testkit::fakes::{api_key_of, jwt_of};
use serde_json::{Value, json};

use crate::edge::{BOOTSTRAP, Edge, raw, request};

const ADMIN: &str = "the administrator";
const VERIFIER: &str = "a service with remint:verify";
const OWN: &str = "alice";
const OTHER: &str = "bob";
const NOBODY: &str = "nobody";
const UNLINKED: &str = "a token linked to no user";

/// An operation on what is alice's, and what each caller is told.
#[tokio::test]
async fn what_is_not_there_and_what_is_anothers_is_answered_alike() {
    let cases = [
        ("POST /v1/users", json!({ "id": "new" }), [201, 403, 403, 403, 401, 403]),
        ("GET /v1/users/alice", Value::Null, [200, 404, 200, 404, 401, 403]),
        ("GET /v1/users/none", Value::Null, [404, 404, 404, 404, 401, 403]),
        ("PATCH /v1/users/alice", json!({ "plan": "gold" }), [200, 403, 403, 403, 401, 403]),
        ("PATCH /v1/users/none", json!({ "plan": "gold" }), [404, 403, 403, 403, 401, 403]),
        ("DELETE /v1/users/alice", Value::Null, [204, 403, 403, 403, 401, 403]),
        ("DELETE /v1/users/none", Value::Null, [404, 403, 403, 403, 401, 403]),
        ("GET /v1/tenants/acme", Value::Null, [200, 403, 403, 403, 401, 403]),
        ("PATCH /v1/tenants/acme", json!({ "plan": "gold" }), [200, 403, 403, 403, 401, 403]),
        ("POST /v1/api-keys", json!({}), [201, 403, 403, 403, 401, 403]),
        ("POST /v1/api-keys", json!({ "user": "alice" }), [201, 404, 403, 404, 401, 403]),
        ("POST /v1/api-keys", json!({ "user": "none" }), [404, 404, 404, 404, 401, 403]),
        ("POST /v1/api-keys", json!({ "act_for": { "anyone": true } }), [201, 403, 403, 403, 401, 403]),
        (
            "POST /v1/api-keys",
            json!({ "user": "alice", "act_for": { "anyone": true } }),
            [201, 403, 403, 403, 401, 403],
        ),
        ("GET /v1/api-keys", Value::Null, [200, 200, 200, 200, 401, 403]),
        ("GET /v1/api-keys?user=alice", Value::Null, [200, 404, 200, 404, 401, 403]),
        ("GET /v1/api-keys?user=none", Value::Null, [404, 404, 404, 404, 401, 403]),
        ("POST /v1/api-keys/{key}/rotate", json!({}), [201, 404, 201, 404, 401, 403]),
        ("POST /v1/api-keys/key_none/rotate", json!({}), [404, 404, 404, 404, 401, 403]),
        ("DELETE /v1/api-keys/{key}", Value::Null, [204, 404, 204, 404, 401, 403]),
        ("DELETE /v1/api-keys/key_none", Value::Null, [404, 404, 404, 404, 401, 403]),
        ("POST /v1/api-keys/verify", json!({ "key": "rmt_live_x" }), [200, 200, 403, 403, 401, 403]),
        (
            "POST /v1/revocations",
            json!({ "target": { "kind": "client", "id": "svc" } }),
            [202, 403, 403, 403, 401, 403],
        ),
        ("POST /v1/revocations", json!({}), [422, 403, 403, 403, 401, 403]),
        ("GET /v1/usage", Value::Null, [200, 200, 200, 200, 401, 403]),
        ("GET /v1/usage?user=alice", Value::Null, [200, 404, 200, 404, 401, 403]),
        ("GET /v1/nothing", Value::Null, [404, 404, 404, 404, 401, 404]),
        ("PUT /v1/users", Value::Null, [405, 405, 405, 405, 401, 405]),
    ];
    for (line, body, statuses) in cases {
        for (who, status) in [ADMIN, VERIFIER, OWN, OTHER, NOBODY, UNLINKED].into_iter().zip(statuses) {
            let edge = Edge::new().await;
            let key = prepare(&edge, who).await;
            let alices = edge.keys.list(&"alice".parse().unwrap()).await.unwrap();
            let line = line.replace("{key}", alices[0].id.as_str());
            let answer = edge.call(&key, &line, body.clone()).await;
            assert_eq!(answer.status, status, "{line} by {who}: {}", answer.body);
            assert_eq!(answer.headers["cache-control"], "no-store", "{line}");
            if status >= 400 {
                assert_eq!(answer.headers["content-type"], "application/problem+json", "{line} by {who}");
            }
        }
    }
}

async fn prepare(edge: &Edge, who: &str) -> String {
    let body = json!({ "id": "alice", "tenant": "acme", "scopes": "jobs", "issue": ["live"] });
    let alice = edge.bootstrap("POST /v1/users", body).await.body["keys"][0]["key"].as_str().unwrap().to_owned();
    match who {
        ADMIN => edge.user("root", "remint:admin").await,
        VERIFIER => edge.user("service", "remint:verify").await,
        OWN => alice,
        OTHER => edge.user("bob", "jobs").await,
        UNLINKED => {
            edge.jwts.answer("e30.e30.c2ln", Ok(jwt_of("alice", edge.now(), remint_core::Timestamp::MAX)));
            "e30.e30.c2ln".to_owned()
        }
        _ => String::new(),
    }
}

#[tokio::test]
async fn a_token_that_is_linked_to_a_user_reaches_what_is_theirs() {
    let edge = Edge::new().await;
    edge.user("alice", "jobs").await;
    let mut linked = jwt_of("x", edge.now(), remint_core::Timestamp::MAX);
    linked.identity.subject = "alice".parse().unwrap();
    linked.identity.scopes = "jobs".parse().unwrap();
    edge.jwts.answer("e30.e30.bGlua2Vk", Ok(linked));
    assert_eq!(edge.call("e30.e30.bGlua2Vk", "GET /v1/users/alice", Value::Null).await.status, 200);
    let made = edge.call("e30.e30.bGlua2Vk", "POST /v1/api-keys", json!({})).await;
    assert_eq!((made.status.as_u16(), &made.body["scopes"]), (201, &json!(["jobs"])));
}

#[tokio::test]
async fn the_scope_of_an_administrator_counts_for_users_of_ours_only() {
    let edge = Edge::new().await;
    let mut claims = jwt_of("mallory", edge.now(), remint_core::Timestamp::MAX);
    claims.identity.scopes = "remint:admin remint:verify".parse().unwrap();
    edge.jwts.answer("e30.e30.YWRtaW4", Ok(claims));
    for (line, body) in [
        ("POST /v1/users", json!({ "id": "new" })),
        ("POST /v1/api-keys/verify", json!({ "key": "x" })),
        ("GET /v1/usage", Value::Null),
    ] {
        assert_eq!(edge.call("e30.e30.YWRtaW4", line, body).await.status, 403, "{line}");
    }
}

#[tokio::test]
async fn whoever_acts_for_a_user_makes_rotates_and_ends_no_keys_of_theirs() {
    let edge = Edge::new().await;
    edge.user("alice", "").await;
    let id = edge.keys.list(&"alice".parse().unwrap()).await.unwrap()[0].id.clone();
    let mut delegated = api_key_of("alice");
    delegated.identity.actor = Some(remint_core::Actor::new("worker".parse().unwrap(), None));
    edge.jwts.answer("e30.e30.YWN0", Ok(delegated));
    assert_eq!(edge.call("e30.e30.YWN0", "GET /v1/api-keys", Value::Null).await.status, 200);
    assert_eq!(edge.call("e30.e30.YWN0", "POST /v1/api-keys", json!({})).await.status, 403);
    assert_eq!(edge.call("e30.e30.YWN0", &format!("POST /v1/api-keys/{id}/rotate"), json!({})).await.status, 403);
    assert_eq!(edge.call("e30.e30.YWN0", &format!("DELETE /v1/api-keys/{id}"), Value::Null).await.status, 403);
}

#[tokio::test]
async fn a_key_that_was_revoked_a_moment_ago_makes_none() {
    let edge = Edge::new().await;
    let key = edge.user("alice", "").await;
    let id = edge.id_of(&key).await.parse().unwrap();
    assert_eq!(edge.call(&key, "GET /v1/users/alice", Value::Null).await.status, 200);
    // The store has it, and the row of the revocation log is not there yet.
    edge.keys.store().revoke(&id, edge.now(), remint_core::Commit::default()).await.unwrap();
    assert_eq!(edge.call(&key, "GET /v1/users/alice", Value::Null).await.status, 200);
    assert_eq!(edge.call(&key, "POST /v1/api-keys", json!({})).await.status, 401);
}

#[tokio::test]
async fn the_bootstrap_key_is_an_administrator_under_v1() {
    let edge = Edge::new().await;
    edge.user("alice", "").await;
    for line in ["GET /v1/users/alice", "GET /v1/api-keys?user=alice", "GET /v1/usage"] {
        assert_eq!(edge.bootstrap(line, Value::Null).await.status, 200, "{line}");
    }
    let made = edge.bootstrap("POST /v1/api-keys", json!({ "user": "alice", "environment": "test" })).await;
    assert_eq!(made.status, 201);
    let events = edge.keys.store().events(remint_core::Page::all()).await.unwrap();
    assert!(events.iter().all(|(_, event)| event.actor == remint_core::AuditActor::Bootstrap));
    // It is nobody by itself.
    assert_eq!(edge.bootstrap("POST /v1/api-keys", json!({})).await.status, 422);
    assert_eq!(edge.bootstrap("GET /v1/api-keys", Value::Null).await.status, 400);
}

#[tokio::test]
async fn the_bootstrap_key_beside_another_credential_is_refused() {
    let edge = Edge::new().await;
    let alice = edge.user("alice", "").await;
    for (name, value) in [
        ("authorization", format!("Bearer {alice}")),
        ("authorization", format!("Api-Key {alice}")),
        ("authorization", "Basic YTpi".to_owned()),
        ("x-api-key", alice.clone()),
        ("x-api-key", BOOTSTRAP.to_owned()),
        ("x_api_key", alice.clone()),
    ] {
        let mut request = request(BOOTSTRAP, "GET /v1/users/alice", Value::Null);
        request.headers_mut().append(name, value.parse().unwrap());
        let answer = edge.send(request).await;
        assert_eq!(answer.status, 400, "{name}: {}", answer.body);
    }
}

#[tokio::test]
async fn the_bootstrap_key_counts_in_its_own_header_and_as_a_whole_only() {
    let edge = Edge::new().await;
    edge.user("alice", "").await;
    for scheme in ["Bearer", "Api-Key", "Token"] {
        let mut request = request("", "GET /v1/users/alice", Value::Null);
        request.headers_mut().insert("authorization", format!("{scheme} {BOOTSTRAP}").parse().unwrap());
        assert_eq!(edge.send(request).await.status, 401, "{scheme}");
    }
    for near in [&BOOTSTRAP[1..], &BOOTSTRAP[..BOOTSTRAP.len() - 1], &BOOTSTRAP.to_uppercase(), ""] {
        assert_eq!(edge.call(near, "GET /v1/users/alice", Value::Null).await.status, 401, "{near}");
    }
    let without = Edge::with(|service| service).await;
    assert_eq!(without.call("another-0123456789-abcdefghijkl-x", "GET /v1/usage", Value::Null).await.status, 401);
}

#[tokio::test]
async fn a_layer_that_lets_everyone_pass_opens_nothing() {
    let edge = Edge::new().await;
    let (issuer, audience) = ("https://i.example".parse().unwrap(), "a".parse().unwrap());
    let normalizer = remint_normalize::Normalizer::builder(
        issuer,
        audience,
        remint_testkit::fakes::FakeIssuer::new(edge.clock.clone()),
    )
    .authenticator(edge.keys.authenticator())
    .build()
    .unwrap();
    let layer = remint_tower::NormalizeLayer::new(normalizer).optional();
    let open =
        Edge { app: remint_identity_service::IdentityService::new(edge.keys.clone()).into_router(layer), ..edge };
    for line in ["GET /v1/users/alice", "GET /v1/usage", "POST /v1/users", "POST /v1/api-keys", "DELETE /v1/api-keys/k"]
    {
        assert_eq!(open.call("", line, Value::Null).await.status, 401, "{line}");
    }
}

#[tokio::test]
async fn a_browser_asking_beforehand_is_told_nothing() {
    let edge = Edge::new().await;
    let mut preflight = raw("OPTIONS /v1/users", "", "");
    preflight.headers_mut().clear();
    preflight.headers_mut().insert("origin", "https://app.example".parse().unwrap());
    preflight.headers_mut().insert("access-control-request-method", "POST".parse().unwrap());
    assert_eq!(edge.send(preflight).await.status, 401);
}

#[tokio::test]
async fn a_key_that_the_store_no_longer_has_makes_none() {
    let edge = Edge::new().await;
    edge.user("alice", "").await;
    edge.jwts.answer("e30.e30.b2xk", Ok(api_key_of("alice")));
    assert_eq!(edge.call("e30.e30.b2xk", "GET /v1/users/alice", Value::Null).await.status, 200);
    assert_eq!(edge.call("e30.e30.b2xk", "POST /v1/api-keys", json!({})).await.status, 401);
}
