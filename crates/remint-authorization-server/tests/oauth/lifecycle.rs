//! What has ended is exchanged no more, and an outage is an outage.

use remint_apikey::NewKey;
use remint_core::{ActFor, Environment, IssuerId, KeyId, SessionId, Subject, Target, TenantId, TokenId, UserId};
use serde_json::json;

use crate::support::*;

const REFUSED: (u16, &str) = (400, "invalid_request");

fn idp() -> IssuerId {
    IssuerId::new(IDP).unwrap()
}

#[tokio::test]
async fn an_external_token_that_was_ended_is_not_exchanged() {
    for target in [
        Target::Issuer(idp()),
        Target::Subject { issuer: idp(), subject: Subject::new("alice").unwrap() },
        Target::Session { issuer: idp(), session: SessionId::new("s-1").unwrap() },
        Target::Token { issuer: idp(), id: TokenId::new("ext-1").unwrap() },
        Target::Tenant(TenantId::new("acme").unwrap()),
        Target::Everything,
    ] {
        let world = World::new().await;
        let token = world.external(json!({ "sid": "s-1", "org_id": "acme" }));
        assert_eq!(world.exchange("svc", (JWT, &token), &[]).await.status, 200);
        world.revoke(target.clone()).await;
        assert_eq!(world.exchange("svc", (JWT, &token), &[]).await.error(), REFUSED, "{target:?}");
        let other = world.external(json!({ "iss": OTHER_IDP, "sub": "carol", "jti": "ext-2" }));
        let status = if target == Target::Everything { 400 } else { 200 };
        assert_eq!(world.exchange("svc", (JWT, &other), &[]).await.status, status, "{target:?}");
    }
}

#[tokio::test]
async fn an_internal_token_that_was_ended_is_not_exchanged() {
    let own = IssuerId::new(ISSUER).unwrap();
    for kind in ["token", "key", "user", "everything"] {
        let world = World::new().await;
        let key = world.user("bob", "read").await;
        let first = world.exchange("edge", (API_KEY, &key), &[]).await;
        let claims = first.claims(&world);
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let target = match kind {
            "token" => Target::Token { issuer: own.clone(), id: TokenId::new(text(&claims["jti"])).unwrap() },
            "key" => Target::Key(KeyId::new(text(&claims["cred"]["id"])).unwrap()),
            "user" => Target::User(UserId::new("bob").unwrap()),
            _ => Target::Everything,
        };
        assert_eq!(world.exchange("svc", (JWT, &first.token()), &[]).await.status, 200);
        world.revoke(target).await;
        assert_eq!(world.exchange("svc", (JWT, &first.token()), &[]).await.error(), REFUSED, "{kind}");
    }
}

#[tokio::test]
async fn less_than_a_second_is_too_short_for_a_token() {
    let world = World::new().await;
    world.user("bob", "read").await;
    let new = || NewKey::new(UserId::new("bob").unwrap(), Environment::Live);
    for (millis, status) in [(999, 400), (1000, 200)] {
        let key = world.key(new().expiring_in(std::time::Duration::from_millis(millis))).await;
        assert_eq!(world.exchange("svc", (API_KEY, &key), &[]).await.status, status, "{millis}");
    }
}

#[tokio::test]
async fn who_acts_ends_what_they_do() {
    let world = World::new().await;
    world.user("helper", "read").await;
    let alice = ActFor { users: vec![UserId::new("alice").unwrap()], ..ActFor::default() };
    let helper = NewKey::new(UserId::new("helper").unwrap(), Environment::Live).acting_for(alice);
    let (helper, alice) = (world.key(helper).await, world.user("alice", "read").await);
    let acting = world.delegate("svc", (API_KEY, &alice), (API_KEY, &helper)).await;
    assert_eq!(acting.claims(&world)["act"]["sub"], "helper");
    assert_eq!(world.exchange("svc", (JWT, &acting.token()), &[]).await.status, 200);
    world.revoke(Target::User(UserId::new("helper").unwrap())).await;
    assert_eq!(world.exchange("svc", (JWT, &acting.token()), &[]).await.error(), REFUSED);
}

#[tokio::test]
async fn a_user_who_is_gone_and_came_back_has_no_old_key() {
    let world = World::new().await;
    let old = world.user("bob", "read").await;
    let token = world.exchange("svc", (API_KEY, &old), &[]).await.token();
    world.keys.delete_user(&UserId::new("bob").unwrap()).await.unwrap();
    assert_eq!(world.exchange("svc", (API_KEY, &old), &[]).await.error(), REFUSED);
    world.advance(60);
    let new = world.user("bob", "read").await;
    assert_eq!(world.exchange("svc", (API_KEY, &old), &[]).await.error(), REFUSED);
    assert_eq!(world.exchange("svc", (JWT, &token), &[]).await.error(), REFUSED);
    assert_eq!(world.exchange("svc", (API_KEY, &new), &[]).await.status, 200);
}

#[tokio::test]
async fn an_outage_names_the_part_that_is_out() {
    let world = World::new().await;
    let key = world.user("bob", "read").await;
    world.store.sever();
    let answer = world.exchange("svc", (API_KEY, key.as_str()), &[]).await;
    assert_eq!(answer.body["remint"], json!({ "unavailable": "store" }));
    assert_eq!(answer.body["error_description"], "the store does not answer; try again later");
}

#[tokio::test]
async fn an_outage_of_the_store_is_never_the_clients_fault() {
    let world = World::new().await;
    let key = world.user("bob", "read").await;
    let external = world.external(json!({}));
    world.store.sever();
    for subject in [(API_KEY, key.as_str()), (JWT, external.as_str())] {
        let answer = world.exchange("svc", subject, &[]).await;
        assert_eq!(answer.error(), (503, "temporarily_unavailable"));
        assert!(answer.headers.contains_key("retry-after"));
        assert!(!answer.headers.contains_key("www-authenticate"));
    }
    let bearer = world.token("svc", &[("grant_type", BEARER), ("assertion", &external)]).await;
    assert_eq!(bearer.error(), (503, "temporarily_unavailable"));
    world.store.mend();
    assert_eq!(world.exchange("svc", (API_KEY, &key), &[]).await.status, 200);
}
