//! What `HttpEnricher` asks, and which answers it takes, against a server on this machine.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use remint_core::{
    Actor, Audience, Enricher, Enrichment, Identity, IssuerId, Refusal, Subject, TenantId, Timestamp, Unavailable,
    UnavailableKind,
};
use remint_normalize::{HttpEnricher, Normalizer, NormalizerBuilder, Progress, Rejection};
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, api_key_of, jwt_of};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server that notes each request and answers it with one of its answers, by path.
struct Server {
    address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

#[derive(Debug, Clone)]
struct Seen {
    line: String,
    whole: String,
    body: String,
}

impl Server {
    async fn answering(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, seen) = (listener.local_addr().unwrap().to_string(), Arc::<Mutex<Vec<Seen>>>::default());
        let (noted, answer) = (Arc::clone(&seen), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (noted, answer) = (Arc::clone(&noted), Arc::clone(&answer));
                tokio::spawn(async move {
                    let request = read(&mut stream).await;
                    let path = request.line.split(' ').nth(1).unwrap_or_default().to_owned();
                    noted.lock().unwrap().push(request);
                    let answer = answer(&path);
                    if answer.is_empty() {
                        std::future::pending::<()>().await;
                    }
                    let _ = stream.write_all(answer.as_bytes()).await;
                    if answer.ends_with(UNFINISHED) {
                        std::future::pending::<()>().await;
                    }
                });
            }
        });
        Self { address, seen }
    }

    /// One that says this with status 200 to everybody.
    async fn saying(body: impl ToString) -> Self {
        let answer = answer(200, &body.to_string());
        Self::answering(move |_| answer.clone()).await
    }

    fn url(&self) -> String {
        format!("http://{}/enrich", self.address)
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    async fn ask(&self) -> Result<Enrichment, Unavailable> {
        self.ask_about(&api_key_of("alice").identity).await
    }

    async fn ask_about(&self, identity: &Identity) -> Result<Enrichment, Unavailable> {
        let enricher = HttpEnricher::new(&self.url(), Duration::from_secs(20)).unwrap();
        in_time(enricher.enrich(identity)).await
    }
}

async fn read(stream: &mut TcpStream) -> Seen {
    let mut bytes = Vec::new();
    loop {
        let whole = String::from_utf8_lossy(&bytes).to_string();
        if let Some((head, body)) = whole.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                let line = head.lines().next().unwrap_or_default().to_owned();
                return Seen { line, body: body.to_owned(), whole };
            }
        }
        let mut more = [0; 4096];
        let count = stream.read(&mut more).await.unwrap();
        assert_ne!(count, 0, "the request broke off");
        bytes.extend(more.iter().take(count));
    }
}

fn answer(status: u16, body: &str) -> String {
    format!("HTTP/1.1 {status} Any\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// So that a deadline that is not kept fails a test in place of keeping it for ever.
async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), work).await.expect("an end in time")
}

fn refused(outcome: Result<Enrichment, Unavailable>) -> String {
    let unavailable = outcome.expect_err("a refusal");
    assert_eq!(unavailable.kind(), UnavailableKind::Enricher);
    std::error::Error::source(&unavailable).expect("a cause for the log").to_string()
}

const UNFINISHED: &str = "{\"claims\":";
const GOLD: &str = r#"{"claims":{"plan":"gold"}}"#;

#[tokio::test]
async fn claims_arrive_in_ext_and_hold_as_long_as_the_identity() {
    let server = Server::saying(json!({ "claims": { "plan": "gold", "limits": { "jobs": [1, null] } } })).await;
    let enrichment = server.ask().await.unwrap();
    let claims = Value::Object(enrichment.ext.as_map().clone());
    assert_eq!(claims, json!({ "plan": "gold", "limits": { "jobs": [1, null] } }));
    assert_eq!(enrichment.valid_until, Timestamp::MAX);
}

#[tokio::test]
async fn roles_groups_and_entitlements_are_told_beside_the_claims() {
    let server =
        Server::saying(json!({ "claims": {}, "roles": ["planner"], "groups": ["g"], "entitlements": ["gpu"] }));
    let enrichment = server.await.ask().await.unwrap();
    assert_eq!((enrichment.roles, enrichment.groups), (vec!["planner".to_owned()], vec!["g".to_owned()]));
    assert_eq!(enrichment.entitlements, ["gpu"]);
    for wrong in [json!({ "claims": {}, "roles": "planner" }), json!({ "claims": {}, "entitlements": [1] })] {
        refused(Server::saying(wrong).await.ask().await);
    }
}

