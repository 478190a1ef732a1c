//! What made a key, what ends with it, and which keys make keys.

use remint_testkit::fakes::jwt_of;
use serde_json::{Value, json};

use crate::edge::{BOOTSTRAP, Edge, text};

#[tokio::test]
async fn a_key_makes_keys_and_rotates_others_only_with_a_scope_that_an_administrator_gave_it() {
    let edge = Edge::new().await;
    let plain = edge.user("alice", "jobs").await;
    let maker = edge.maker("alice", "jobs").await;
    let (other, _) = edge.key(BOOTSTRAP, json!({ "user": "alice", "scopes": "jobs" })).await;
    let rotate = |id: &str| format!("POST /v1/api-keys/{id}/rotate");
    for line in ["POST /v1/api-keys".to_owned(), rotate(&other)] {
        let refused = edge.call(&plain, &line, json!({})).await;
        assert_eq!((refused.status.as_u16(), &refused.body["error"]), (403, &json!("insufficient_scope")), "{line}");
        assert!(text(&refused.body["detail"]).contains("remint:keys"), "{}", refused.body);
        assert!(refused.headers["www-authenticate"].to_str().unwrap().contains("scope=\"remint:keys\""));
        assert_eq!(edge.call(&maker, &line, json!({})).await.status, 201, "{line}");
    }
    let itself = rotate(&edge.id_of(&plain).await);
    assert_eq!(edge.call(&plain, &itself, json!({})).await.status, 201);
}

#[tokio::test]
async fn the_scope_that_makes_keys_is_neither_inherited_nor_passed_on() {
    let edge = Edge::new().await;
    edge.user("alice", "jobs").await;
    let maker = edge.maker("alice", "jobs").await;
    for asked in [json!({}), json!({ "scopes": "jobs" })] {
        let made = edge.call(&maker, "POST /v1/api-keys", asked).await;
        assert_eq!((made.status.as_u16(), &made.body["scopes"]), (201, &json!(["jobs"])));
        assert_eq!(edge.call(&text(&made.body["key"]), "POST /v1/api-keys", json!({})).await.status, 403);
    }
    let mut token = jwt_of("x", edge.now(), remint_core::Timestamp::MAX);
    token.identity.subject = "alice".parse().unwrap();
    token.identity.scopes = "jobs remint:keys".parse().unwrap();
    edge.jwts.answer("e30.e30.dG9rZW4", Ok(token));
    for who in [maker.as_str(), "e30.e30.dG9rZW4"] {
        for scopes in ["remint:keys", "jobs remint:keys"] {
            let refused = edge.call(who, "POST /v1/api-keys", json!({ "scopes": scopes })).await;
            assert_eq!(refused.status, 403, "{scopes}: {}", refused.body);
        }
        let made = edge.call(who, "POST /v1/api-keys", json!({})).await;
        assert_eq!((made.status.as_u16(), &made.body["scopes"]), (201, &json!(["jobs"])), "{}", made.body);
    }
    for root in [edge.user("root", "remint:admin").await, BOOTSTRAP.to_owned()] {
        let asked = json!({ "user": "alice", "scopes": "remint:keys" });
        assert_eq!(edge.call(&root, "POST /v1/api-keys", asked).await.status, 201);
    }
}

#[tokio::test]
async fn no_user_has_the_scope_that_makes_keys() {
    let edge = Edge::new().await;
    edge.user("alice", "jobs").await;
    for (line, body) in [
        ("POST /v1/users", json!({ "id": "bob", "scopes": "jobs remint:keys" })),
        ("POST /v1/users", json!({ "id": "bob", "scopes": ["remint:keys"] })),
        ("PATCH /v1/users/alice", json!({ "scopes": ["remint:keys"] })),
    ] {
        let refused = edge.bootstrap(line, body).await;
        assert_eq!((refused.status.as_u16(), text(&refused.body["errors"][0]["pointer"])), (422, "/scopes".into()));
    }
}

#[tokio::test]
async fn a_rotation_by_the_key_itself_keeps_what_an_administrator_gave_it() {
    let edge = Edge::new().await;
    edge.user("alice", "jobs").await;
    let maker = edge.maker("alice", "jobs").await;
    let line = format!("POST /v1/api-keys/{}/rotate", edge.id_of(&maker).await);
    let rotated = edge.call(&maker, &line, json!({})).await;
    assert_eq!(rotated.body["scopes"], json!(["jobs", "remint:keys"]));
    assert_eq!(edge.call(&text(&rotated.body["key"]), "POST /v1/api-keys", json!({})).await.status, 201);
}

