use remint_core::CredentialRef;
use remint_testkit::fakes::api_key_of;
use serde_json::{Value, json};

use crate::edge::{Edge, text};

/// A caller's key, what is asked for with it, and what comes of it.
#[tokio::test]
async fn a_key_makes_keys_within_its_own_scopes_environment_and_networks() {
    let open = json!({ "scopes": "read write remint:keys" });
    let reading = json!({ "scopes": "read remint:keys" });
    let testing = json!({ "scopes": "remint:keys", "environment": "test" });
    let home = json!({ "scopes": "remint:keys", "networks": ["192.0.2.0/24"] });
    for (own, asked, made) in [
        // Scopes: absent ones are those of the caller.
        (&open, json!({}), Ok(("scopes", json!(["read", "write"])))),
        (&open, json!({ "scopes": ["read"] }), Ok(("scopes", json!(["read"])))),
        (&open, json!({ "scopes": "other" }), Err(403)),
        (&open, json!({ "scopes": "remint:admin" }), Err(403)),
        (&reading, json!({}), Ok(("scopes", json!(["read"])))),
        (&reading, json!({ "scopes": null }), Ok(("scopes", json!(["read"])))),
        (&reading, json!({ "scopes": [] }), Ok(("scopes", json!([])))),
        (&reading, json!({ "scopes": "write" }), Err(403)),
        (&reading, json!({ "scopes": "read write" }), Err(403)),
        // The environment is the caller's.
        (&open, json!({ "environment": "live" }), Ok(("environment", json!("live")))),
        (&open, json!({ "environment": "test" }), Err(403)),
        (&testing, json!({}), Ok(("environment", json!("test")))),
        (&testing, json!({ "environment": "live" }), Err(403)),
        // Networks.
        (&open, json!({ "networks": ["10.0.0.0/8"] }), Ok(("networks", json!(["10.0.0.0/8"])))),
        (&home, json!({}), Ok(("networks", json!(["192.0.2.0/24"])))),
        (&home, json!({ "networks": ["192.0.2.128/25"] }), Ok(("networks", json!(["192.0.2.128/25"])))),
        (&home, json!({ "networks": [] }), Err(403)),
        (&home, json!({ "networks": ["192.0.0.0/16"] }), Err(403)),
        (&home, json!({ "networks": ["192.0.2.0/24", "10.0.0.0/8"] }), Err(403)),
        (&home, json!({ "networks": ["::/0"] }), Err(403)),
    ] {
        let edge = Edge::new().await;
        edge.user("alice", "read write").await;
        let mut body = own.clone();
        body["user"] = "alice".into();
        let key = text(&edge.bootstrap("POST /v1/api-keys", body).await.body["key"]);
        let answer = edge.call_from("192.0.2.9", &key, "POST /v1/api-keys", asked.clone()).await;
        match made {
            Ok((field, value)) => {
                assert_eq!(answer.status, 201, "{own} {asked}: {}", answer.body);
                assert_eq!(answer.body[field], value, "{own} {asked}");
            }
            Err(status) => assert_eq!(answer.status, status, "{own} {asked}: {}", answer.body),
        }
    }
}

#[tokio::test]
async fn a_key_makes_and_rotates_keys_that_end_no_later_than_itself() {
    let edge = Edge::new().await;
    edge.user("alice", "").await;
    let made = edge
        .bootstrap("POST /v1/api-keys", json!({ "user": "alice", "scopes": "remint:keys", "expires_in": "1h" }))
        .await;
    let (id, key) = (text(&made.body["id"]), text(&made.body["key"]));
    let end = &made.body["expires_at"];
    edge.clock.advance(std::time::Duration::from_secs(60));
    for (asked, ends) in [
        (json!({}), end.clone()),
        (json!({ "expires_in": "30d" }), end.clone()),
        (json!({ "expires_in": "1m" }), json!("2026-01-01T00:02:00.000Z")),
    ] {
        assert_eq!(edge.call(&key, "POST /v1/api-keys", asked).await.body["expires_at"], ends);
    }
    let rotated = edge.call(&key, &format!("POST /v1/api-keys/{id}/rotate"), json!({})).await;
    assert_eq!((rotated.status.as_u16(), &rotated.body["expires_at"]), (201, end));
}

