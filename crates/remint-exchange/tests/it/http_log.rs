//! What a server says of its log, and what of it is believed.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::{Request, Response};
use remint_core::{Cursor, LogId, Page, Position, Reading, RevocationLog as _, RowId, Target};
use remint_exchange::{ClientCredentials, ClientSecret, EndpointAddress, HttpLog, HttpLogError};
use remint_keyset::FetchError;
use remint_oauth_client::{HttpSend, Url};
use serde_json::{Value, json};

/// A server that says one thing, whatever it is asked.
#[derive(Debug)]
struct Says {
    status: u16,
    media_type: &'static str,
    body: String,
    asked: Mutex<Vec<Request<Vec<u8>>>>,
}

#[async_trait]
impl HttpSend for Says {
    fn permits(&self, _: &Url) -> bool {
        true
    }

    async fn send(&self, request: Request<Vec<u8>>, most: usize) -> Result<Response<Vec<u8>>, FetchError> {
        self.asked.lock().unwrap().push(request);
        if self.body.len() > most {
            return Err(FetchError::TooLarge(most));
        }
        let answer = Response::builder().status(self.status).header("content-type", self.media_type);
        Ok(answer.body(self.body.clone().into_bytes()).unwrap())
    }
}

fn log(status: u16, media_type: &'static str, body: impl Into<String>) -> (HttpLog, Arc<Says>) {
    let server = Arc::new(Says { status, media_type, body: body.into(), asked: Mutex::default() });
    let address = EndpointAddress::Fixed("https://auth.example/v1/revocations".parse().unwrap());
    let credentials = ClientCredentials::secret_basic("edge".parse().unwrap(), ClientSecret::new("canary"));
    let log = HttpLog::builder(address, credentials, Arc::clone(&server) as _).wait(Duration::from_millis(2900));
    (log.build().unwrap(), server)
}

fn says(page: &Value) -> HttpLog {
    log(200, "application/json", page.to_string()).0
}

fn here() -> Cursor {
    Cursor { log: LogId::new("log").unwrap(), position: Position(4), row: RowId(4) }
}

fn row(position: u64) -> Value {
    json!({
        "pos": position, "id": format!("{position:016x}"), "logged_at": "2026-12-01T09:00:00Z",
        "target": { "kind": "user", "id": "alice" }, "effect": "ended", "at": "2026-12-01T09:00:00Z", "timed_by": "us",
    })
}

fn page(rows: &[Value], cursor: &str) -> Value {
    json!({ "rows": rows, "cursor": cursor })
}

const SIX: &str = "log.6.0000000000000006";

#[tokio::test]
async fn rows_that_follow_each_other_are_read() {
    let log = says(&page(&[row(5), row(6)], SIX));
    let Reading::Rows(rows) = log.read_after(&here(), 10).await.unwrap() else { panic!("a gap") };
    assert_eq!(rows.iter().map(|row| row.position.0).collect::<Vec<_>>(), [5, 6]);
}

#[tokio::test]
async fn an_answer_of_which_a_part_is_not_believed_is_none() {
    let with = |name: &str, value: Value| {
        let mut row = row(5);
        row[name] = value;
        page(&[row, self::row(6)], SIX)
    };
    let mut endless = page(&[], "log.4.0000000000000004");
    endless["next"] = "log.4.0000000000000004".into();
    for answer in [
        page(&[row(6)], SIX),
        page(&[row(6), row(5)], SIX),
        page(&[row(5), row(5), row(6)], SIX),
        page(&[row(5)], SIX),
        page(&[row(5), row(6)], "log.6.0000000000000007"),
        page(&[row(5), row(6)], "other.6.0000000000000006"),
        page(&[], SIX),
        page(&[row(5), row(6), row(7)], "log.7.0000000000000007"),
        endless,
        with("id", json!("0000000000000000")),
        with("effect", json!("narrowed")),
        with("target", json!({ "kind": "planet", "id": "earth" })),
        with("until", json!("2026-12-01T09:00:00Z")),
        with("at", json!("yesterday")),
        json!({ "rows": [] }),
        json!({ "cursor": SIX }),
        json!({ "rows": [row(5), Value::Null], "cursor": SIX }),
    ] {
        let read = says(&answer).read_after(&here(), 2).await;
        let error = read.expect_err(&answer.to_string());
        assert_eq!(error.kind().reason(), "revocation_log");
        assert!(!HttpLogError::is_not_permitted(&error));
    }
}

