use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt as _;
use http::Request;
use remint_core::{AuditAction, AuditActor, Page};
use remint_identity_service::LeakReports;
use remint_keyset::{FetchError, HttpFetch, Url};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::edge::{Answer, Edge};

/// The place where a scanner publishes its keys. Clones share everything.
#[derive(Debug, Clone, Default)]
struct Published {
    keys: Arc<Mutex<Vec<(String, String)>>>,
    asked: Arc<AtomicUsize>,
    out: Arc<AtomicBool>,
}

#[async_trait]
impl HttpFetch for Published {
    fn permits(&self, _: &Url) -> bool {
        true
    }

    async fn get(&self, _: &Url) -> Result<Vec<u8>, FetchError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.out.load(Ordering::SeqCst) {
            return Err(FetchError::Timeout);
        }
        let keys = self.keys.lock().unwrap();
        let keys: Vec<_> =
            keys.iter().map(|(name, pem)| json!({ "key_identifier": name, "key": pem, "is_current": true })).collect();
        Ok(json!({ "public_keys": keys }).to_string().into_bytes())
    }

    async fn get_with(&self, url: &Url, headers: &remint_keyset::HeaderMap) -> Result<Vec<u8>, FetchError> {
        if headers.is_empty() { self.get(url).await } else { Err(FetchError::Headers) }
    }
}

struct Scanner {
    name: String,
    pair: EcdsaKeyPair,
}

impl Scanner {
    fn published(name: &str, place: &Published) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        // SubjectPublicKeyInfo of a point on P-256 (RFC 5480 §2).
        let info = [
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
            0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ];
        let der = STANDARD.encode([&info[..], pair.public_key().as_ref()].concat());
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{der}\n-----END PUBLIC KEY-----\n");
        place.keys.lock().unwrap().push((name.to_owned(), pem));
        Self { name: name.to_owned(), pair }
    }

    fn sign(&self, body: &[u8]) -> String {
        STANDARD.encode(self.pair.sign(&SystemRandom::new(), body).unwrap())
    }

    async fn report(&self, edge: &Edge, found: Value) -> Answer {
        let body = found.to_string();
        send(edge, &self.name, &self.sign(body.as_bytes()), body).await
    }
}

async fn send(edge: &Edge, name: &str, signature: &str, body: String) -> Answer {
    let mut request = Request::post("/v1/leaked-keys").header("content-type", "application/json");
    for (header, value) in [("github-public-key-identifier", name), ("github-public-key-signature", signature)] {
        if !value.is_empty() {
            request = request.header(header, value);
        }
    }
    edge.send(request.body(body.into()).unwrap()).await
}

async fn edge(place: &Published) -> Edge {
    let url = Url::parse("https://scanner.example/keys").unwrap();
    Edge::with(|service| service.leak_reports(LeakReports::new(url, Arc::new(place.clone())))).await
}

