//! What an administrator ends over HTTP.

use remint_core::{AuditAction, AuditActor, CredentialRef, Page, Timestamp};
use remint_testkit::fakes::jwt_of;
use serde_json::{Value, json};

use crate::edge::{Answer, BOOTSTRAP, Edge, text};

const LINE: &str = "POST /v1/revocations";

async fn end(edge: &Edge, target: Value) -> Answer {
    edge.bootstrap(LINE, json!({ "target": target, "reason": "it leaked" })).await
}

#[tokio::test]
async fn whatever_is_named_ends_and_is_on_the_record_with_its_place_in_the_log() {
    let edge = Edge::new().await;
    let key = edge.user("alice", "").await;
    let id = edge.id_of(&key).await;
    let mut last = 0;
    for target in [
        json!({ "kind": "client", "id": "svc" }),
        json!({ "kind": "subject", "issuer": "https://idp.example", "subject": "CN=Alice Example, O=\"Acme\"" }),
        json!({ "kind": "session", "issuer": "https://idp.example", "session": "s-1" }),
        json!({ "kind": "issuer", "id": "https://idp.example" }),
        json!({ "kind": "token", "issuer": "https://idp.example", "jti": "t 1" }),
        json!({ "kind": "token", "dig": "A".repeat(43) }),
        json!({ "kind": "tenant", "id": "of another issuer" }),
        json!({ "kind": "everything" }),
        json!({ "kind": "key", "id": id }),
        json!({ "kind": "user", "id": "alice" }),
    ] {
        let answer = end(&edge, target.clone()).await;
        assert_eq!(answer.status, 202, "{target}: {}", answer.body);
        let position = answer.body["pos"].as_u64().unwrap();
        assert!(position > last && !text(&answer.body["log"]).is_empty(), "{target}: {}", answer.body);
        last = position;
        let (_, event) = edge.keys.store().events(Page::all()).await.unwrap().pop().unwrap();
        assert_eq!((event.action, event.actor), (AuditAction::TargetRevoked, AuditActor::Bootstrap));
        assert_eq!(Value::from(event.detail), json!({ "target": target, "reason": "it leaked" }));
    }
}

#[tokio::test]
async fn a_key_a_user_and_a_tenant_end_in_the_store() {
    for kind in ["key", "user", "tenant"] {
        let edge = Edge::new().await;
        let body = json!({ "id": "alice", "tenant": "acme", "issue": ["live", "test"] });
        let made = edge.bootstrap("POST /v1/users", body).await.body;
        let [key, other] = [0, 1].map(|nth| text(&made["keys"][nth]["key"]));
        let id = match kind {
            "key" => made["keys"][0]["id"].clone(),
            "user" => json!("alice"),
            _ => json!("acme"),
        };
        assert_eq!(edge.call(&key, "GET /v1/users/alice", Value::Null).await.status, 200);
        assert_eq!(edge.bootstrap(LINE, json!({ "target": { "kind": kind, "id": id } })).await.status, 202);
        assert_eq!(edge.call(&key, "GET /v1/users/alice", Value::Null).await.status, 401, "{kind}");
        let left = edge.call(&other, "GET /v1/users/alice", Value::Null).await.status;
        assert_eq!(left, if kind == "key" { 200 } else { 401 }, "{kind}");
    }
}

#[tokio::test]
async fn what_an_external_issuer_vouches_for_ends_warm_and_for_good() {
    let issuer = "https://idp.example";
    for target in [
        json!({ "kind": "subject", "issuer": issuer, "subject": "alice" }),
        json!({ "kind": "session", "issuer": issuer, "session": "s-1" }),
        json!({ "kind": "issuer", "id": issuer }),
        json!({ "kind": "tenant", "id": "acme" }),
        json!({ "kind": "everything" }),
    ] {
        let edge = Edge::new().await;
        let mut alice = jwt_of("alice", edge.now(), Timestamp::MAX);
        alice.identity.session = Some("s-1".parse().unwrap());
        alice.identity.tenant = Some("acme".parse().unwrap());
        edge.jwts.answer("e30.e30.YQ", Ok(alice));
        // They are let in, and are no user.
        assert_eq!(edge.call("e30.e30.YQ", "GET /v1/usage", Value::Null).await.status, 403);
        assert_eq!(end(&edge, target.clone()).await.status, 202);
        assert_eq!(edge.call("e30.e30.YQ", "GET /v1/usage", Value::Null).await.status, 401, "{target}");
    }
}

