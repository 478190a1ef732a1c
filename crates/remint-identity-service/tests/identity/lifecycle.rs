use std::time::Duration;

use serde_json::{Value, json};

use crate::edge::{Edge, text};

#[tokio::test]
async fn what_is_absent_from_a_change_stays_and_null_unsets() {
    let edge = Edge::new().await;
    let asked = json!({ "id": "alice", "tenant": "acme", "scopes": "read", "plan": "gold", "issue": [] });
    edge.bootstrap("POST /v1/users", asked).await;
    for (change, field, now) in [
        (json!({}), "plan", json!("gold")),
        (json!({ "enabled": false }), "tenant", json!("acme")),
        (json!({ "plan": null }), "plan", Value::Null),
        (json!({ "tenant": null }), "tenant", Value::Null),
        (json!({ "tenant": "other" }), "tenant", json!("other")),
        (json!({ "scopes": ["a", "b"] }), "scopes", json!(["a", "b"])),
        (json!({ "roles": ["b", "a", "b"] }), "roles", json!(["b", "a"])),
        (json!({ "entitlements": ["x y"] }), "entitlements", json!(["x y"])),
        (
            json!({ "external": [{ "issuer": "i", "subject": "s" }] }),
            "external",
            json!([{ "issuer": "i", "subject": "s" }]),
        ),
        (json!({ "external": [] }), "external", json!([])),
        (json!({ "enabled": true }), "enabled", json!(true)),
    ] {
        let answer = edge.bootstrap("PATCH /v1/users/alice", change.clone()).await;
        assert_eq!((answer.status.as_u16(), &answer.body[field]), (200, &now), "{change}");
        assert_eq!(edge.bootstrap("GET /v1/users/alice", Value::Null).await.body, answer.body, "{change}");
    }
    assert_eq!(edge.bootstrap("GET /v1/users/alice", Value::Null).await.body["roles"], json!(["b", "a"]));
    let without = edge.bootstrap("PATCH /v1/users/alice", json!({ "roles": [] })).await;
    assert_eq!((&without.body["roles"], &without.body["entitlements"]), (&json!([]), &json!(["x y"])));
    for change in
        [json!({ "enabled": null }), json!({ "roles": null }), json!({ "scopes": null }), json!({ "external": null })]
    {
        assert_eq!(edge.bootstrap("PATCH /v1/users/alice", change.clone()).await.status, 422, "{change}");
    }
}

/// What the core takes, the service takes: an id that is in the store can be named.
#[tokio::test]
async fn ids_and_names_are_any_text_that_the_core_takes() {
    let edge = Edge::new().await;
    for (id, encoded) in [
        ("zoë", "zo%C3%AB"),
        ("a'; DROP TABLE users; --", "a%27;%20DROP%20TABLE%20users;%20--"),
        ("a\"b", "a%22b"),
        ("-x", "-x"),
        (" ", "%20"),
        ("...", "..."),
    ] {
        let made = edge.bootstrap("POST /v1/users", json!({ "id": id, "tenant": id, "plan": id, "issue": [] })).await;
        assert_eq!((made.status.as_u16(), &made.body["user"]["id"]), (201, &json!(id)), "{}", made.body);
        let found = edge.bootstrap(&format!("GET /v1/users/{encoded}"), Value::Null).await;
        assert_eq!((found.status.as_u16(), &found.body["tenant"]), (200, &json!(id)), "{id}");
        assert_eq!(edge.bootstrap(&format!("GET /v1/tenants/{encoded}"), Value::Null).await.body["id"], id);
        for target in [json!({ "kind": "user", "id": id }), json!({ "kind": "tenant", "id": id })] {
            let revoked = edge.bootstrap("POST /v1/revocations", json!({ "target": target })).await;
            assert_eq!(revoked.status, 202, "{}", revoked.body);
        }
    }
    for (name, kept) in [("Robert'); DROP TABLE keys;--", None), ("Zoe\u{308}s \"ключ\"", Some("Zo\u{eb}s \"ключ\""))]
    {
        let made = edge.bootstrap("POST /v1/api-keys", json!({ "user": "...", "name": name })).await;
        assert_eq!((made.status.as_u16(), &made.body["name"]), (201, &json!(kept.unwrap_or(name))), "{}", made.body);
    }
    let linked = json!({ "external": [{ "issuer": "https://idp.example/ü", "subject": "upn:zoë's" }] });
    assert_eq!(edge.bootstrap("PATCH /v1/users/...", linked).await.status, 200);
    let session = json!({ "kind": "session", "issuer": "https://idp.example/ü", "session": "sé" });
    assert_eq!(edge.bootstrap("POST /v1/revocations", json!({ "target": session })).await.status, 202);
}

