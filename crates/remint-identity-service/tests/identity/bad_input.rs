use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::edge::{Edge, raw};

/// A body of `POST /v1/users`, the status it is answered with, and the place that is named.
#[tokio::test]
async fn a_body_that_does_not_fit_is_refused_with_its_place_and_nothing_is_stored() {
    let edge = Edge::new().await;
    let long = "a".repeat(129);
    let many = format!("[{}]", vec!["\"s\""; 101].join(","));
    for (body, status, pointer) in [
        ("", 400, None),
        ("{", 400, None),
        ("null", 422, Some("")),
        ("[]", 422, Some("")),
        ("\"a\"", 422, Some("")),
        (r#"{"id":"a"} x"#, 400, None),
        (r#"{"id":"a","id":"b"}"#, 400, None),
        (r#"{"id":"a","external":[{"issuer":"i","issuer":"j","subject":"s"}]}"#, 400, None),
        ("{}", 422, Some("/id")),
        (r#"{"id":null}"#, 422, Some("/id")),
        (r#"{"id":1}"#, 422, Some("/id")),
        (r#"{"id":""}"#, 422, Some("/id")),
        (&format!(r#"{{"id":"{long}"}}"#), 422, Some("/id")),
        (r#"{"id":"a|b"}"#, 422, Some("/id")),
        (r#"{"id":"a\u0000"}"#, 422, Some("/id")),
        (r#"{"id":"a\nb"}"#, 422, Some("/id")),
        (r#"{"id":"a\u0085b"}"#, 422, Some("/id")),
        (r#"{"id":"."}"#, 422, Some("/id")),
        (r#"{"id":".."}"#, 422, Some("/id")),
        (r#"{"id":"auth0|64f0"}"#, 422, Some("/id")),
        (r#"{"id":"a","tenant":"a\u0007b"}"#, 422, Some("/tenant")),
        (r#"{"id":"a","tenant":".."}"#, 422, Some("/tenant")),
        (r#"{"id":"a","admin":true}"#, 422, Some("/admin")),
        (r#"{"id":"a","a/b~c":true}"#, 422, Some("/a~1b~0c")),
        (r#"{"id":"a","issue":["prod"]}"#, 422, Some("/issue/0")),
        (r#"{"id":"a","issue":["live","live"]}"#, 422, Some("/issue")),
        (r#"{"id":"a","issue":"live"}"#, 422, Some("/issue")),
        (r#"{"id":"a","scopes":"a  b"}"#, 422, Some("/scopes")),
        (r#"{"id":"a","scopes":["a b"]}"#, 422, Some("/scopes/0")),
        (r#"{"id":"a","scopes":["a","b\""]}"#, 422, Some("/scopes/1")),
        (r#"{"id":"a","scopes":true}"#, 422, Some("/scopes")),
        (&format!(r#"{{"id":"a","scopes":{many}}}"#), 422, Some("/scopes")),
        (r#"{"id":"a","external":{"issuer":"i","subject":"s"}}"#, 422, Some("/external")),
        (r#"{"id":"a","external":[["i","s"]]}"#, 422, Some("/external/0")),
        (r#"{"id":"a","external":[{"issuer":"i"}]}"#, 422, Some("/external/0/subject")),
        (r#"{"id":"a","external":[{"issuer":"i","subject":"s","x":1}]}"#, 422, Some("/external/0/x")),
        (r#"{"id":"a","plan":7}"#, 422, Some("/plan")),
        (r#"{"id":"a","entitlements":[1]}"#, 422, Some("/entitlements/0")),
        (r#"{"id":"a","entitlements":["export","remint:admin"]}"#, 422, Some("/entitlements/1")),
        (r#"{"id":"a","roles":"editor"}"#, 422, Some("/roles")),
        (r#"{"id":"a","roles":["editor",1]}"#, 422, Some("/roles/1")),
        (r#"{"id":"a","roles":["a\u0000b"]}"#, 422, Some("/roles/0")),
        (r#"{"id":"a","roles":["editor","remint:admin"]}"#, 422, Some("/roles/1")),
        (&format!(r#"{{"id":"a","roles":{many}}}"#), 422, Some("/roles")),
        (r#"{"id":"a","scopes":["read","remint:owner"]}"#, 422, Some("/scopes")),
    ] {
        let answer = edge.send(raw("POST /v1/users", "application/json", body.to_owned())).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert_eq!(answer.body["status"], status);
        assert_eq!(answer.body["errors"][0]["pointer"].as_str(), pointer, "{body}: {}", answer.body);
    }
    assert!(edge.keys.user(&"a".parse().unwrap()).await.unwrap().is_none());
    assert!(edge.keys.store().events(remint_core::Page::all()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_key_that_does_not_fit_is_not_made() {
    let edge = Edge::new().await;
    edge.user("alice", "").await;
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("a".repeat(129))),
        ("name", json!("a\u{0}b")),
        ("name", json!("\u{9b}31m")),
        ("name", json!("\u{202e}")),
        ("name", json!({})),
        ("user", json!("alice\u{0}")),
        ("environment", json!("LIVE")),
        ("networks", json!("10.0.0.0/8")),
        ("networks", json!(["10.0.0.0/33"])),
        ("networks", json!(["example.com"])),
        ("networks", json!(["::ffff:10.0.0.0/104"])),
        ("networks", json!(vec!["10.0.0.0/8"; 101])),
        ("expires_in", json!(3600)),
        ("expires_in", json!("0s")),
        ("expires_in", json!("-1h")),
        ("expires_in", json!("01h")),
        ("expires_in", json!("h")),
        ("expires_in", json!("1")),
        ("expires_in", json!("1y")),
        ("expires_in", json!("9999999d")),
        ("act_for", json!({})),
        ("key", json!("rmt_live_x")),
    ] {
        let mut body = json!({ "user": "alice" });
        body[field] = value;
        let answer = edge.bootstrap("POST /v1/api-keys", body.clone()).await;
        assert_eq!(answer.status, 422, "{body}");
        assert_eq!(answer.body["errors"][0]["pointer"].as_str().unwrap().split('/').nth(1), Some(field), "{body}");
    }
    assert_eq!(edge.keys.list(&"alice".parse().unwrap()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_body_has_one_media_type_and_a_bounded_size() {
    let edge = Edge::new().await;
    for (media_type, status) in [
        ("", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/jsonp", 415),
        ("application/json; charset=utf-16", 415),
        ("application/json; charset=utf-8", 409),
        ("Application/JSON;charset=\"UTF-8\"", 409),
        ("application/json", 409),
    ] {
        edge.bootstrap("POST /v1/users", json!({ "id": "a" })).await;
        let answer = edge.send(raw("POST /v1/users", media_type, r#"{"id":"a"}"#)).await;
        assert_eq!(answer.status, status, "{media_type}");
    }
    for (length, status) in [(64 * 1024, 422), (64 * 1024 + 1, 413), (10 << 20, 413)] {
        let padding = " ".repeat(length - 2);
        let answer = edge.send(raw("POST /v1/users", "application/json", format!("{{{padding}}}"))).await;
        assert_eq!(answer.status, status, "{length}");
    }
    // Nobody announced this length.
    let chunks = (0..2000).map(|_| Ok::<_, std::convert::Infallible>(bytes::Bytes::from(vec![b' '; 1024])));
    let endless = Body::from_stream(futures_util::stream::iter(chunks));
    assert_eq!(edge.send(raw("POST /v1/users", "application/json", endless)).await.status, 413);
}

#[tokio::test]
async fn a_query_that_does_not_fit_is_refused() {
    let edge = Edge::new().await;
    edge.user("alice", "").await;
    for query in [
        "limit=0",
        "limit=101",
        "limit=99999999999999999999",
        "limit=-1",
        "limit=1.0",
        "limit=01",
        "limit=+1",
        "limit=",
        "limit=1&limit=1",
        "cursor=",
        "cursor=!",
        "cursor=bm9uZQ",
        "cursor=WzEsIiJd",
        "cursor=W10",
        "page=2",
        "a'b=1",
        "user=",
        "user=a%00",
    ] {
        let answer = edge.bootstrap(&format!("GET /v1/api-keys?user=alice&{query}"), Value::Null).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.body["errors"][0]["parameter"].is_string(), "{query}: {}", answer.body);
    }
    for query in ["from=today", "to=2026-02-30", "from=2026-1-1", "user=", "tenant=%00", "cursor=WzFd", "key=x"] {
        assert_eq!(edge.bootstrap(&format!("GET /v1/usage?{query}"), Value::Null).await.status, 400, "{query}");
    }
    // Of a name that is unknown, no more is repeated than is of use.
    let long = "x".repeat(1000);
    let answer = edge.bootstrap(&format!("GET /v1/usage?{long}=1"), Value::Null).await;
    assert_eq!(answer.body["errors"][0]["parameter"], long[..64]);
    // A cursor that says what one may, at a length that none has.
    for (padding, status) in [(0, 200), (4000, 400)] {
        let cursor = URL_SAFE_NO_PAD.encode(format!("[1,\"key_1\"{}]", " ".repeat(padding)));
        let line = format!("GET /v1/api-keys?user=alice&cursor={cursor}");
        assert_eq!(edge.bootstrap(&line, Value::Null).await.status, status, "{padding}");
    }
    for query in ["limit=1", "limit=100"] {
        assert_eq!(edge.bootstrap(&format!("GET /v1/api-keys?user=alice&{query}"), Value::Null).await.status, 200);
    }
}

#[tokio::test]
async fn an_id_in_a_path_that_can_be_none_names_nothing() {
    let edge = Edge::new().await;
    for id in ["%00", "a%7Cb", &"a".repeat(200), "%27%20OR%201=1", "a%2Fb"] {
        assert_eq!(edge.bootstrap(&format!("GET /v1/users/{id}"), Value::Null).await.status, 404, "{id}");
        assert_eq!(edge.bootstrap(&format!("DELETE /v1/api-keys/{id}"), Value::Null).await.status, 404, "{id}");
    }
    assert_eq!(edge.bootstrap("GET /v1/users/%FF", Value::Null).await.status, 400);
}

#[tokio::test]
async fn a_text_that_is_to_be_verified_is_bounded() {
    let edge = Edge::new().await;
    for key in [json!(""), json!("a".repeat(513)), json!("a b"), json!("ä"), json!(1), Value::Null] {
        let answer = edge.bootstrap("POST /v1/api-keys/verify", json!({ "key": key })).await;
        assert_eq!(answer.status, 422, "{key}");
    }
}