#[tokio::test]
async fn an_answer_in_another_form_is_none() {
    let sound = page(&[row(5), row(6)], SIX).to_string();
    let twice = sound.replacen("\"rows\":", "\"rows\":[],\"rows\":", 1);
    for (status, media_type, body) in [
        (200, "text/html", sound.clone()),
        (200, "application/json", format!("[{sound}]")),
        (200, "application/json", twice),
        (200, "application/json", format!("{sound}{}", " ".repeat(1 << 20))),
        (204, "application/json", sound.clone()),
        (302, "application/json", sound.clone()),
        (500, "application/json", sound.clone()),
        (503, "application/problem+json", sound.clone()),
        (410, "application/json", "{\"type\":\"urn:remint:problem:revocation-log-gap\"}".to_owned()),
        (410, "application/problem+json", "{\"type\":\"about:blank\"}".to_owned()),
        (400, "application/problem+json", "{}".to_owned()),
    ] {
        let (log, _) = log(status, media_type, body.clone());
        let error = log.read_after(&here(), 10).await.expect_err(&body);
        assert!(!HttpLogError::is_not_permitted(&error), "{status} {media_type}");
    }
}

#[tokio::test]
async fn what_is_gone_is_a_gap_or_another_history() {
    for (kind, expected) in [("gap", Reading::Gap), ("rewritten", Reading::Rewritten)] {
        let body = json!({ "type": format!("urn:remint:problem:revocation-log-{kind}") }).to_string();
        let (log, _) = log(410, "application/problem+json", body);
        assert_eq!(log.read_after(&here(), 10).await.unwrap(), expected);
        assert_eq!(log.kept(&here().log, Page::all()).await.unwrap(), None);
        assert!(log.head().await.is_err());
    }
}

#[tokio::test]
async fn what_is_kept_and_what_ended_something_are_believed_only_as_such() {
    let kept = |rows: &[Value]| says(&page(rows, SIX));
    let read = kept(&[row(2), row(6)]).kept(&here().log, Page::all()).await.unwrap().unwrap();
    assert_eq!(read.len(), 2);
    assert!(kept(&[row(6), row(2)]).kept(&here().log, Page::all()).await.is_err());
    assert!(kept(&[row(6)]).kept(&here().log, Page { after: Some(Position(6)), limit: 10 }).await.is_err());
    let (alice, bob) = (Target::User("alice".parse().unwrap()), Target::User("bob".parse().unwrap()));
    assert_eq!(kept(&[row(2)]).latest(&[bob.clone(), alice.clone()]).await.unwrap().len(), 1);
    assert!(kept(&[row(2)]).latest(&[bob]).await.is_err());
    let mut changed = row(2);
    changed["effect"] = "changed".into();
    assert!(kept(&[changed]).latest(&[alice]).await.is_err());
}

#[tokio::test]
async fn the_server_waits_from_the_second_question_on_and_no_secret_is_in_an_address() {
    let (log, server) = log(200, "application/json", page(&[], "log.4.0000000000000004").to_string());
    for _ in 0..2 {
        assert_eq!(log.read_after(&here(), 7).await.unwrap(), Reading::Rows(vec![]));
    }
    let asked: Vec<_> = server.asked.lock().unwrap().iter().map(|request| request.uri().to_string()).collect();
    let question = "https://auth.example/v1/revocations?after=log.4.0000000000000004&limit=7";
    assert_eq!(asked, [question.to_owned(), format!("{question}&wait=2s")]);
    let asked = server.asked.lock().unwrap();
    assert!(asked.iter().all(|request| request.method() == "GET" && request.body().is_empty()));
    assert!(asked.iter().all(|request| request.headers()["authorization"].is_sensitive()));
    assert!(!format!("{log:?}").contains("canary"));
}