#[tokio::test]
async fn a_session_ends_by_what_stands_in_the_issuers_tokens() {
    for sid in [json!(4711), json!("x".repeat(300)), json!("Sitzung \u{e4}")] {
        let edge = Edge::new().await;
        let mut alice = jwt_of("alice", edge.now(), Timestamp::MAX);
        alice.identity.session = remint_jwt::external_session_id(&sid);
        edge.jwts.answer("e30.e30.YQ", Ok(alice));
        assert_eq!(edge.call("e30.e30.YQ", "GET /v1/usage", Value::Null).await.status, 403);
        let target = json!({ "kind": "session", "issuer": "https://idp.example", "session": sid });
        assert_eq!(end(&edge, target).await.status, 202, "{sid}");
        assert_eq!(edge.call("e30.e30.YQ", "GET /v1/usage", Value::Null).await.status, 401, "{sid}");
        let target = json!({ "kind": "token", "issuer": "https://idp.example", "jti": sid });
        assert_eq!(end(&edge, target).await.status, 202, "{sid}");
    }
}

#[tokio::test]
async fn what_a_token_can_carry_a_revocation_can_name() {
    let ours = "https://auth.internal/\u{fc}";
    let longest = |length: usize| "\u{e4}".repeat(length / 2);
    let odd = ["\u{c5}lice \u{1f980}", "a|b", "CN=\"A\", O=\\", "..", "*", "upn:\u{e5}lice@acme.example"];
    for text in odd.map(str::to_owned).into_iter().chain([longest(512), longest(256), "7".to_owned()]) {
        let subject = json!({ "kind": "subject", "issuer": ours, "subject": text });
        let session = json!({ "kind": "session", "issuer": ours, "session": text });
        let token = json!({ "kind": "token", "issuer": ours, "jti": text });
        let issuer = json!({ "kind": "issuer", "id": text });
        let tenant = json!({ "kind": "tenant", "id": text });
        let client = json!({ "kind": "client", "id": text });
        for target in [subject, session, token, issuer, tenant, client] {
            let edge = Edge::new().await;
            let mut found = jwt_of("bob", edge.now(), Timestamp::MAX);
            let CredentialRef::Jwt { issuer, subject, id, .. } = &mut found.identity.credential else { panic!() };
            *issuer = ours.parse().unwrap();
            // What cannot be a name of the kind, no token carries.
            let carries = match target["kind"].as_str().unwrap() {
                "subject" => text.parse().map(|name| *subject = name).is_ok(),
                "issuer" => text.parse().map(|name| *issuer = name).is_ok(),
                "tenant" => text.parse().map(|name| found.identity.tenant = Some(name)).is_ok(),
                "session" => {
                    found.identity.session = remint_jwt::external_session_id(&json!(text));
                    found.identity.session.is_some()
                }
                "token" => {
                    *id = remint_jwt::external_token_id(&json!(text));
                    id.is_some()
                }
                _ => {
                    let id = text.parse().map(|id| found.identity.credential = CredentialRef::Client { id });
                    id.is_ok()
                }
            };
            edge.jwts.answer("e30.e30.YQ", Ok(found));
            if carries {
                assert_eq!(edge.call("e30.e30.YQ", "GET /v1/usage", Value::Null).await.status, 403, "{target}");
            }
            let status = end(&edge, target.clone()).await.status;
            assert_eq!(status, if carries { 202 } else { 422 }, "{target}");
            if carries {
                assert_eq!(edge.call("e30.e30.YQ", "GET /v1/usage", Value::Null).await.status, 401, "{target}");
            }
        }
    }
}