/// A key of the same user, which the caller's key may rotate or not.
#[tokio::test]
async fn a_key_rotates_itself_and_what_has_no_more_than_itself() {
    let open = json!({ "scopes": "read write remint:keys" });
    let reading = json!({ "scopes": "read remint:keys" });
    let ending = json!({ "scopes": "remint:keys", "expires_in": "1h" });
    let home = json!({ "scopes": "remint:keys", "networks": ["192.0.2.0/24"] });
    let none = || json!([]);
    for (own, other, status) in [
        (&open, json!({}), 403),
        (&open, json!({ "scopes": "read" }), 201),
        (&open, json!({ "scopes": "read remint:keys" }), 201),
        (&open, json!({ "scopes": "read", "environment": "test" }), 403),
        (&reading, json!({}), 403),
        (&reading, json!({ "scopes": "read write" }), 403),
        (&reading, json!({ "scopes": "read" }), 201),
        (&ending, json!({ "scopes": none() }), 403),
        (&ending, json!({ "scopes": none(), "expires_in": "2h" }), 403),
        (&ending, json!({ "scopes": none(), "expires_in": "1h" }), 201),
        (&home, json!({ "scopes": none() }), 403),
        (&home, json!({ "scopes": none(), "networks": ["192.0.2.7"] }), 201),
    ] {
        let edge = Edge::new().await;
        edge.user("alice", "read write").await;
        let mut made = Vec::new();
        for mut body in [own.clone(), other.clone()] {
            body["user"] = "alice".into();
            made.push(edge.bootstrap("POST /v1/api-keys", body).await.body);
        }
        let key = text(&made[0]["key"]);
        let rotate = |id: &Value| format!("POST /v1/api-keys/{}/rotate", text(id));
        let answer = edge.call_from("192.0.2.9", &key, &rotate(&made[1]["id"]), json!({})).await;
        assert_eq!(answer.status, status, "{own} {other}: {}", answer.body);
        let itself = edge.call_from("192.0.2.9", &key, &rotate(&made[0]["id"]), json!({})).await;
        assert_eq!(itself.status, 201, "{own}: {}", itself.body);
    }
}

#[tokio::test]
async fn a_token_with_fewer_scopes_than_its_key_revokes_the_key_and_does_not_rotate_it() {
    for own in [json!({}), json!({ "scopes": "read write" })] {
        let edge = Edge::new().await;
        edge.user("alice", "read write").await;
        let mut body = own.clone();
        body["user"] = "alice".into();
        let made = edge.bootstrap("POST /v1/api-keys", body).await.body;
        let id = text(&made["id"]);
        for (token, scopes, status) in
            [("e30.e30.YQ", "read", 403), ("e30.e30.Yg", "", 403), ("e30.e30.Yw", "read write", 201)]
        {
            let mut exchanged = api_key_of("alice");
            exchanged.identity.credential = CredentialRef::ApiKey { id: id.parse().unwrap() };
            exchanged.identity.scopes = scopes.parse().unwrap();
            edge.jwts.answer(token, Ok(exchanged));
            let line = format!("POST /v1/api-keys/{id}/rotate");
            let answer = edge.call(token, &line, json!({ "overlap": "1h" })).await;
            assert_eq!(answer.status, status, "{own} {scopes}: {}", answer.body);
        }
        let revoked = edge.call("e30.e30.YQ", &format!("DELETE /v1/api-keys/{id}"), Value::Null).await;
        assert_eq!(revoked.status, 204, "{}", revoked.body);
    }
}

#[tokio::test]
async fn an_administrator_is_bound_by_none_of_it() {
    let edge = Edge::new().await;
    edge.user("alice", "read").await;
    let root = edge.user("root", "remint:admin").await;
    let asked = json!({ "user": "alice", "environment": "test", "scopes": "read later", "networks": ["10.0.0.0/8"] });
    let made = edge.call(&root, "POST /v1/api-keys", asked).await;
    assert_eq!((made.status.as_u16(), &made.body["scopes"]), (201, &json!(["later", "read"])));
    let line = format!("POST /v1/api-keys/{}/rotate", text(&made.body["id"]));
    assert_eq!(edge.call(&root, &line, json!({})).await.status, 201);
}

