//! An issuer that is not there.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "it is for tests only")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use remint_core::{IssuerId, Refusal};
use remint_jwt::{Algorithm, JwkSet, SigningKey};
use remint_keyset::{Discovery, FetchError, HttpFetch, KeySet, KeySetSettings, KeySource, Url, is_https_or_loopback};
use remint_testkit::ManualClock;
use tokio::sync::Semaphore;

pub(crate) const ISSUER: &str = "https://idp.example";
pub(crate) const CONFIGURATION: &str = "https://idp.example/.well-known/openid-configuration";
pub(crate) const JWKS: &str = "https://idp.example/jwks";

/// What an address answers.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Body(Vec<u8>),
    Status(u16),
    Refused,
    Never,
}

impl Answer {
    pub(crate) fn json(value: &serde_json::Value) -> Self {
        Self::Body(value.to_string().into_bytes())
    }

    pub(crate) fn keys(keys: &[&SigningKey]) -> Self {
        Self::json(&jwks(keys).to_json())
    }

    pub(crate) fn discovery(issuer: &str, jwks_uri: &str) -> Self {
        Self::json(&serde_json::json!({ "issuer": issuer, "jwks_uri": jwks_uri, "scopes_supported": ["openid"] }))
    }
}

#[derive(Debug)]
pub(crate) struct FakeHttp {
    answers: Mutex<HashMap<String, Answer>>,
    asked: Mutex<Vec<String>>,
    pub(crate) gate: Semaphore,
    gated: bool,
    panics: AtomicUsize,
}

impl FakeHttp {
    pub(crate) fn new() -> Arc<Self> {
        Self::build(false)
    }

    /// One that answers only as often as permits are added to its gate.
    pub(crate) fn gated() -> Arc<Self> {
        Self::build(true)
    }

    fn build(gated: bool) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::default(),
            asked: Mutex::default(),
            gate: Semaphore::new(0),
            gated,
            panics: AtomicUsize::new(0),
        })
    }

    pub(crate) fn set(&self, url: &str, answer: Answer) {
        self.answers.lock().unwrap().insert(url.into(), answer);
    }

    pub(crate) fn panic_next(&self) {
        self.panics.store(1, Ordering::SeqCst);
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

#[async_trait]
impl HttpFetch for FakeHttp {
    fn permits(&self, url: &Url) -> bool {
        is_https_or_loopback(url)
    }

    async fn get(&self, url: &Url) -> Result<Vec<u8>, FetchError> {
        self.asked.lock().unwrap().push(url.to_string());
        if self.gated {
            self.gate.acquire().await.unwrap().forget();
        }
        assert_eq!(self.panics.swap(0, Ordering::SeqCst), 0, "a defect");
        let answer = self.answers.lock().unwrap().get(url.as_str()).cloned().unwrap_or(Answer::Refused);
        match answer {
            Answer::Body(body) => Ok(body),
            Answer::Status(status) => Err(FetchError::Status(status)),
            Answer::Refused => Err(FetchError::Transport("connection refused".into())),
            Answer::Never => std::future::pending().await,
        }
    }

    async fn get_with(&self, url: &Url, headers: &remint_keyset::HeaderMap) -> Result<Vec<u8>, FetchError> {
        if headers.is_empty() { self.get(url).await } else { Err(FetchError::Headers) }
    }
}

pub(crate) fn jwks(keys: &[&SigningKey]) -> JwkSet {
    JwkSet::try_from(keys.iter().map(|key| key.public_jwk().clone()).collect::<Vec<_>>()).unwrap()
}

pub(crate) fn key() -> SigningKey {
    SigningKey::generate(Algorithm::Es256).unwrap()
}

pub(crate) struct Fixture {
    pub(crate) http: Arc<FakeHttp>,
    pub(crate) clock: ManualClock,
    pub(crate) set: KeySet,
}

impl Fixture {
    pub(crate) fn jwks_uri(http: &Arc<FakeHttp>) -> Self {
        Self::new(http, KeySource::JwksUri(Url::parse(JWKS).unwrap()))
    }

    pub(crate) fn discovery(http: &Arc<FakeHttp>) -> Self {
        Self::new(http, KeySource::Discovery(Discovery::of(&issuer()).unwrap()))
    }

    pub(crate) fn new(http: &Arc<FakeHttp>, source: KeySource) -> Self {
        let clock = ManualClock::default();
        let set = KeySet::new(issuer(), source, http.clone(), clock.clone(), KeySetSettings::default());
        Self { http: http.clone(), clock, set }
    }

    /// Both clocks move: the one of the day and the one of the runtime.
    pub(crate) async fn advance(&self, by: Duration) {
        settle().await;
        self.clock.advance(by);
        tokio::time::advance(by).await;
        settle().await;
    }

    pub(crate) async fn find(&self, kid: &str) -> Result<String, Refusal> {
        let found = self.set.keys(Some(kid), Algorithm::Es256).await?;
        Ok(found.iter().next().unwrap().key_id().unwrap().into())
    }
}

pub(crate) fn issuer() -> IssuerId {
    IssuerId::new(ISSUER).unwrap()
}

/// Lets every task that can run do so.
pub(crate) async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}
