//! The revocation log, for clients that follow it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::routing::post as on_post;
use http::Request;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use remint_authorization_server::{FollowerPlace, Followers};
use remint_core::{
    Cursor, KeyId, LogId, LoggedRevocation, Page, Position, Reading, Revocation, RevocationLog, RevocationWriter,
    Target, Timestamp, Unavailable, UnavailableKind,
};
use remint_revocation::MemoryLog;
use serde_json::{Value, json};
use tokio::time::Instant;
use tower::ServiceExt as _;
use url::form_urlencoded;

use crate::support::*;

const PATH: &str = "/v1/revocations";

/// A log that counts how often it is read, and does not answer at will.
#[derive(Debug)]
struct Log {
    rows: MemoryLog,
    reads: AtomicUsize,
    severed: AtomicBool,
    /// How long an answer is under way, in milliseconds.
    late: AtomicU64,
}

impl Log {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            rows: MemoryLog::new(5000).unwrap(),
            reads: AtomicUsize::new(0),
            severed: AtomicBool::new(false),
            late: AtomicU64::new(0),
        })
    }

    async fn end(&self, keys: std::ops::Range<u64>) {
        let rows: Vec<_> = keys.map(|key| Revocation::ended(target(key), Timestamp::from_secs(key))).collect();
        self.rows.append(&rows).await.unwrap();
    }

    async fn cursor(&self) -> String {
        self.rows.head().await.unwrap().to_string()
    }

    fn read(&self) -> Result<(), Unavailable> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let severed = self.severed.load(Ordering::SeqCst);
        if severed { Err(Unavailable::new(UnavailableKind::RevocationLog)) } else { Ok(()) }
    }

    async fn answer<T>(&self, answer: T) -> T {
        let late = Duration::from_millis(self.late.load(Ordering::SeqCst));
        tokio::time::sleep(late).await;
        answer
    }

    fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl RevocationLog for Log {
    async fn head(&self) -> Result<Cursor, Unavailable> {
        self.read()?;
        self.rows.head().await
    }

    async fn read_after(&self, cursor: &Cursor, limit: usize) -> Result<Reading, Unavailable> {
        self.read()?;
        self.answer(self.rows.read_after(cursor, limit).await).await
    }

    async fn kept(&self, log: &LogId, page: Page<Position>) -> Result<Option<Vec<LoggedRevocation>>, Unavailable> {
        self.read()?;
        self.rows.kept(log, page).await
    }

    async fn latest(&self, targets: &[Target]) -> Result<Vec<LoggedRevocation>, Unavailable> {
        self.read()?;
        self.rows.latest(targets).await
    }

    fn pause(&self) -> Duration {
        Duration::from_millis(100)
    }
}

fn target(key: u64) -> Target {
    Target::Key(KeyId::new(format!("k{key}")).unwrap())
}

async fn world(log: &Arc<Log>) -> World {
    let followers = Followers::of(Arc::clone(log) as _);
    World::with(|server| server.followers(followers)).await
}

fn ask(query: &[(&str, &str)], headers: &[(&str, String)]) -> Request<Body> {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let request = Request::get(format!("{PATH}?{query}"));
    headers.iter().fold(request, |request, (name, value)| request.header(*name, value)).body(Body::empty()).unwrap()
}

async fn follow(world: &World, query: &[(&str, &str)]) -> Answer {
    world.send(ask(query, &basic("svc", &secret("svc")))).await
}

fn keys(answer: &Answer) -> Vec<String> {
    let rows = answer.body["rows"].as_array().unwrap();
    rows.iter().map(|row| row["target"]["id"].as_str().unwrap().to_owned()).collect()
}

fn text<'a>(answer: &'a Answer, member: &str) -> &'a str {
    answer.body[member].as_str().unwrap()
}

