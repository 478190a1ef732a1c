//! Tokens and API keys end (RFC 7009).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use remint_authorization_server::{Client, Right};
use remint_core::{
    Audience, ClientId, Commit, Cursor, IssuerId, KeyId, LogId, LoggedRevocation, Page, Position, Reading, Retention,
    Revocation, RevocationLog, RevocationWriter, Stamp, Target, TokenId, Unavailable, UnavailableKind, UserId,
};
use remint_revocation::MemoryLog;
use serde_json::json;
use tokio::sync::Notify;
use tower::ServiceExt as _;

use crate::support::*;

const PATH: &str = "/oauth2/revoke";
const REFUSED: (u16, &str) = (400, "invalid_request");

async fn end(world: &World, client: &str, token: &str) -> Answer {
    world.send(post(PATH, &basic(client, &secret(client)), &[("token", token)])).await
}

/// Ends it, and it says no more than that.
async fn ends(world: &World, client: &str, token: &str) {
    let answer = end(world, client, token).await;
    assert_eq!((answer.status.as_u16(), answer.body), (200, json!(null)));
    assert_eq!(answer.headers["cache-control"], "no-store");
}

async fn is_active(world: &World, token: &str) -> bool {
    let answer = world.send(post("/oauth2/introspect", &basic("edge", &secret("edge")), &[("token", token)])).await;
    assert_eq!(answer.status, 200);
    answer.body["active"].as_bool().unwrap()
}

async fn internal(world: &World) -> String {
    world.exchange("svc", (JWT, &world.external(json!({}))), &[("audience", "internal")]).await.token()
}

#[tokio::test]
async fn an_internal_token_that_was_ended_is_accepted_nowhere() {
    for client in ["svc", "edge"] {
        let world = World::new().await;
        let (token, other) = (internal(&world).await, internal(&world).await);
        assert_eq!(world.exchange("svc", (JWT, &token), &[]).await.status, 200);
        ends(&world, client, &token).await;
        assert!(!is_active(&world, &token).await);
        assert_eq!(world.exchange("svc", (JWT, &token), &[]).await.error(), REFUSED);
        assert_eq!(world.exchange("svc", (ACCESS_TOKEN, &token), &[]).await.error(), REFUSED);
        let external = world.external(json!({}));
        assert_eq!(world.delegate("svc", (JWT, &external), (JWT, &token)).await.error(), REFUSED);
        assert!(is_active(&world, &other).await, "another of the same subject goes on");
        ends(&world, client, &token).await;
    }
}

#[tokio::test]
async fn an_api_key_that_was_ended_is_accepted_nowhere() {
    for client in ["svc", "edge"] {
        let world = World::new().await;
        let key = world.user("bob", "read").await;
        let token = world.exchange("svc", (API_KEY, &key), &[]).await.token();
        ends(&world, client, &key).await;
        assert!(!is_active(&world, &key).await);
        assert_eq!(world.exchange("svc", (API_KEY, &key), &[]).await.error(), REFUSED);
        assert_eq!(world.exchange("svc", (JWT, &token), &[]).await.error(), REFUSED, "what was made of it ended too");
        assert!(world.keys.verify(&key).await.is_err());
        let record = world.keys.known(&key).await.unwrap().unwrap().key;
        assert!(record.revoked_at.is_some());
        ends(&world, client, &key).await;
    }
}

#[tokio::test]
async fn the_audit_trail_says_which_client_ended_a_key() {
    let world = World::new().await;
    let key = world.user("bob", "read").await;
    ends(&world, "svc", &key).await;
    let events = world.keys.store().events(Page::first(100)).await.unwrap();
    let (_, revoked) = events.iter().find(|(_, event)| event.action == remint_core::AuditAction::KeyRevoked).unwrap();
    let actor = serde_json::to_value(&revoked.actor).unwrap();
    assert!(actor.to_string().contains("client|svc"), "{actor}");
}