fn hash(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_reported_key_works_no_more_and_is_not_repeated() {
    let place = Published::default();
    let edge = edge(&place).await;
    let scanner = Scanner::published("k1", &place);
    let key = edge.user("alice", "").await;
    assert_eq!(edge.call(&key, "GET /v1/api-keys", Value::Null).await.status, 200);
    let strange = "rmt_live_nothing_of_ours";
    let found = json!([
        { "token": key, "type": "remint_key", "url": "https://github.example/c/1", "source": "commit", "more": 1 },
        { "token": strange, "type": "remint_key" },
    ]);
    let answer = scanner.report(&edge, found).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let expected = json!([
        { "token_hash": hash(&key), "token_type": "remint_key", "label": "true_positive" },
        { "token_hash": hash(strange), "token_type": "remint_key", "label": "false_positive" },
    ]);
    assert_eq!(answer.body, expected);
    assert_eq!(edge.call(&key, "GET /v1/api-keys", Value::Null).await.status, 401);
    let events = edge.keys.store().events(Page::all()).await.unwrap();
    let (_, leak) = events.last().unwrap();
    assert_eq!(leak.action, AuditAction::KeyLeaked);
    assert_eq!(leak.actor, AuditActor::Scanner { key_identifier: "k1".into() });
    assert_eq!(leak.detail["url"], "https://github.example/c/1");
}

#[tokio::test]
async fn a_report_that_is_not_signed_by_the_scanner_does_nothing() {
    let place = Published::default();
    let edge = edge(&place).await;
    let scanner = Scanner::published("k1", &place);
    let other = Scanner::published("k2", &place);
    let key = edge.user("alice", "").await;
    let body = json!([{ "token": key, "type": "t" }]).to_string();
    let good = scanner.sign(body.as_bytes());
    for (name, signature, sent) in [
        ("k1", "", body.clone()),
        ("", good.as_str(), body.clone()),
        ("k1", "AAAA", body.clone()),
        ("k1", "not base64!", body.clone()),
        ("k2", good.as_str(), body.clone()),
        ("k3", good.as_str(), body.clone()),
        ("k1", other.sign(body.as_bytes()).as_str(), body.clone()),
        ("k1", good.as_str(), format!("{body} ")),
        ("k1", good.as_str(), "[]".to_owned()),
    ] {
        let answer = send(&edge, name, signature, sent).await;
        assert_eq!(answer.status, 403, "{name} {signature}");
        assert!(!answer.body.to_string().contains(&key));
    }
    assert!(edge.keys.verify(&key).await.is_ok());
}

#[tokio::test]
async fn a_signature_and_the_name_of_its_key_are_there_once_and_bounded() {
    let place = Published::default();
    let edge = edge(&place).await;
    for (name, status) in [("k".repeat(256), 200), ("k".repeat(257), 403), (String::new(), 403)] {
        let scanner = Scanner::published(&name, &place);
        let signed = |count: usize| {
            let mut request = Request::post("/v1/leaked-keys");
            for _ in 0..count {
                request = request.header("github-public-key-identifier", &name);
            }
            request.header("github-public-key-signature", scanner.sign(b"[]")).body("[]".into()).unwrap()
        };
        edge.clock.advance(Duration::from_secs(10));
        assert_eq!(edge.send(signed(1)).await.status, status, "{} characters", name.len());
        assert_eq!(edge.send(signed(2)).await.status, 403, "twice");
    }
}

#[tokio::test]
async fn a_name_that_two_keys_have_is_neithers() {
    let place = Published::default();
    let edge = edge(&place).await;
    for scanner in [Scanner::published("k1", &place), Scanner::published("k1", &place)] {
        assert_eq!(scanner.report(&edge, json!([])).await.status, 403);
    }
}

#[tokio::test]
async fn a_key_that_the_list_did_not_have_is_no_stranger_while_the_list_cannot_be_had() {
    let place = Published::default();
    let edge = edge(&place).await;
    let scanner = Scanner::published("k1", &place);
    assert_eq!(scanner.report(&edge, json!([])).await.status, 200);
    edge.clock.advance(Duration::from_secs(10));
    let later = Scanner::published("k2", &place);
    place.out.store(true, Ordering::SeqCst);
    assert_eq!(later.report(&edge, json!([])).await.status, 503);
    assert_eq!(scanner.report(&edge, json!([])).await.status, 200, "the list of a moment ago has it");
}

#[tokio::test]
async fn a_scanner_whose_keys_cannot_be_had_is_asked_to_try_again() {
    let place = Published::default();
    let edge = edge(&place).await;
    let scanner = Scanner::published("k1", &place);
    place.out.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        let answer = scanner.report(&edge, json!([])).await;
        assert_eq!(answer.status, 503);
        assert!(answer.headers.contains_key("retry-after"));
    }
    assert_eq!(place.asked.load(Ordering::SeqCst), 1);
    place.out.store(false, Ordering::SeqCst);
    edge.clock.advance(Duration::from_secs(10));
    assert_eq!(scanner.report(&edge, json!([])).await.status, 200);
    // A list that was had an hour ago says nothing of today.
    edge.clock.advance(Duration::from_secs(3600));
    place.out.store(true, Ordering::SeqCst);
    assert_eq!(scanner.report(&edge, json!([])).await.status, 503);
}