#[tokio::test]
async fn lists_tell_what_made_each_key() {
    let edge = Edge::new().await;
    edge.user("alice", "jobs").await;
    edge.clock.advance(std::time::Duration::from_secs(1));
    let maker = edge.maker("alice", "jobs").await;
    let mut token = jwt_of("subject", edge.now(), remint_core::Timestamp::MAX);
    token.identity.subject = "alice".parse().unwrap();
    let credential = serde_json::to_value(&token.identity.credential).unwrap();
    edge.jwts.answer("e30.e30.dG9rZW4", Ok(token));
    let by_key = json!({ "kind": "api_key", "id": edge.id_of(&maker).await });
    let by_token = json!({ "kind": "jwt", "iss": credential["iss"], "sub": credential["sub"] });
    let mut made_by = vec![json!({ "kind": "bootstrap" }), json!({ "kind": "sign_up" })];
    for (who, by) in [(maker.as_str(), by_key), ("e30.e30.dG9rZW4", by_token)] {
        edge.clock.advance(std::time::Duration::from_secs(1));
        let made = edge.call(who, "POST /v1/api-keys", json!({})).await;
        assert_eq!(made.body["made_by"], by, "{}", made.body);
        made_by.insert(0, by);
    }
    let listed = edge.bootstrap("GET /v1/api-keys?user=alice", Value::Null).await;
    let shown: Vec<_> = listed.body["items"].as_array().unwrap().iter().map(|key| key["made_by"].clone()).collect();
    assert_eq!(shown, made_by);
}

#[tokio::test]
async fn a_revocation_ends_what_the_key_made_if_it_says_so() {
    for (query, ends) in [("", false), ("?cascade=false", false), ("?cascade=true", true)] {
        let edge = Edge::new().await;
        edge.user("alice", "jobs").await;
        let maker = edge.maker("alice", "jobs").await;
        let (_, child) = edge.key(&maker, json!({})).await;
        let line = format!("DELETE /v1/api-keys/{}{query}", edge.id_of(&maker).await);
        assert_eq!(edge.call(&maker, &line, Value::Null).await.status, 204);
        let status = edge.call(&child, "GET /v1/users/alice", Value::Null).await.status;
        assert_eq!(status, if ends { 401 } else { 200 }, "{query}");
    }
    let edge = Edge::new().await;
    let alice = edge.user("alice", "").await;
    let id = edge.id_of(&alice).await;
    for query in ["cascade=yes", "cascade=", "cascade", "cascade=true&cascade=true", "casade=true"] {
        let answer = edge.call(&alice, &format!("DELETE /v1/api-keys/{id}?{query}"), Value::Null).await;
        assert_eq!(answer.status, 400, "{query}: a misspelt word must not end the key alone");
    }
    assert_eq!(edge.call(&alice, "GET /v1/users/alice", Value::Null).await.status, 200);
}

#[tokio::test]
async fn an_administrator_ends_what_a_key_made_that_is_gone_with_its_user() {
    let edge = Edge::new().await;
    let alice = edge.user("alice", "").await;
    let thief = edge.user("thief", "remint:admin").await;
    let (hidden, key) = edge.key(&thief, json!({ "user": "alice" })).await;
    let gone = edge.id_of(&thief).await;
    assert_eq!(edge.bootstrap("DELETE /v1/users/thief", Value::Null).await.status, 204);
    let line = format!("DELETE /v1/api-keys/{gone}");
    assert_eq!(edge.bootstrap(&line, Value::Null).await.status, 404);
    assert_eq!(edge.call(&alice, &format!("{line}?cascade=true"), Value::Null).await.status, 404);
    assert_eq!(edge.call(&key, "GET /v1/users/alice", Value::Null).await.status, 200, "{hidden}");
    assert_eq!(edge.bootstrap(&format!("{line}?cascade=true"), Value::Null).await.status, 204);
    assert_eq!(edge.call(&key, "GET /v1/users/alice", Value::Null).await.status, 401);
    assert_eq!(edge.bootstrap("DELETE /v1/api-keys/key_none?cascade=true", Value::Null).await.status, 404);
}

#[tokio::test]
async fn a_key_whose_maker_was_revoked_meanwhile_is_not_made() {
    let edge = Edge::new().await;
    edge.user("alice", "").await;
    let root = edge.user("root", "remint:admin").await;
    let id = edge.id_of(&root).await.parse().unwrap();
    assert_eq!(edge.call(&root, "GET /v1/users/alice", Value::Null).await.status, 200);
    // The store has it, and the row of the revocation log is not there yet.
    edge.keys.store().revoke(&id, edge.now(), remint_core::Commit::default()).await.unwrap();
    for (line, body) in [
        ("POST /v1/api-keys", json!({ "user": "alice" })),
        ("POST /v1/users", json!({ "id": "bob", "issue": ["live"] })),
    ] {
        assert_eq!(edge.call(&root, line, body).await.status, 401, "{line}");
    }
}