#[tokio::test]
async fn the_question_has_the_documented_members_and_no_other() {
    let server = Server::saying(GOLD).await;
    let mut jwt = jwt_of("bob", Timestamp::from_secs(1), Timestamp::MAX).identity;
    jwt.tenant = Some(TenantId::new("acme").unwrap());
    jwt.scopes = "jobs:read jobs:write".parse().unwrap();
    jwt.actor = Some(Actor::new(Subject::new("helper").unwrap(), None));
    jwt.roles = vec!["admin".to_owned()];
    server.ask_about(&jwt).await.unwrap();
    server.ask().await.unwrap();
    let seen = server.seen();
    let questions: Vec<Value> = seen.iter().map(|seen| serde_json::from_str(&seen.body).unwrap()).collect();
    let of_a_jwt = json!({
        "sub": "idp|bob", "tenant": "acme", "env": "live", "scope": "jobs:read jobs:write", "client_id": "web",
        "cred": { "kind": "jwt", "iss": "https://idp.example", "sub": "bob" },
    });
    let of_a_key = json!({
        "sub": "alice", "env": "live", "scope": "", "client_id": "k1", "cred": { "kind": "api_key", "id": "k1" },
    });
    assert_eq!(questions, [of_a_jwt, of_a_key]);
    for seen in seen {
        assert_eq!(seen.line, "POST /enrich HTTP/1.1");
        assert!(seen.whole.to_lowercase().contains("\r\ncontent-type: application/json\r\n"), "{}", seen.whole);
    }
}

#[tokio::test]
async fn a_deadline_that_passes_is_an_outage() {
    let cut_off = format!("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{UNFINISHED}");
    for says in [String::new(), cut_off] {
        let server = Server::answering(move |_| says.clone()).await;
        let enricher = HttpEnricher::new(&server.url(), Duration::from_millis(100)).unwrap();
        refused(in_time(enricher.enrich(&api_key_of("alice").identity)).await);
    }
}

#[tokio::test]
async fn nobody_there_is_an_outage() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let enricher = HttpEnricher::new(&url, Duration::from_secs(5)).unwrap();
    refused(in_time(enricher.enrich(&api_key_of("alice").identity)).await);
}

#[tokio::test]
async fn another_status_is_a_failure_whatever_the_body_says() {
    for status in [201, 202, 203, 400, 401, 404, 429, 500, 503] {
        let server = Server::answering(move |_| answer(status, GOLD)).await;
        assert!(refused(server.ask().await).contains(&status.to_string()), "{status}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let server = Server::answering(move |path| match path {
            "/enrich" => format!("HTTP/1.1 {status} Any\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n"),
            _ => answer(200, GOLD),
        })
        .await;
        assert!(refused(server.ask().await).contains(&status.to_string()), "{status}");
        let lines: Vec<_> = server.seen().into_iter().map(|seen| seen.line).collect();
        assert_eq!(lines, ["POST /enrich HTTP/1.1"], "{status}");
    }
}

#[tokio::test]
async fn a_body_over_64_kib_is_refused() {
    let long = |length: usize| GOLD.to_owned() + &" ".repeat(length - GOLD.len());
    assert!(Server::saying(long(64 * 1024)).await.ask().await.is_ok());
    let server = Server::saying(long(64 * 1024 + 1)).await;
    assert!(refused(server.ask().await).contains("too long"));
    // The limit does not depend on the length that is announced.
    let body = long(64 * 1024 + 1);
    let chunked =
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let server = Server::answering(move |_| chunked.clone()).await;
    assert!(refused(server.ask().await).contains("too long"));
}

#[tokio::test]
async fn an_answer_that_is_not_the_documented_object_is_refused() {
    for body in [
        "",
        "gold",
        "[]",
        "null",
        "{}",
        r#"{"claims":null}"#,
        r#"{"claims":["plan"]}"#,
        r#"{"claims":{"plan":"gold"}"#,
        r#"{"claims":{"plan":"gold"}}{}"#,
        r#"{"claims":{"plan":"gold"},"valid_until":17}"#,
        r#"{"claims":{"plan":"gold"},"claims":{}}"#,
    ] {
        refused(Server::saying(body).await.ask().await);
    }
}

#[tokio::test]
async fn a_member_that_it_does_not_know_is_refused() {
    let server = Server::saying(json!({ "claims": { "plan": "gold" }, "valid_untill": "2026-01-01T00:00:00Z" })).await;
    assert!(refused(server.ask().await).contains("valid_untill"));
}

#[tokio::test]
async fn a_reserved_claim_is_refused_and_nothing_beside_it_is_taken() {
    for name in ["sub", "scope", "tenant", "exp", "roles", "act", "cred"] {
        let server = Server::saying(json!({ "claims": { "plan": "gold", name: "root" } })).await;
        assert!(refused(server.ask().await).contains(name), "{name}");
    }
}

#[tokio::test]
async fn valid_until_is_when_the_claims_end_in_whole_seconds_rounded_down() {
    for (text, seconds) in [
        ("2026-01-01T00:00:00Z", 1_767_225_600),
        ("2026-01-01T00:00:01.999Z", 1_767_225_601),
        ("1970-01-01T00:00:00Z", 0),
    ] {
        let server = Server::saying(json!({ "claims": {}, "valid_until": text })).await;
        assert_eq!(server.ask().await.unwrap().valid_until, Timestamp::from_secs(seconds), "{text}");
    }
}