#[tokio::test]
async fn made_up_key_names_do_not_make_us_ask_again_and_again() {
    let place = Published::default();
    let edge = edge(&place).await;
    let scanner = Scanner::published("k1", &place);
    for number in 0..100 {
        let answer = send(&edge, &format!("made-up-{number}"), &scanner.sign(b"[]"), "[]".into()).await;
        assert_eq!(answer.status, 403);
    }
    assert_eq!(place.asked.load(Ordering::SeqCst), 1);
    let later = Scanner::published("k2", &place);
    edge.clock.advance(Duration::from_secs(10));
    assert_eq!(later.report(&edge, json!([])).await.status, 200);
}

#[tokio::test]
async fn a_key_that_is_no_longer_published_is_believed_no_longer_than_an_hour() {
    let place = Published::default();
    let edge = edge(&place).await;
    let scanner = Scanner::published("k1", &place);
    assert_eq!(scanner.report(&edge, json!([])).await.status, 200);
    place.keys.lock().unwrap().clear();
    edge.clock.advance(Duration::from_secs(3600));
    assert_eq!(scanner.report(&edge, json!([])).await.status, 403);
}

#[tokio::test]
async fn a_report_is_bounded_and_of_the_format() {
    let place = Published::default();
    let edge = edge(&place).await;
    let scanner = Scanner::published("k1", &place);
    let entry = json!({ "token": "x", "type": "t" });
    for (found, status) in [
        (json!(vec![&entry; 1000]), 200),
        (json!(vec![&entry; 1001]), 422),
        (json!({}), 422),
        (json!([{ "token": "x" }]), 422),
        (json!([{ "token": 1, "type": "t" }]), 422),
        (json!([{ "token": "x", "type": "t".repeat(129) }]), 422),
        (json!([{ "token": "x".repeat(1 << 20), "type": "t" }]), 413),
    ] {
        assert_eq!(scanner.report(&edge, found).await.status, status);
    }
    for body in ["", "[", r#"[{"token":"a","token":"b","type":"t"}]"#] {
        let answer = send(&edge, "k1", &scanner.sign(body.as_bytes()), body.to_owned()).await;
        assert_eq!(answer.status, 400, "{body}");
    }
}

#[tokio::test]
async fn without_a_scanner_there_is_no_such_endpoint() {
    let edge = Edge::new().await;
    assert_eq!(edge.bootstrap("POST /v1/leaked-keys", json!([])).await.status, 404);
}

/// A place that answers when it is let.
#[derive(Debug, Clone, Default)]
struct Slow {
    asked: Arc<AtomicUsize>,
    let_go: Arc<tokio::sync::Notify>,
}

#[async_trait]
impl HttpFetch for Slow {
    fn permits(&self, _: &Url) -> bool {
        true
    }

    async fn get(&self, _: &Url) -> Result<Vec<u8>, FetchError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.let_go.notified().await;
        Ok(json!({ "public_keys": [] }).to_string().into_bytes())
    }

    async fn get_with(&self, url: &Url, headers: &remint_keyset::HeaderMap) -> Result<Vec<u8>, FetchError> {
        if headers.is_empty() { self.get(url).await } else { Err(FetchError::Headers) }
    }
}