#[tokio::test]
async fn rows_come_after_a_cursor_in_pages() {
    let (log, start) = {
        let log = Log::new();
        let start = log.cursor().await;
        (log, start)
    };
    let world = world(&log).await;
    log.end(1..6).await;
    let first = follow(&world, &[("after", &start), ("limit", "3")]).await;
    assert_eq!((first.status.as_u16(), keys(&first)), (200, vec!["k1".to_owned(), "k2".to_owned(), "k3".to_owned()]));
    assert_eq!(text(&first, "next"), text(&first, "cursor"), "there is more");
    assert_eq!(first.headers["cache-control"], "no-store");
    assert_eq!(first.headers["content-type"], "application/json");
    let row = &first.body["rows"][0];
    let expected = json!({
        "pos": 1, "id": row["id"], "logged_at": "1970-01-01T00:00:01.000Z", "target": { "kind": "key", "id": "k1" },
        "effect": "ended", "at": "1970-01-01T00:00:01.000Z", "timed_by": "us",
    });
    assert_eq!(*row, expected);
    let last = follow(&world, &[("after", text(&first, "cursor")), ("limit", "2")]).await;
    assert_eq!(keys(&last), ["k4", "k5"]);
    assert_eq!((text(&last, "cursor"), &last.body["next"]), (&*log.cursor().await, &Value::Null));
    let none = follow(&world, &[("after", text(&last, "cursor"))]).await;
    assert_eq!(none.body, json!({ "rows": [], "cursor": log.cursor().await }));
}

#[tokio::test]
async fn what_the_log_has_comes_in_pages_from_the_beginning() {
    let log = Log::new();
    log.end(1..6).await;
    let world = world(&log).await;
    let first = follow(&world, &[("limit", "2")]).await;
    let cursor = text(&first, "cursor").to_owned();
    assert_eq!((keys(&first), &*cursor), (vec!["k1".to_owned(), "k2".to_owned()], &*log.cursor().await));
    log.end(6..7).await;
    let (mut pages, mut next) = (VecDeque::new(), Some(text(&first, "next").to_owned()));
    while let Some(page) = next {
        let answer = follow(&world, &[("page", &page), ("limit", "2")]).await;
        next = answer.body["next"].as_str().map(str::to_owned);
        pages.extend(keys(&answer));
    }
    assert_eq!(pages, ["k3", "k4", "k5", "k6"]);
    assert_eq!(keys(&follow(&world, &[("after", &cursor)]).await), ["k6"], "read twice, and not missed");
}

#[tokio::test]
async fn who_cannot_go_on_gets_410_with_the_first_page_of_what_there_is() {
    let log = Log::new();
    log.end(1..4).await;
    let world = world(&log).await;
    let here: Cursor = log.cursor().await.parse().unwrap();
    let elsewhere = Cursor { log: LogId::new("another").unwrap(), ..here.clone() }.to_string();
    let beyond = Cursor { position: Position(99), ..here.clone() }.to_string();
    let rewritten = Cursor { row: remint_core::RowId(7), ..here }.to_string();
    let (gap, other) = ("urn:remint:problem:revocation-log-gap", "urn:remint:problem:revocation-log-rewritten");
    for (name, cursor, kind) in
        [("after", &elsewhere, gap), ("page", &elsewhere, gap), ("after", &beyond, other), ("after", &rewritten, other)]
    {
        let wait = if name == "after" { vec![("wait", "10s")] } else { vec![] };
        for more in [vec![], wait] {
            let answer = follow(&world, &[&[(name, cursor.as_str()), ("limit", "2")], &more[..]].concat()).await;
            assert_eq!((answer.status.as_u16(), text(&answer, "type")), (410, kind), "{cursor}");
            assert_eq!(answer.headers["content-type"], "application/problem+json");
            assert_eq!(answer.headers["cache-control"], "no-store");
            assert_eq!(
                (keys(&answer), text(&answer, "cursor")),
                (vec!["k1".into(), "k2".into()], &*log.cursor().await)
            );
            assert_eq!(keys(&follow(&world, &[("page", text(&answer, "next"))]).await), ["k3"]);
        }
    }
    assert_eq!(log.cursor().await.parse::<Cursor>().unwrap().position, Position(3));
    assert!(
        log.rows
            .kept(&text(&follow(&world, &[]).await, "cursor").parse::<Cursor>().unwrap().log, Page::all())
            .await
            .unwrap()
            .is_some(),
        "the log was not renewed"
    );
}