#[tokio::test]
async fn a_valid_until_that_is_not_rfc_3339_in_utc_is_refused() {
    for text in ["", "tomorrow", "1767225600", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00+02:00"] {
        refused(Server::saying(json!({ "claims": {}, "valid_until": text })).await.ask().await);
    }
}

#[test]
fn a_url_that_is_not_http_is_refused() {
    for url in ["", "enrich", "/enrich", "127.0.0.1:80", "ftp://127.0.0.1/", "file:///etc/passwd", "unix:/run/enrich"] {
        let refusal = HttpEnricher::new(url, Duration::from_secs(1)).expect_err("a refusal");
        assert_eq!(refusal.kind(), UnavailableKind::Enricher, "{url}");
    }
    assert!(HttpEnricher::new("https://enrich.example/", Duration::from_secs(1)).is_ok());
}

#[tokio::test]
async fn what_is_secret_in_the_url_is_sent_and_shown_nowhere() {
    let server = Server::answering(|_| answer(500, "")).await;
    let url = server.url().replace("://", "://remint:canary@") + "?key=canary";
    let enricher = HttpEnricher::new(&url, Duration::from_secs(5)).unwrap();
    let answered = in_time(enricher.enrich(&api_key_of("alice").identity)).await.unwrap_err();
    let request = server.seen().remove(0);
    assert!(request.line.contains("?key=canary") && request.whole.to_lowercase().contains("authorization: basic"));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = url.replace(&server.address, &listener.local_addr().unwrap().to_string());
    drop(listener);
    let nobody = HttpEnricher::new(&nobody, Duration::from_secs(5)).unwrap();
    let unanswered = in_time(nobody.enrich(&api_key_of("alice").identity)).await.unwrap_err();
    let unusable = HttpEnricher::new("canary://canary", Duration::from_secs(5)).unwrap_err();
    let shown = format!("{enricher:?} {answered:?} {answered} {unanswered:?} {unusable:?}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_not_used() {
    const ASK: &str = "REMINT_TEST_ENRICHER";
    if let Ok(url) = std::env::var(ASK) {
        let enricher = HttpEnricher::new(&url, Duration::from_secs(5)).unwrap();
        enricher.enrich(&api_key_of("alice").identity).await.unwrap();
        return;
    }
    let (server, proxy) = (Server::saying(GOLD).await, Server::saying(GOLD).await);
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "a_proxy_of_the_environment_is_not_used"]).env(ASK, server.url());
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        child.env(name, format!("http://{}", proxy.address));
    }
    child.env_remove("no_proxy").env_remove("NO_PROXY");
    let output = tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!((server.seen().len(), proxy.seen().len()), (1, 0));
}

/// One request with an API key down the whole line.
async fn down_the_line(with: impl FnOnce(NormalizerBuilder) -> NormalizerBuilder) -> Result<Value, Refusal> {
    let (clock, known) = (ManualClock::default(), FakeAuthenticator::new());
    known.answer("canary", Ok(api_key_of("alice")));
    let (url, audience) = (IssuerId::new("https://auth.internal").unwrap(), Audience::new("internal").unwrap());
    let builder = Normalizer::builder(url, audience, FakeIssuer::new(clock.clone())).authenticator(known).clock(clock);
    let normalizer = with(builder).build().unwrap();
    let request = http::Request::get("/").header("x-api-key", "canary").body(()).unwrap();
    let Progress::Miss(exchange, _) = normalizer.begin((&request).into()) else { panic!("not a miss") };
    let pass = in_time(exchange).await.map_err(Rejection::into_refusal)?;
    Ok(Value::Object(pass.identity().ext.as_map().clone()))
}

fn enricher(server: &Server) -> HttpEnricher {
    HttpEnricher::new(&server.url(), Duration::from_secs(5)).unwrap()
}

#[tokio::test]
async fn the_credential_is_not_sent_and_its_claims_stand_in_the_identity() {
    let server = Server::saying(GOLD).await;
    let claims = down_the_line(|builder| builder.enricher(enricher(&server))).await.unwrap();
    assert_eq!(claims, json!({ "plan": "gold" }));
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert!(seen.iter().all(|seen| !seen.whole.contains("canary")), "{seen:?}");
}

#[tokio::test]
async fn claims_that_have_ended_are_an_outage_where_they_are_required() {
    // The clock shows exactly this moment: the end itself is outside.
    let ended = json!({ "claims": { "plan": "gold" }, "valid_until": "2026-01-01T00:00:00Z" });
    let server = Server::saying(ended).await;
    let refusal = down_the_line(|builder| builder.enricher(enricher(&server))).await.unwrap_err();
    let Refusal::Unavailable(unavailable) = refusal else { panic!("{refusal:?}") };
    assert_eq!(unavailable.kind(), UnavailableKind::Enricher);
    let claims = down_the_line(|builder| builder.optional_enricher(enricher(&server))).await.unwrap();
    assert_eq!(claims, json!({}), "what has ended is not used");
}