#[tokio::test]
async fn of_many_that_come_while_the_list_is_fetched_none_has_it_fetched_again() {
    let place = Slow::default();
    let url = Url::parse("https://scanner.example/keys").unwrap();
    let reports = LeakReports::new(url, Arc::new(place.clone()));
    let edge = Edge::with(|service| service.leak_reports(reports)).await;
    let mut asked: Vec<_> = (0..3).map(|_| Box::pin(send(&edge, "unknown", "AAAA", "[]".to_owned()))).collect();
    for asked in &mut asked {
        assert!(asked.now_or_never().is_none());
    }
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert_eq!(place.asked.load(Ordering::SeqCst), 1);
    place.let_go.notify_one();
    for asked in asked {
        assert_eq!(asked.await.status, 403);
    }
    assert_eq!(place.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_stranger_who_hangs_up_does_not_have_the_list_fetched_again() {
    let place = Slow::default();
    let url = Url::parse("https://scanner.example/keys").unwrap();
    let reports = LeakReports::new(url, Arc::new(place.clone()));
    let edge = Edge::with(|service| service.leak_reports(reports)).await;
    for _ in 0..3 {
        let request = Request::post("/v1/leaked-keys")
            .header("github-public-key-identifier", "unknown")
            .header("github-public-key-signature", "AAAA")
            .body(axum::body::Body::from("[]"))
            .unwrap();
        let mut asked = Box::pin(edge.send(request));
        assert!((&mut asked).now_or_never().is_none());
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        drop(asked);
        place.let_go.notify_one();
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(place.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_report_ends_what_the_leaked_key_made_though_the_thief_rotated_it() {
    let place = Published::default();
    let edge = edge(&place).await;
    let scanner = Scanner::published("k1", &place);
    edge.user("alice", "jobs").await;
    let leaked = edge.maker("alice", "jobs").await;
    let (_, child) = edge.key(&leaked, json!({})).await;
    let line = format!("POST /v1/api-keys/{}/rotate", edge.id_of(&leaked).await);
    let rotated = edge.call(&leaked, &line, json!({ "overlap": "0s" })).await;
    let successor = rotated.body["key"].as_str().unwrap();
    let (_, grandchild) = edge.key(successor, json!({})).await;
    let works = async |key: &str| edge.call(key, "GET /v1/users/alice", Value::Null).await.status;
    assert_eq!(works(&leaked).await, 401, "the owner is locked out");
    for key in [&child, successor, &grandchild] {
        assert_eq!(works(key).await, 200);
    }
    scanner.report(&edge, json!([{ "token": leaked, "type": "t" }])).await;
    for key in [&child, successor, &grandchild] {
        assert_eq!(works(key).await, 401);
    }
}

#[tokio::test]
async fn a_report_leaves_the_successor_of_whoever_rotated_the_key_for_its_owner() {
    let place = Published::default();
    let edge = edge(&place).await;
    let scanner = Scanner::published("k1", &place);
    let leaked = edge.user("alice", "").await;
    let root = edge.user("root", "remint:admin").await;
    let line = format!("POST /v1/api-keys/{}/rotate", edge.id_of(&leaked).await);
    let rotated = edge.call(&root, &line, json!({ "overlap": "0s" })).await;
    scanner.report(&edge, json!([{ "token": leaked, "type": "t" }])).await;
    let answer = edge.call(rotated.body["key"].as_str().unwrap(), "GET /v1/users/alice", Value::Null).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_report_ends_the_first_keys_of_users_whom_the_leaked_key_signed_up() {
    let place = Published::default();
    let edge = edge(&place).await;
    let scanner = Scanner::published("k1", &place);
    let root = edge.user("root", "remint:admin").await;
    let made = edge.call(&root, "POST /v1/users", json!({ "id": "bob", "issue": ["live"] })).await;
    let bobs = made.body["keys"][0]["key"].as_str().unwrap();
    assert_eq!(made.body["keys"][0]["made_by"], json!({ "kind": "api_key", "id": edge.id_of(&root).await }));
    assert_eq!(edge.call(bobs, "GET /v1/users/bob", Value::Null).await.status, 200);
    scanner.report(&edge, json!([{ "token": root, "type": "t" }])).await;
    assert_eq!(edge.call(bobs, "GET /v1/users/bob", Value::Null).await.status, 401);
    assert_eq!(edge.bootstrap("GET /v1/users/bob", Value::Null).await.status, 200, "the user stays");
}