#[tokio::test]
async fn the_last_rows_of_targets_are_told() {
    let log = Log::new();
    log.end(1..4).await;
    let world = world(&log).await;
    let ask = [json!({ "kind": "key", "id": "k2" }).to_string(), json!({ "kind": "key", "id": "k9" }).to_string()];
    let answer = follow(&world, &[("target", &ask[0]), ("target", &ask[1])]).await;
    assert_eq!((answer.status.as_u16(), keys(&answer)), (200, vec!["k2".to_owned()]));
}

#[tokio::test]
async fn only_a_client_with_the_right_follows() {
    let log = Log::new();
    let world = world(&log).await;
    let bearer = |jwt: &str| vec![("authorization", format!("Bearer {jwt}"))];
    let assertion = world.assertion(json!({}));
    let [svc, nobody] = ["svc", "nobody"].map(|client| basic(client, &secret(client)));
    for (headers, status) in [
        (svc.clone(), 200),
        (bearer(&assertion), 200),
        (bearer(&assertion), 401),
        (bearer(&forged(&world.assertion(json!({ "jti": "a-2" })))), 401),
        (bearer(&world.external(json!({}))), 401),
        (bearer(&world.own_token("svc").await), 401),
        (vec![], 401),
        (basic("svc", "wrong"), 401),
        (basic("unknown", "wrong"), 401),
        (nobody, 403),
        (basic("edge", &secret("edge")), 403),
        ([svc.clone(), svc].concat(), 400),
        (vec![("authorization", "Basic !!!".to_owned())], 400),
    ] {
        let answer = world.send(ask(&[], &headers)).await;
        assert_eq!(answer.status, status, "{headers:?}");
        if status == 200 {
            continue;
        }
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert_eq!(answer.body["status"], status);
        let challenge = answer.headers.get("www-authenticate").map(|value| value.to_str().unwrap());
        assert_eq!(challenge, (status == 401).then_some("Basic realm=\"remint\", charset=\"UTF-8\""));
    }
}

#[tokio::test]
async fn guesses_at_a_secret_are_counted() {
    let world = world(&Log::new()).await;
    let wrong = || from("192.0.2.1", ask(&[], &basic("svc", "wrong")));
    for _ in 0..10 {
        assert_eq!(world.send(wrong()).await.status, 401);
    }
    let answer = world.send(wrong()).await;
    assert_eq!((answer.status.as_u16(), answer.headers["retry-after"].to_str().unwrap()), (429, "6"));
}

#[tokio::test]
async fn a_query_that_does_not_fit_is_refused_with_its_parameter() {
    let world = world(&Log::new()).await;
    for (name, value) in [("after", "7"), ("wait", "10s"), ("limit", "1001"), ("target", "x"), ("since", "1")] {
        let answer = follow(&world, &[(name, value)]).await;
        assert_eq!((answer.status.as_u16(), &answer.body["errors"][0]["parameter"]), (400, &json!(name)));
        assert_eq!(answer.body["type"], "urn:remint:problem:invalid-query");
    }
}

