//! For whom a key may act: an administrator gives it, and nobody else comes by it.

use remint_core::{ActFor, Environment};
use remint_testkit::fakes::{api_key_of, jwt_of};
use serde_json::{Value, json};

use crate::edge::{Edge, text};

/// What is asked for, and what is shown of it.
#[tokio::test]
async fn an_administrator_gives_a_key_the_right_to_act_for_others() {
    let edge = Edge::new().await;
    let root = edge.user("root", "remint:admin").await;
    edge.user("worker", "jobs").await;
    let all = json!({
        "anyone": true, "users": ["alice", "bob"], "tenants": ["acme", "a|b"], "scopes": ["a", "b"],
        "environments": ["test", "live"],
    });
    let mut text_scopes = all.clone();
    text_scopes["scopes"] = "b a".into();
    // The user's first key is older than what is made here.
    edge.clock.advance(std::time::Duration::from_secs(1));
    for (asked, shown) in [
        (json!({ "anyone": true }), json!({ "anyone": true })),
        (json!({ "users": ["alice"] }), json!({ "users": ["alice"] })),
        (json!({ "tenants": ["acme"], "scopes": [] }), json!({ "tenants": ["acme"], "scopes": [] })),
        (text_scopes, all.clone()),
        (all.clone(), all),
    ] {
        for who in [crate::edge::BOOTSTRAP, &root] {
            let body = json!({ "user": "worker", "act_for": asked });
            let made = edge.call(who, "POST /v1/api-keys", body).await;
            assert_eq!((made.status.as_u16(), &made.body["act_for"]), (201, &shown), "{}", made.body);
            let listed = edge.bootstrap("GET /v1/api-keys?user=worker", Value::Null).await;
            assert_eq!(
                (&listed.body["items"][0]["id"], &listed.body["items"][0]["act_for"]),
                (&made.body["id"], &shown)
            );
            edge.clock.advance(std::time::Duration::from_secs(1));
        }
    }
    let keys = edge.keys.list(&"worker".parse().unwrap()).await.unwrap();
    let expected = ActFor {
        anyone: true,
        users: vec!["alice".parse().unwrap(), "bob".parse().unwrap()],
        tenants: vec!["acme".parse().unwrap(), "a|b".parse().unwrap()],
        scopes: Some("a b".parse().unwrap()),
        environments: vec![Environment::Test, Environment::Live],
    };
    assert_eq!(keys[0].act_for, Some(expected));
}

#[tokio::test]
async fn a_key_that_acts_for_nobody_shows_nothing_of_it() {
    let edge = Edge::new().await;
    edge.user("alice", "").await;
    let alice = edge.maker("alice", "").await;
    for body in [json!({}), json!({ "act_for": null })] {
        let made = edge.call(&alice, "POST /v1/api-keys", body).await;
        assert_eq!(made.status, 201);
        assert_eq!(made.body.get("act_for"), None);
    }
    let listed = edge.call(&alice, "GET /v1/api-keys", Value::Null).await;
    assert!(listed.body["items"].as_array().unwrap().iter().all(|key| key.get("act_for").is_none()));
}

