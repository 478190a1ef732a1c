//! An issuer at hand, and the edge that trusts it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "it is for tests only")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jsonwebtoken::{EncodingKey, Header};
use remint_core::{
    Authentication, Authenticator, Clock, Credential, CredentialForm, DeniedKind, IssuerId, Refusal, Slot,
};
use remint_jwt::{Algorithm, JwkSet, SigningKey};
use remint_keyset::{FetchError, HttpFetch, Url, is_https_or_loopback};
use remint_oidc::{OidcAuthenticator, Trust};
use remint_testkit::ManualClock;
use serde_json::{Value, json};
use tokio::sync::Notify;

pub(crate) const ISSUER: &str = "https://idp.example";
pub(crate) const OWN: &str = "https://auth.internal";
pub(crate) const AUDIENCE: &str = "api";

/// A provider: one key, and tokens of any shape.
pub(crate) struct Provider {
    pub(crate) key: SigningKey,
    pub(crate) clock: ManualClock,
}

impl Provider {
    pub(crate) fn new() -> Self {
        Self { key: SigningKey::generate(Algorithm::Es256).unwrap(), clock: ManualClock::default() }
    }

    /// The claims of a token that is accepted: issued now, for five minutes.
    pub(crate) fn claims(&self) -> Value {
        let now = self.clock.now().as_secs();
        json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "iat": now, "exp": now + 300 })
    }

    /// Those, with these in addition or instead; `null` takes one away.
    pub(crate) fn with(&self, changes: Value) -> Value {
        let mut claims = self.claims();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => claims.as_object_mut().unwrap().remove(name),
                value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
            };
        }
        claims
    }

    /// Those, with these in addition or instead; `null` stands there.
    pub(crate) fn plus(&self, changes: Value) -> Value {
        let mut claims = self.claims();
        claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        claims
    }

    pub(crate) fn header(&self) -> Header {
        let mut header = Header::new(jsonwebtoken::Algorithm::ES256);
        header.typ = Some("at+jwt".into());
        header.kid = Some(self.key.key_id().into());
        header
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_with(&self.header(), claims)
    }

    pub(crate) fn sign_with(&self, header: &Header, claims: &Value) -> String {
        let pem = self.key.to_pem().unwrap();
        jsonwebtoken::encode(header, claims, &EncodingKey::from_ec_pem(pem.as_bytes()).unwrap()).unwrap()
    }

    pub(crate) fn jwks(&self) -> JwkSet {
        JwkSet::try_from(vec![self.key.public_jwk().clone()]).unwrap()
    }

    /// Trust in it, with its keys at hand.
    pub(crate) fn trust(&self) -> Trust {
        Trust::oidc(ISSUER, AUDIENCE).key_set(self.jwks())
    }

    /// An edge that trusts as `trust` says.
    pub(crate) fn edge(&self, trust: Trust) -> Edge {
        Edge::new([trust], FakeHttp::new(), &self.clock)
    }
}

#[derive(Debug)]
pub(crate) struct Edge(pub(crate) OidcAuthenticator);

impl Edge {
    pub(crate) fn new(trusts: impl IntoIterator<Item = Trust>, http: Arc<FakeHttp>, clock: &ManualClock) -> Self {
        let own = IssuerId::new(OWN).unwrap();
        Self(OidcAuthenticator::new(own, trusts, http, clock.clone()).unwrap())
    }

    pub(crate) async fn ask(&self, token: &str) -> Result<Authentication, Refusal> {
        self.ask_jwt(Slot::Bearer, token).await
    }

    async fn ask_jwt(&self, slot: Slot, token: &str) -> Result<Authentication, Refusal> {
        let credential = Credential::new(slot, CredentialForm::Jwt, token);
        self.0.authenticate(credential).await.map(|found| found.unwrap().into_inner())
    }

    pub(crate) async fn accepts(&self, token: &str) -> Authentication {
        self.ask(token).await.unwrap()
    }

    pub(crate) async fn accepts_in(&self, slot: Slot, token: &str) -> Authentication {
        self.ask_jwt(slot, token).await.unwrap()
    }

    pub(crate) async fn denies(&self, token: &str) -> DeniedKind {
        self.denies_in(Slot::Bearer, token).await
    }

    pub(crate) async fn denies_in(&self, slot: Slot, token: &str) -> DeniedKind {
        match self.ask_jwt(slot, token).await {
            Err(Refusal::Denied(denied)) => denied.kind(),
            other => panic!("{other:?}"),
        }
    }
}

/// Addresses and what they answer; all others refuse the connection.
#[derive(Debug, Default)]
pub(crate) struct FakeHttp {
    answers: Mutex<HashMap<String, Value>>,
    asked: Mutex<Vec<String>>,
    slow: Mutex<Option<(ManualClock, Duration)>>,
    held: Mutex<Option<Arc<Notify>>>,
}

impl FakeHttp {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn set(&self, url: &str, answer: Value) {
        self.answers.lock().unwrap().insert(url.into(), answer);
    }

    pub(crate) fn discovery(&self, base: &str, issuer: &str, jwks: Value) {
        let uri = [base, "/jwks"].concat();
        let document = json!({ "issuer": issuer, "jwks_uri": &uri });
        self.set(&[base, "/.well-known/openid-configuration"].concat(), document);
        self.set(&uri, jwks);
    }

    pub(crate) fn clear(&self) {
        self.answers.lock().unwrap().clear();
    }

    /// Lets this much time pass on the clock while anything is fetched.
    pub(crate) fn takes(&self, clock: &ManualClock, time: Duration) {
        *self.slow.lock().unwrap() = Some((clock.clone(), time));
    }

    /// Holds the next answer back until told.
    pub(crate) fn hold(&self) -> Arc<Notify> {
        self.held.lock().unwrap().insert(Arc::default()).clone()
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl HttpFetch for FakeHttp {
    fn permits(&self, url: &Url) -> bool {
        is_https_or_loopback(url)
    }

    async fn get(&self, url: &Url) -> Result<Vec<u8>, FetchError> {
        self.asked.lock().unwrap().push(url.to_string());
        if let Some((clock, time)) = &*self.slow.lock().unwrap() {
            clock.advance(*time);
        }
        let held = self.held.lock().unwrap().take();
        if let Some(held) = held {
            held.notified().await;
        }
        let answer = self.answers.lock().unwrap().get(url.as_str()).map(|value| value.to_string().into_bytes());
        answer.ok_or_else(|| FetchError::Transport("connection refused".into()))
    }

    async fn get_with(&self, url: &Url, headers: &remint_keyset::HeaderMap) -> Result<Vec<u8>, FetchError> {
        if headers.is_empty() { self.get(url).await } else { Err(FetchError::Headers) }
    }
}