#[tokio::test(start_paused = true)]
async fn who_waits_is_answered_when_a_row_is_there() {
    let log = Log::new();
    let world = world(&log).await;
    let (start, began) = (log.cursor().await, Instant::now());
    let write = async {
        tokio::time::sleep(Duration::from_secs(7)).await;
        log.end(1..3).await;
    };
    let query = [("after", start.as_str()), ("wait", "30s")];
    let (answer, ()) = tokio::join!(follow(&world, &query), write);
    assert_eq!(keys(&answer), ["k1", "k2"]);
    let waited = began.elapsed();
    assert!((Duration::from_secs(7)..=Duration::from_millis(7100)).contains(&waited), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_nothing_is_told_so_in_the_end() {
    let log = Log::new();
    let world = world(&log).await;
    let (start, began) = (log.cursor().await, Instant::now());
    let answer = follow(&world, &[("after", &start), ("wait", "30s")]).await;
    assert_eq!(answer.body, json!({ "rows": [], "cursor": start }));
    assert_eq!(began.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn that_there_is_nothing_is_said_by_a_read_that_began_after_the_question() {
    let log = Log::new();
    let world = world(&log).await;
    let start = log.cursor().await;
    // From the second on, a read is under way for two seconds, with what was there when it began.
    log.late.store(2000, Ordering::SeqCst);
    let (long, short) = ([("after", start.as_str()), ("wait", "3s")], [("after", start.as_str()), ("wait", "2s")]);
    let late = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        log.end(1..2).await;
        // Meanwhile the read ends that began before, and the next one does not.
        keys(&follow(&world, &short).await)
    };
    let (_, late) = tokio::join!(follow(&world, &long), late);
    assert_eq!(late, ["k1"]);
}

#[tokio::test(start_paused = true)]
async fn rows_that_were_there_before_are_not_waited_for() {
    let log = Log::new();
    let world = world(&log).await;
    let (start, began) = (log.cursor().await, Instant::now());
    log.end(1..3).await;
    assert_eq!(keys(&follow(&world, &[("after", &start), ("wait", "30s")]).await), ["k1", "k2"]);
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn however_many_wait_the_log_is_read_once_for_all() {
    let log = Log::new();
    let world = world(&log).await;
    let start = log.cursor().await;
    let query = [("after", start.as_str()), ("wait", "10s")];
    let waiters = futures_util::future::join_all((0..200).map(|_| follow(&world, &query)));
    let write = async {
        tokio::time::sleep(Duration::from_secs(8)).await;
        log.end(1..2).await;
    };
    let (answers, ()) = tokio::join!(waiters, write);
    assert!(answers.iter().all(|answer| keys(answer) == ["k1"]));
    assert!((80..=82).contains(&log.reads()), "{} reads in 80 pauses", log.reads());
    tokio::time::sleep(Duration::from_secs(1)).await;
    let reads = log.reads();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(log.reads(), reads, "nobody waits, and the log is left alone");
}

#[tokio::test(start_paused = true)]
async fn who_waits_while_the_log_is_out_gets_503() {
    let log = Log::new();
    let world = world(&log).await;
    let start = log.cursor().await;
    let sever = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        log.severed.store(true, Ordering::SeqCst);
    };
    let query = [("after", start.as_str()), ("wait", "30s")];
    let (answer, ()) = tokio::join!(follow(&world, &query), sever);
    assert_eq!((answer.status.as_u16(), answer.headers["retry-after"].to_str().unwrap()), (503, "1"));
    assert_eq!(text(&answer, "detail"), "the revocation log does not answer; try again later");
    for query in [&[("after", start.as_str())][..], &[], &[("target", "{\"kind\":\"everything\"}")], &query] {
        assert_eq!(follow(&world, query).await.status, 503, "{query:?}");
    }
    log.severed.store(false, Ordering::SeqCst);
    log.end(1..2).await;
    assert_eq!(keys(&follow(&world, &query).await), ["k1"]);
}

#[tokio::test(start_paused = true)]
async fn a_reader_whose_rows_are_no_more_in_memory_misses_none() {
    let log = Log::new();
    let world = world(&log).await;
    let start = log.cursor().await;
    let query = [("after", start.as_str()), ("wait", "30s"), ("limit", "2")];
    log.end(1..4500).await;
    let answer = follow(&world, &query).await;
    assert_eq!(keys(&answer), ["k1", "k2"]);
    assert_eq!(answer.body["next"], answer.body["cursor"]);
}

#[tokio::test(start_paused = true)]
async fn as_many_wait_as_may_and_one_more_is_told_to_come_again() {
    let log = Log::new();
    let followers = Followers::with_places(Arc::clone(&log) as _, 2);
    let world = World::with(|server| server.followers(followers)).await;
    let start = log.cursor().await;
    let query = [("after", start.as_str()), ("wait", "10s")];
    let more = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let answer = follow(&world, &query).await;
        assert_eq!((answer.status.as_u16(), answer.headers["retry-after"].to_str().unwrap()), (503, "1"));
        assert_eq!(follow(&world, &query[..1]).await.status, 200, "who does not wait needs no place");
    };
    let (first, second, ()) = tokio::join!(follow(&world, &query), follow(&world, &query), more);
    assert_eq!((first.status, second.status), (http::StatusCode::OK, http::StatusCode::OK));
    assert_eq!(follow(&world, &query).await.status, 200, "a place is given back");
}

#[tokio::test(start_paused = true)]
async fn a_connection_has_a_place_only_for_a_client_that_may_follow_and_waits() {
    let log = Log::new();
    let world = world(&log).await;
    let start = log.cursor().await;
    let waits = [("after", start.as_str()), ("wait", "1s")];
    for (client, query, has_place, expected) in [
        ("svc", &waits[..], true, (200, 1)),
        ("svc", &waits[..], false, (503, 1)),
        ("svc", &waits[..1], false, (200, 0)),
        ("nobody", &waits[..], false, (403, 0)),
    ] {
        let taken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&taken);
        let mut request = ask(query, &basic(client, &secret(client)));
        request.extensions_mut().insert(FollowerPlace::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
            has_place
        }));
        let status = world.send(request).await.status.as_u16();
        assert_eq!((status, taken.load(Ordering::SeqCst)), expected, "{client} {query:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ends_answers_all_who_wait() {
    let log = Log::new();
    let followers = Followers::of(Arc::clone(&log) as _);
    let world = World::with(|server| server.followers(followers.clone())).await;
    let (start, began) = (log.cursor().await, Instant::now());
    let query = [("after", start.as_str()), ("wait", "30s")];
    let stop = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        log.end(1..2).await;
        followers.stop();
    };
    let (answer, ()) = tokio::join!(follow(&world, &query), stop);
    assert_eq!((answer.status.as_u16(), began.elapsed().as_secs()), (200, 2));
    assert_eq!(keys(&follow(&world, &query).await), ["k1"]);
    let here = log.cursor().await;
    assert_eq!(follow(&world, &[("after", &here), ("wait", "30s")]).await.body["rows"], json!([]));
    assert_eq!(began.elapsed().as_secs(), 2);
}