#[tokio::test]
async fn what_is_no_use_is_ended_already() {
    let world = World::new().await;
    let token = internal(&world).await;
    let (signed, _) = token.rsplit_once('.').unwrap();
    for text in [
        "x",
        "a.b.c",
        "a.b.c.d.e",
        "rmt_live_0",
        "not a token \u{e9}",
        &forged(&token),
        &format!("{signed}."),
        &"x".repeat(17 * 1024),
    ] {
        ends(&world, "svc", text).await;
    }
    assert!(is_active(&world, &token).await, "a forged one ends nothing");
    let key = world.user("bob", "read").await;
    world.keys.delete_user(&UserId::new("bob").unwrap()).await.unwrap();
    ends(&world, "svc", &key).await;
    world.advance(300);
    ends(&world, "svc", &token).await;
}

#[tokio::test]
async fn a_hint_decides_nothing() {
    let world = World::new().await;
    for hint in ["refresh_token", "nonsense", ""] {
        let token = internal(&world).await;
        let form = [("token", token.as_str()), ("token_type_hint", hint)];
        assert_eq!(world.send(post(PATH, &basic("svc", &secret("svc")), &form)).await.status, 200);
        assert!(!is_active(&world, &token).await, "{hint}");
    }
}

#[tokio::test]
async fn what_cannot_be_ended_here_is_not_said_to_be() {
    let world = World::new().await;
    let unsupported = (400, "unsupported_token_type");
    let external = world.external(json!({}));
    assert_eq!(end(&world, "svc", &external).await.error(), unsupported);
    assert_eq!(world.exchange("svc", (JWT, &external), &[]).await.status, 200);
    let other = world.idp.sign("txntoken+jwt", &json!({ "iss": ISSUER, "aud": "internal", "sub": "x" })).unwrap();
    assert_eq!(end(&world, "edge", &other).await.error(), unsupported);
}

#[tokio::test]
async fn a_client_that_is_no_edge_ends_tokens_for_its_own_audiences_only() {
    let stock = Client::with_secret(ClientId::new("stock").unwrap(), &secret("stock"));
    let stock = stock.may([Right::Revoke]).audiences([Audience::new("stock").unwrap()]);
    let stock = stock.subject_audiences([Audience::new("orders").unwrap()]);
    let world = World::with(|server| server.client(stock)).await;
    let token = internal(&world).await;
    assert_eq!(end(&world, "stock", &token).await.error(), REFUSED);
    assert!(is_active(&world, &token).await);
    let orders = world.exchange("svc", (JWT, &token), &[("audience", "orders")]).await.token();
    ends(&world, "stock", &orders).await;
    assert!(!is_active(&world, &orders).await);
}

/// A log that can fail, and that can be held.
#[derive(Debug)]
struct Held {
    inner: MemoryLog,
    fails: AtomicBool,
    holds: AtomicBool,
    entered: Notify,
    go_on: Notify,
}

#[async_trait]
impl RevocationLog for Held {
    async fn head(&self) -> Result<Cursor, Unavailable> {
        self.inner.head().await
    }

    async fn read_after(&self, cursor: &Cursor, limit: usize) -> Result<Reading, Unavailable> {
        self.inner.read_after(cursor, limit).await
    }

    async fn kept(&self, log: &LogId, page: Page<Position>) -> Result<Option<Vec<LoggedRevocation>>, Unavailable> {
        self.inner.kept(log, page).await
    }

    async fn latest(&self, targets: &[Target]) -> Result<Vec<LoggedRevocation>, Unavailable> {
        self.inner.latest(targets).await
    }

    fn pause(&self) -> Duration {
        self.inner.pause()
    }
}

#[async_trait]
impl RevocationWriter for Held {
    async fn append(&self, rows: &[Revocation]) -> Result<Stamp, Unavailable> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(Unavailable::new(UnavailableKind::RevocationLog));
        }
        if self.holds.load(Ordering::SeqCst) {
            self.entered.notify_one();
            self.go_on.notified().await;
        }
        self.inner.append(rows).await
    }

    async fn renew(&self, log: &LogId) -> Result<(), Unavailable> {
        self.inner.renew(log).await
    }

    async fn forget(&self, retention: Retention, limit: usize) -> Result<usize, Unavailable> {
        self.inner.forget(retention, limit).await
    }
}