/// Whatever else they came with: a key that may act so itself, or a scope that is not of our store.
#[tokio::test]
async fn nobody_but_an_administrator_gives_it() {
    let edge = Edge::new().await;
    let alice = edge.user("alice", "jobs remint:verify").await;
    let right = json!({ "users": ["bob"] });
    let asked = json!({ "user": "alice", "scopes": "remint:keys", "act_for": right });
    let (_, acting) = edge.key(crate::edge::BOOTSTRAP, asked).await;
    let mut claims = jwt_of("mallory", edge.now(), remint_core::Timestamp::MAX);
    claims.identity.scopes = "remint:admin".parse().unwrap();
    edge.jwts.answer("e30.e30.YWRtaW4", Ok(claims));
    let mut delegated = api_key_of("alice");
    delegated.identity.actor = Some(remint_core::Actor::new("worker".parse().unwrap(), None));
    edge.jwts.answer("e30.e30.YWN0", Ok(delegated));
    let before = edge.keys.list(&"alice".parse().unwrap()).await.unwrap().len();
    for (who, asked) in [
        (alice.as_str(), json!({ "anyone": true })),
        (&alice, right.clone()),
        (&alice, json!({ "users": ["alice"] })),
        (&acting, right.clone()),
        (&acting, json!({ "users": ["bob"], "scopes": [] })),
        ("e30.e30.YWRtaW4", right.clone()),
        ("e30.e30.YWN0", right),
    ] {
        for user in [Value::Null, "alice".into()] {
            let body = json!({ "user": user, "act_for": asked });
            let answer = edge.call(who, "POST /v1/api-keys", body.clone()).await;
            assert_eq!(answer.status, 403, "{body}: {}", answer.body);
        }
    }
    let refused = edge.call(&alice, "POST /v1/api-keys", json!({ "act_for": { "anyone": true } })).await;
    assert_eq!(refused.body["error"], "insufficient_scope", "as wherever an administrator is asked for");
    assert_eq!(edge.keys.list(&"alice".parse().unwrap()).await.unwrap().len(), before);
    // What it makes has none of it.
    let made = edge.call(&acting, "POST /v1/api-keys", json!({})).await;
    assert_eq!((made.status.as_u16(), made.body.get("act_for")), (201, None));
}

/// A right that is not one, and the place that is named.
#[tokio::test]
async fn a_right_that_does_not_fit_is_refused_and_no_key_is_made() {
    let edge = Edge::new().await;
    edge.user("worker", "").await;
    let many = vec!["a"; 101];
    for (right, pointer) in [
        (json!({}), ""),
        (json!({ "scopes": ["a"] }), ""),
        (json!({ "environments": ["live"], "scopes": "a" }), ""),
        (json!(true), ""),
        (json!("anyone"), ""),
        (json!(["alice"]), ""),
        (json!({ "anyone": false }), "/anyone"),
        (json!({ "anyone": false, "users": ["alice"] }), "/anyone"),
        (json!({ "anyone": "true" }), "/anyone"),
        (json!({ "anyone": null }), "/anyone"),
        (json!({ "users": [] }), "/users"),
        (json!({ "anyone": true, "users": [] }), "/users"),
        (json!({ "users": "alice" }), "/users"),
        (json!({ "users": ["alice", "a|b"] }), "/users/1"),
        (json!({ "users": ["*", "zoë"] }), "/users/0"),
        (json!({ "users": many }), "/users"),
        (json!({ "tenants": [] }), "/tenants"),
        (json!({ "tenants": [1] }), "/tenants/0"),
        (json!({ "tenants": many }), "/tenants"),
        (json!({ "anyone": true, "scopes": many }), "/scopes"),
        (json!({ "anyone": true, "scopes": ["a b"] }), "/scopes/0"),
        (json!({ "anyone": true, "scopes": null }), "/scopes"),
        (json!({ "anyone": true, "environments": [] }), "/environments"),
        (json!({ "anyone": true, "environments": ["live", "live"] }), "/environments"),
        (json!({ "anyone": true, "environments": ["prod"] }), "/environments/0"),
        (json!({ "anyone": true, "everyone": true }), "/everyone"),
        (json!({ "anyone": true, "until": "2026-01-01T00:00:00Z" }), "/until"),
    ] {
        let body = json!({ "user": "worker", "act_for": right });
        let answer = edge.bootstrap("POST /v1/api-keys", body.clone()).await;
        let place = text(&answer.body["errors"][0]["pointer"]);
        assert_eq!((answer.status.as_u16(), place), (422, format!("/act_for{pointer}")), "{body}: {}", answer.body);
    }
    assert_eq!(edge.keys.list(&"worker".parse().unwrap()).await.unwrap().len(), 1);
    let hundred = vec!["a"; 100];
    let body = json!({ "user": "worker", "act_for": { "users": hundred, "tenants": hundred } });
    assert_eq!(edge.bootstrap("POST /v1/api-keys", body).await.status, 201);
}