#[tokio::test]
async fn the_log_is_served_and_named_only_where_it_is_followed() {
    let world = World::new().await;
    assert_eq!(world.app.clone().oneshot(ask(&[], &[])).await.unwrap().status(), 404);
    let metadata = || Request::get("/.well-known/oauth-authorization-server").body(Body::empty()).unwrap();
    assert_eq!(world.send(metadata()).await.body["remint_revocation_log_endpoint"], Value::Null);
    let followed = self::world(&Log::new()).await;
    let named = &followed.send(metadata()).await.body["remint_revocation_log_endpoint"];
    assert_eq!(named, "https://auth.internal/v1/revocations");
}

#[tokio::test]
async fn another_router_has_the_other_methods_of_the_path() {
    let world = world(&Log::new()).await;
    let other = axum::Router::new().route(PATH, on_post(|| async { "taken" }));
    let app = other.merge(world.app.clone());
    let posted = app.clone().oneshot(Request::post(PATH).body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(posted.status(), 200);
    let got = app.oneshot(ask(&[], &basic("svc", &secret("svc")))).await.unwrap();
    assert_eq!(got.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_are_counted() {
    let recorder = DebuggingRecorder::new();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let log = Log::new();
    let world = world(&log).await;
    let start = log.cursor().await;
    let query = [("after", start.as_str()), ("wait", "5s")];
    let snapshotter = recorder.snapshotter();
    let waiting = || {
        let found = snapshotter.snapshot().into_vec().into_iter();
        let mut found = found.filter(|(key, ..)| key.key().name() == "remint_revocation_followers");
        found.next().map(|(.., value)| value)
    };
    let look = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(waiting(), Some(DebugValue::Gauge(2.0.into())));
    };
    tokio::join!(follow(&world, &query), follow(&world, &query), look);
    // A snapshot says what has changed since the one before.
    assert_eq!(waiting(), Some(DebugValue::Gauge((-2.0).into())));
}
