//! Issuer × client × audience: an exchange without a policy is an open door.

use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn a_client_exchanges_the_credentials_of_its_issuers_for_its_audiences_and_no_others() {
    let world = World::new().await;
    let ours = world.user("alice", "read").await;
    let internal = world.exchange("edge", (API_KEY, &ours), &[]).await.token();
    let (idp, other) = (world.external(json!({})), world.external(json!({ "iss": OTHER_IDP })));
    let credentials = [("idp", JWT, idp), ("other", JWT, other), ("ours", API_KEY, ours), ("internal", JWT, internal)];
    let (refused, elsewhere) = (Some("invalid_request"), Some("invalid_target"));
    for (client, credential, audience, expected) in [
        ("edge", "idp", "internal", None),
        ("edge", "other", "internal", None),
        ("edge", "ours", "internal", None),
        ("edge", "internal", "internal", None),
        ("edge", "idp", "orders", elsewhere),
        ("svc", "idp", "internal", None),
        ("svc", "idp", "orders", None),
        ("svc", "idp", "stock", elsewhere),
        ("svc", "internal", "orders", None),
        ("orders", "internal", "stock", refused),
        ("orders", "internal", "orders", elsewhere),
        ("narrow", "idp", "orders", None),
        ("narrow", "idp", "internal", elsewhere),
        ("narrow", "other", "orders", refused),
        ("narrow", "ours", "orders", refused),
        ("narrow", "internal", "orders", refused),
    ] {
        let (_, kind, text) = credentials.iter().find(|(name, ..)| *name == credential).unwrap();
        let answer = world.exchange(client, (kind, text), &[("audience", audience)]).await;
        let row = format!("{client} {credential} {audience}: {}", answer.body);
        assert_eq!(answer.body.get("error").and_then(|error| error.as_str()), expected, "{row}");
        assert_eq!(answer.status == 200, expected.is_none(), "{row}");
    }
}

#[tokio::test]
async fn a_token_for_another_service_is_not_exchanged_here() {
    let world = World::new().await;
    let token = world.exchange("svc", (JWT, &world.external(json!({}))), &[("audience", "orders")]).await.token();
    assert_eq!(world.exchange("svc", (ACCESS_TOKEN, &token), &[]).await.error(), (400, "invalid_request"));
    assert_eq!(world.exchange("orders", (ACCESS_TOKEN, &token), &[]).await.status, 200);
}

#[tokio::test]
async fn a_clients_scopes_bound_its_tokens() {
    let world = World::new().await;
    let token = world.external(json!({}));
    let answer = world.exchange("narrow", (JWT, &token), &[]).await;
    assert_eq!(answer.claims(&world)["scope"], "read");
    let wider = world.exchange("narrow", (JWT, &token), &[("scope", "write")]).await;
    assert_eq!(wider.error(), (400, "invalid_scope"));
    let none = world.exchange("narrow", (JWT, &world.external(json!({ "scope": "write" }))), &[]).await;
    assert!(!none.claims(&world).contains_key("scope"));
}