#[tokio::test]
async fn what_is_not_asked_for_otherwise_is_of_the_callers_environment_an_administrators_too() {
    let edge = Edge::demanding(Some(remint_core::Environment::Test), |service| service).await;
    edge.user("root", "remint:admin").await;
    let asked = json!({ "user": "root", "environment": "test" });
    let test = text(&edge.bootstrap("POST /v1/api-keys", asked).await.body["key"]);
    let made = edge.call(&test, "POST /v1/api-keys", json!({})).await;
    assert_eq!((made.status.as_u16(), &made.body["environment"]), (201, &json!("test")));
}

#[tokio::test]
async fn a_key_bound_to_networks_is_of_no_use_from_elsewhere() {
    let edge = Edge::new().await;
    edge.user("alice", "").await;
    let asked = json!({ "user": "alice", "networks": ["192.0.2.0/24"] });
    let key = text(&edge.bootstrap("POST /v1/api-keys", asked).await.body["key"]);
    assert_eq!(edge.call_from("192.0.2.9", &key, "GET /v1/api-keys", Value::Null).await.status, 200);
    assert_eq!(edge.call_from("192.0.3.9", &key, "GET /v1/api-keys", Value::Null).await.status, 403);
    assert_eq!(edge.call(&key, "GET /v1/api-keys", Value::Null).await.status, 403);
}

#[tokio::test]
async fn a_token_makes_keys_that_end_no_later_than_itself() {
    let edge = Edge::new().await;
    edge.user("alice", "jobs").await;
    let end = edge.now().saturating_add(std::time::Duration::from_secs(3600));
    let mut linked = remint_testkit::fakes::jwt_of("x", edge.now(), end);
    linked.identity.subject = "alice".parse().unwrap();
    edge.jwts.answer("e30.e30.bGlua2Vk", Ok(linked));
    for asked in [json!({}), json!({ "expires_in": "2h" })] {
        let (id, _) = edge.key("e30.e30.bGlua2Vk", asked).await;
        let made = edge.keys.key(&id.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(made.expires_at, Some(end));
    }
}

#[tokio::test]
async fn a_rotation_without_a_body_is_one_with_the_usual_overlap_whatever_type_the_body_has_that_is_not_there() {
    for media_type in ["", "application/json"] {
        let edge = Edge::new().await;
        let id = edge.id_of(&edge.user("alice", "").await).await;
        let line = format!("POST /v1/api-keys/{id}/rotate");
        assert_eq!(edge.send(crate::edge::raw(&line, media_type, "")).await.status, 201, "{media_type:?}");
        let old = edge.keys.key(&id.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(old.expires_at, Some(edge.now().saturating_add(remint_apikey::RotateKey::DEFAULT_OVERLAP)));
    }
}

#[tokio::test]
async fn the_answer_to_a_keys_creation_names_the_scopes_that_its_user_lacks() {
    let edge = Edge::new().await;
    edge.user("alice", "read write").await;
    for (asked, told) in [
        (json!("read other more remint:keys"), Some(json!(["more", "other"]))),
        (json!("read"), None),
        (json!("remint:keys"), None),
        (json!(null), None),
    ] {
        let body = json!({ "user": "alice", "scopes": asked });
        let made = edge.bootstrap("POST /v1/api-keys", body).await;
        assert_eq!(
            (made.status.as_u16(), made.body.get("scopes_without_effect")),
            (201, told.as_ref()),
            "{}",
            made.body
        );
        let rotated = format!("POST /v1/api-keys/{}/rotate", text(&made.body["id"]));
        let rotated = edge.bootstrap(&rotated, json!({})).await;
        assert_eq!(rotated.body.get("scopes_without_effect"), told.as_ref(), "{}", rotated.body);
    }
    // They have an effect once the user has them.
    let scopes = json!({ "scopes": "read write other more" });
    assert_eq!(edge.bootstrap("PATCH /v1/users/alice", scopes).await.status, 200);
    let made = edge.bootstrap("POST /v1/api-keys", json!({ "user": "alice", "scopes": "read other" })).await;
    assert_eq!(made.body.get("scopes_without_effect"), None);
}