#[tokio::test]
async fn an_id_of_auth0_is_refused_with_the_way_to_link_it() {
    let edge = Edge::new().await;
    let answer = edge.bootstrap("POST /v1/users", json!({ "id": "auth0|64f0" })).await;
    let told = text(&answer.body["errors"][0]["detail"]);
    assert!(answer.status == 422 && told.contains("`external`"), "{told}");
}

#[tokio::test]
async fn a_disabled_user_or_tenant_is_refused_until_they_are_enabled_again() {
    let edge = Edge::new().await;
    let made = edge.bootstrap("POST /v1/users", json!({ "id": "alice", "tenant": "acme", "issue": ["live"] })).await;
    let key = text(&made.body["keys"][0]["key"]);
    for line in ["PATCH /v1/users/alice", "PATCH /v1/tenants/acme"] {
        assert_eq!(edge.call(&key, "GET /v1/api-keys", Value::Null).await.status, 200);
        assert_eq!(edge.bootstrap(line, json!({ "enabled": false })).await.body["enabled"], false);
        assert_eq!(edge.call(&key, "GET /v1/api-keys", Value::Null).await.status, 401, "{line}");
        edge.bootstrap(line, json!({ "enabled": true })).await;
        assert_eq!(edge.call(&key, "GET /v1/api-keys", Value::Null).await.status, 200, "{line}");
    }
}

#[tokio::test]
async fn a_tenant_has_a_plan_or_none() {
    let edge = Edge::new().await;
    edge.bootstrap("POST /v1/users", json!({ "id": "alice", "tenant": "acme" })).await;
    let answer = edge.bootstrap("PATCH /v1/tenants/acme", json!({ "plan": "gold" })).await;
    let tenant = json!({ "id": "acme", "enabled": true, "plan": "gold", "created_at": "2026-01-01T00:00:00.000Z" });
    assert_eq!(answer.body, tenant);
    assert_eq!(edge.bootstrap("GET /v1/tenants/acme", Value::Null).await.body, tenant);
    assert_eq!(edge.bootstrap("PATCH /v1/tenants/acme", json!({ "plan": null })).await.body["plan"], Value::Null);
    assert_eq!(edge.bootstrap("GET /v1/tenants/none", Value::Null).await.status, 404);
    assert_eq!(edge.bootstrap("PATCH /v1/tenants/none", json!({ "plan": "x" })).await.status, 404);
}

#[tokio::test]
async fn a_deleted_user_takes_their_keys_along_and_a_new_one_inherits_none() {
    let edge = Edge::new().await;
    let key = edge.user("alice", "").await;
    assert_eq!(edge.call(&key, "GET /v1/users/alice", Value::Null).await.status, 200);
    assert_eq!(edge.bootstrap("DELETE /v1/users/alice", Value::Null).await.status, 204);
    assert_eq!(edge.call(&key, "GET /v1/users/alice", Value::Null).await.status, 401);
    assert_eq!(edge.bootstrap("DELETE /v1/users/alice", Value::Null).await.status, 404);
    edge.user("alice", "").await;
    assert_eq!(edge.call(&key, "GET /v1/users/alice", Value::Null).await.status, 401);
}

#[tokio::test]
async fn the_holder_of_a_key_can_revoke_it_and_the_others_of_its_user() {
    let edge = Edge::new().await;
    let key = edge.user("alice", "").await;
    let (other, text) = edge.key(crate::edge::BOOTSTRAP, json!({ "user": "alice" })).await;
    assert_eq!(edge.call(&key, &format!("DELETE /v1/api-keys/{other}"), Value::Null).await.status, 204);
    assert_eq!(edge.call(&text, "GET /v1/api-keys", Value::Null).await.status, 401);
    let own = edge.id_of(&key).await;
    assert_eq!(edge.call(&key, &format!("DELETE /v1/api-keys/{own}"), Value::Null).await.status, 204);
    assert_eq!(edge.call(&key, "GET /v1/api-keys", Value::Null).await.status, 401);
}