#[tokio::test]
async fn a_key_or_user_that_is_not_there_is_not_said_to_have_ended() {
    let edge = Edge::new().await;
    for target in [json!({ "kind": "key", "id": "key_none" }), json!({ "kind": "user", "id": "nobody" })] {
        assert_eq!(end(&edge, target).await.status, 404);
    }
    assert!(edge.keys.store().events(Page::all()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_target_that_names_nothing_is_told_with_its_place_and_nothing_ends() {
    let edge = Edge::new().await;
    let long = "x".repeat(513);
    for (target, pointer) in [
        (json!("everything"), "/target"),
        (json!({}), "/target/kind"),
        (json!({ "kind": "grant", "id": "g" }), "/target/kind"),
        (json!({ "kind": 1 }), "/target/kind"),
        (json!({ "kind": "key" }), "/target/id"),
        (json!({ "kind": "key", "id": "x".repeat(65) }), "/target/id"),
        (json!({ "kind": "user", "id": "a|b" }), "/target/id"),
        (json!({ "kind": "client", "id": "" }), "/target/id"),
        (json!({ "kind": "client", "id": "a\n" }), "/target/id"),
        (json!({ "kind": "issuer", "id": long }), "/target/id"),
        (json!({ "kind": "tenant", "id": null }), "/target/id"),
        (json!({ "kind": "subject", "issuer": "https://idp.example" }), "/target/subject"),
        (json!({ "kind": "session", "session": "s" }), "/target/issuer"),
        (json!({ "kind": "token", "jti": "t" }), "/target/issuer"),
        (json!({ "kind": "token", "issuer": "https://idp.example", "jti": "" }), "/target/jti"),
        (json!({ "kind": "token", "issuer": "https://idp.example", "jti": 1.5 }), "/target/jti"),
        (json!({ "kind": "token", "issuer": "https://idp.example", "jti": "x".repeat(16385) }), "/target/jti"),
        (json!({ "kind": "session", "issuer": "https://idp.example", "session": ["s"] }), "/target/session"),
        (json!({ "kind": "token", "dig": "A".repeat(42) }), "/target/dig"),
        (json!({ "kind": "token", "dig": "A".repeat(43), "issuer": "https://idp.example" }), "/target/issuer"),
        (json!({ "kind": "everything", "id": "a" }), "/target/id"),
    ] {
        let answer = edge.bootstrap(LINE, json!({ "target": target })).await;
        assert_eq!(answer.status, 422, "{target}: {}", answer.body);
        assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{target}: {}", answer.body);
    }
    for target in [json!({ "kind": "grant", "id": "g" }), json!({ "kind": "job", "user": "alice", "job": "j" })] {
        let answer = edge.bootstrap(LINE, json!({ "target": target })).await;
        let fault = &answer.body["errors"][0];
        assert_eq!((answer.status.as_u16(), &fault["pointer"]), (422, &json!("/target/kind")), "{}", answer.body);
        assert!(text(&fault["detail"]).contains("job grant"), "{}", answer.body);
    }
    for body in
        [json!({}), json!({ "target": { "kind": "everything" }, "reason": "" }), json!({ "kind": "everything" })]
    {
        assert_eq!(edge.bootstrap(LINE, body).await.status, 422);
    }
    assert!(edge.keys.store().events(Page::all()).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_outage_of_the_store_is_one_and_nothing_ends() {
    let edge = Edge::new().await;
    let mut alice = jwt_of("alice", edge.now(), Timestamp::MAX);
    alice.identity.session = None;
    edge.jwts.answer("e30.e30.YQ", Ok(alice));
    edge.store.sever();
    let answer = edge.call(BOOTSTRAP, LINE, json!({ "target": { "kind": "everything" } })).await;
    assert_eq!(answer.status, 503);
    assert!(answer.headers.contains_key("retry-after"));
    edge.store.mend();
    assert_eq!(edge.call("e30.e30.YQ", "GET /v1/usage", Value::Null).await.status, 403, "let in");
}