/// The world over a log that fails or is held when the test says so.
async fn held() -> (World, Arc<Held>) {
    let [entered, go_on] = [(); 2].map(|()| Notify::new());
    let [fails, holds] = [(); 2].map(|()| AtomicBool::new(false));
    let log = Arc::new(Held { inner: MemoryLog::new(100).unwrap(), fails, holds, entered, go_on });
    (World::logging(Arc::clone(&log) as _).await, log)
}

#[tokio::test]
async fn a_log_that_does_not_take_the_row_is_seen_by_the_client() {
    let (world, log) = held().await;
    let token = internal(&world).await;
    log.fails.store(true, Ordering::SeqCst);
    let answer = end(&world, "svc", &token).await;
    assert_eq!(answer.status, 503);
    assert!(answer.headers.contains_key("retry-after"));
    assert!(is_active(&world, &token).await);
    log.fails.store(false, Ordering::SeqCst);
    ends(&world, "svc", &token).await;
    assert!(!is_active(&world, &token).await);
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_seen_by_the_client() {
    let world = World::new().await;
    let key = world.user("bob", "read").await;
    world.store.sever();
    assert_eq!(end(&world, "svc", &key).await.error(), (503, "temporarily_unavailable"));
    world.store.mend();
    assert!(is_active(&world, &key).await);
    ends(&world, "svc", &key).await;
    assert!(!is_active(&world, &key).await);
}

#[tokio::test]
async fn a_client_that_hangs_up_stops_nothing() {
    let (world, log) = held().await;
    let token = internal(&world).await;
    log.holds.store(true, Ordering::SeqCst);
    tokio::select! {
        answer = end(&world, "svc", &token) => panic!("{:?}", answer.status),
        () = log.entered.notified() => {}
    }
    let table = world.revocations.table();
    let before = table.stamp();
    log.go_on.notify_one();
    table.changed_after(before).await;
    assert!(!is_active(&world, &token).await);
}

#[tokio::test]
async fn a_token_is_ended_once_and_not_again_and_again() {
    let (world, log) = held().await;
    let token = internal(&world).await;
    let id = TokenId::new(claim(&token, "jti")).unwrap();
    world.revoke(Target::Token { issuer: IssuerId::new(ISSUER).unwrap(), id }).await;
    log.fails.store(true, Ordering::SeqCst);
    assert_eq!(end(&world, "svc", &token).await.status, 200, "the log was not asked");

    let (world, log) = held().await;
    let token = internal(&world).await;
    world.advance(300);
    log.fails.store(true, Ordering::SeqCst);
    assert_eq!(end(&world, "svc", &token).await.status, 200, "nor about one that nobody accepts any more");
}

#[tokio::test]
async fn a_key_of_which_the_log_was_not_told_is_told_of_now() {
    let world = World::new().await;
    let key = world.user("bob", "read").await;
    let token = world.exchange("svc", (API_KEY, &key), &[]).await.token();
    let id = KeyId::new(world.keys.known(&key).await.unwrap().unwrap().key.id.as_str()).unwrap();
    world.keys.store().revoke(&id, remint_core::Clock::now(&world.clock), Commit::default()).await.unwrap();
    assert!(is_active(&world, &token).await, "only the store knows");
    ends(&world, "svc", &key).await;
    assert!(!is_active(&world, &token).await);
}

#[tokio::test]
async fn unless_it_is_asked_for_there_is_no_endpoint() {
    let world = World::new().await;
    let server = remint_authorization_server::AuthorizationServer::new(
        world.authority.clone(),
        Arc::clone(&world.issuer),
        Arc::clone(&world.replays) as _,
    );
    let app = server.into_router().unwrap();
    let answer = app.oneshot(post(PATH, &basic("svc", &secret("svc")), &[("token", "x")])).await.unwrap();
    assert_eq!(answer.status(), 404);
}

fn claim(token: &str, name: &str) -> String {
    let jws = remint_jwt::Jws::parse(token).unwrap();
    jws.unverified_claims().get(name).unwrap().as_str().unwrap().to_owned()
}