#[tokio::test]
async fn a_rotated_key_goes_on_until_its_deadline() {
    let edge = Edge::new().await;
    let key = edge.user("alice", "").await;
    let line = format!("POST /v1/api-keys/{}/rotate", edge.id_of(&key).await);
    let rotated = edge.call(&key, &line, json!({ "overlap": "1h" })).await;
    assert_eq!(rotated.status, 201);
    let new = text(&rotated.body["key"]);
    for key in [&key, &new] {
        assert_eq!(edge.call(key, "GET /v1/api-keys", Value::Null).await.status, 200);
    }
    assert_eq!(edge.call(&key, &line, json!({})).await.status, 409);
    let listed = edge.call(&new, "GET /v1/api-keys", Value::Null).await.body;
    let old = listed["items"].as_array().unwrap().iter().find(|key| !key["rotated_to"].is_null()).unwrap();
    assert_eq!((&old["rotated_to"], &old["expires_at"]), (&rotated.body["id"], &json!("2026-01-01T01:00:00.000Z")));
    edge.clock.advance(Duration::from_secs(3600));
    assert_eq!(edge.call(&key, "GET /v1/api-keys", Value::Null).await.status, 401);
    assert_eq!(edge.call(&new, "GET /v1/api-keys", Value::Null).await.status, 200);
}

#[tokio::test]
async fn a_key_is_rotated_once_and_while_it_works() {
    let edge = Edge::new().await;
    edge.user("alice", "").await;
    let made = edge.bootstrap("POST /v1/api-keys", json!({ "user": "alice" })).await;
    let line = format!("POST /v1/api-keys/{}/rotate", text(&made.body["id"]));
    let first = edge.bootstrap(&line, json!({ "overlap": "0s" })).await;
    assert_eq!(first.status, 201);
    assert_eq!(edge.call(&text(&made.body["key"]), "GET /v1/api-keys", Value::Null).await.status, 401);
    assert_eq!(edge.bootstrap(&line, json!({})).await.status, 409);
}

#[tokio::test]
async fn keys_are_listed_in_pages_newest_first_and_without_their_texts() {
    let edge = Edge::new().await;
    let alice = edge.user("alice", "").await;
    let mut ids = vec![edge.id_of(&alice).await];
    for _ in 0..4 {
        edge.clock.advance(Duration::from_secs(1));
        ids.insert(0, edge.key(crate::edge::BOOTSTRAP, json!({ "user": "alice" })).await.0);
    }
    let (mut seen, mut next) = (Vec::new(), String::new());
    loop {
        let page = edge.call(&alice, &format!("GET /v1/api-keys?limit=2{next}"), Value::Null).await;
        assert_eq!(page.status, 200, "{}", page.body);
        for key in page.body["items"].as_array().unwrap() {
            assert!(key.get("key").is_none());
            seen.push(text(&key["id"]));
        }
        let Some(cursor) = page.body["next"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    assert_eq!(seen, ids);
}

#[tokio::test]
async fn verification_says_whose_a_key_is_and_never_why_it_is_none() {
    let edge = Edge::new().await;
    let made = edge
        .bootstrap("POST /v1/users", json!({ "id": "alice", "tenant": "acme", "scopes": "read", "issue": [] }))
        .await;
    assert_eq!(made.status, 201);
    let asked = json!({ "user": "alice", "scopes": "read later", "networks": ["192.0.2.0/24"], "expires_in": "1h" });
    let made = edge.bootstrap("POST /v1/api-keys", asked).await;
    let key = text(&made.body["key"]);
    let service = edge.user("service", "remint:verify").await;
    let ask = |key: String| edge.call(&service, "POST /v1/api-keys/verify", json!({ "key": key }));
    let answer = ask(key.clone()).await;
    let expected = json!({
        "valid": true, "id": made.body["id"], "user": "alice", "environment": "live", "scopes": ["read"],
        "tenant": "acme", "networks": ["192.0.2.0/24"], "expires_at": "2026-01-01T01:00:00.000Z",
    });
    assert_eq!(answer.body, expected);
    let never = json!({ "valid": false });
    for text in ["x", "rmt_live_zzzz", &key[..key.len() - 1]] {
        assert_eq!(ask(text.to_owned()).await.body, never, "{text}");
    }
    edge.bootstrap("PATCH /v1/users/alice", json!({ "enabled": false })).await;
    assert_eq!(ask(key.clone()).await.body, never);
    edge.bootstrap("PATCH /v1/users/alice", json!({ "enabled": true })).await;
    assert_eq!(ask(key.clone()).await.body["valid"], true);
    edge.clock.advance(Duration::from_secs(3600));
    assert_eq!(ask(key).await.body, never);
}