#[tokio::test]
async fn whoever_rotates_a_key_keeps_for_whom_it_acts() {
    let edge = Edge::new().await;
    edge.user("worker", "").await;
    let right = json!({ "tenants": ["acme"], "scopes": ["a"] });
    for by_itself in [true, false] {
        let (id, key) = edge.key(crate::edge::BOOTSTRAP, json!({ "user": "worker", "act_for": right })).await;
        let who = if by_itself { key.as_str() } else { crate::edge::BOOTSTRAP };
        let line = format!("POST /v1/api-keys/{id}/rotate");
        let rotated = edge.call_once(who, "once", &line, json!({ "overlap": "1h" })).await;
        assert_eq!((rotated.status.as_u16(), &rotated.body["act_for"]), (201, &right), "{}", rotated.body);
        let again = edge.call_once(who, "once", &line, json!({ "overlap": "1h" })).await;
        assert_eq!((&again.body["act_for"], &again.body["id"]), (&right, &rotated.body["id"]));
        let new = edge.keys.verify(&text(&rotated.body["key"])).await.unwrap().into_inner().key;
        assert!(new.act_for.is_some_and(|act_for| !act_for.anyone && act_for.tenants.len() == 1));
    }
    // Nothing is to be said of it there.
    let (id, key) = edge.key(crate::edge::BOOTSTRAP, json!({ "user": "worker", "act_for": right })).await;
    for who in [&key, crate::edge::BOOTSTRAP] {
        let body = json!({ "act_for": { "anyone": true } });
        let answer = edge.call(who, &format!("POST /v1/api-keys/{id}/rotate"), body).await;
        assert_eq!((answer.status.as_u16(), text(&answer.body["errors"][0]["pointer"])), (422, "/act_for".into()));
    }
}

/// The text of the new key goes to whoever rotates the old one: that would be a way to its right.
#[tokio::test]
async fn a_credential_that_may_not_act_so_rotates_no_key_that_may() {
    let edge = Edge::new().await;
    edge.user("worker", "jobs").await;
    let plain = edge.maker("worker", "jobs").await;
    let mut linked = jwt_of("x", edge.now(), remint_core::Timestamp::MAX);
    linked.identity.subject = "worker".parse().unwrap();
    linked.identity.scopes = "jobs".parse().unwrap();
    edge.jwts.answer("e30.e30.bGlua2Vk", Ok(linked));
    let right = json!({ "users": ["alice"] });
    let give = |right: &Value| json!({ "user": "worker", "scopes": "jobs", "act_for": right });
    let making = |right: &Value| json!({ "user": "worker", "scopes": "jobs remint:keys", "act_for": right });
    let (_, same) = edge.key(crate::edge::BOOTSTRAP, making(&right)).await;
    let (_, narrower) = edge.key(crate::edge::BOOTSTRAP, making(&json!({ "users": ["alice"], "scopes": [] }))).await;
    let (_, another) = edge.key(crate::edge::BOOTSTRAP, making(&json!({ "users": ["bob"] }))).await;
    for (who, status) in
        [(plain.as_str(), 403), ("e30.e30.bGlua2Vk", 403), (&narrower, 403), (&another, 403), (&same, 201)]
    {
        let (id, _) = edge.key(crate::edge::BOOTSTRAP, give(&right)).await;
        let answer = edge.call(who, &format!("POST /v1/api-keys/{id}/rotate"), json!({})).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    // The reverse takes nothing along.
    let body = json!({ "user": "worker", "scopes": "jobs" });
    for who in [plain.as_str(), "e30.e30.bGlua2Vk", &same] {
        let (id, _) = edge.key(crate::edge::BOOTSTRAP, body.clone()).await;
        let rotated = edge.call(who, &format!("POST /v1/api-keys/{id}/rotate"), json!({})).await;
        assert_eq!((rotated.status.as_u16(), rotated.body.get("act_for")), (201, None), "{}", rotated.body);
    }
}

#[tokio::test]
async fn what_cannot_be_stored_is_not_answered_as_given() {
    let edge = Edge::new().await;
    edge.user("worker", "").await;
    edge.store.sever();
    let body = json!({ "user": "worker", "act_for": { "anyone": true } });
    assert_eq!(edge.bootstrap("POST /v1/api-keys", body).await.status, 503);
}
