//! An edge with the identity service, in memory.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::{HeaderMap, Method, Request, StatusCode};
use remint_apikey::{ApiKeys, MemoryStore, Pepper, Peppers};
use remint_conformance::key_store::Severable;
use remint_core::{Audience, ClientAddr, Clock as _, Environment, IssuerId, Timestamp};
use remint_identity_service::{BootstrapKey, IdentityService};
use remint_normalize::Normalizer;
use remint_revocation::Revocations;
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer};
use remint_tower::NormalizeLayer;
use serde_json::{Value, json};
use tower::ServiceExt as _;

pub(crate) const BOOTSTRAP: &str = "bootstrap-0123456789-abcdefghijkl";

pub(crate) struct Edge {
    pub(crate) app: Router,
    pub(crate) keys: ApiKeys,
    pub(crate) clock: ManualClock,
    pub(crate) jwts: FakeAuthenticator,
    pub(crate) store: Arc<Severable<MemoryStore>>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Edge {
    pub(crate) async fn new() -> Self {
        Self::with(|service| service).await
    }

    pub(crate) async fn with(change: impl FnOnce(IdentityService) -> IdentityService) -> Self {
        Self::demanding(None, change).await
    }

    /// One that demands this environment of every credential.
    pub(crate) async fn demanding(
        environment: Option<Environment>,
        change: impl FnOnce(IdentityService) -> IdentityService,
    ) -> Self {
        let clock = ManualClock::default();
        let revocations = Revocations::in_memory(clock.clone()).unwrap();
        let peppers = Peppers::new(Pepper::from_bytes(&[7; 32]).unwrap());
        let store = Arc::new(Severable::new(MemoryStore::new()));
        let keys = ApiKeys::new(Arc::new(Arc::clone(&store)), peppers, Arc::new(revocations.clone()))
            .with_clock(clock.clone());
        let jwts = FakeAuthenticator::new();
        let (issuer, audience) = (IssuerId::new("https://auth.internal").unwrap(), Audience::new("internal").unwrap());
        let mut normalizer = Normalizer::builder(issuer, audience, FakeIssuer::new(clock.clone()))
            .authenticator(keys.authenticator())
            .authenticator(jwts.clone())
            .revocations(revocations)
            .clock(clock.clone());
        if let Some(environment) = environment {
            normalizer = normalizer.environment(environment);
        }
        let normalizer = normalizer.build().unwrap();
        let service = IdentityService::new(keys.clone())
            .bootstrap_key(BootstrapKey::new(BOOTSTRAP).unwrap())
            .clock(clock.clone());
        let app = change(service).into_router(NormalizeLayer::new(normalizer));
        Self { app, keys, clock, jwts, store }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// A request with this `X-API-Key`, and this body unless it is `null`.
    pub(crate) async fn call(&self, key: &str, line: &str, body: Value) -> Answer {
        self.send(request(key, line, body)).await
    }

    /// The same with an idempotency key.
    pub(crate) async fn call_once(&self, key: &str, once: &str, line: &str, body: Value) -> Answer {
        let mut request = request(key, line, body);
        request.headers_mut().insert("idempotency-key", once.parse().unwrap());
        self.send(request).await
    }

    /// The same from an address.
    pub(crate) async fn call_from(&self, address: &str, key: &str, line: &str, body: Value) -> Answer {
        let mut request = request(key, line, body);
        request.extensions_mut().insert(ClientAddr(address.parse::<IpAddr>().unwrap()));
        self.send(request).await
    }

    pub(crate) async fn bootstrap(&self, line: &str, body: Value) -> Answer {
        self.call(BOOTSTRAP, line, body).await
    }

    /// A new user with these scopes, and the text of their one `live` key.
    pub(crate) async fn user(&self, id: &str, scopes: &str) -> String {
        let body = json!({ "id": id, "scopes": scopes, "issue": ["live"] });
        let made = self.bootstrap("POST /v1/users", body).await;
        assert_eq!(made.status, 201, "{}", made.body);
        text(&made.body["keys"][0]["key"])
    }

    /// The text of a new key of a user who is there, which may make keys and has these scopes.
    pub(crate) async fn maker(&self, user: &str, scopes: &str) -> String {
        let body = json!({ "user": user, "scopes": format!("{scopes} remint:keys").trim() });
        self.key(BOOTSTRAP, body).await.1
    }

    /// A new key, made by whoever has `key`: its id and text.
    pub(crate) async fn key(&self, key: &str, body: Value) -> (String, String) {
        let made = self.call(key, "POST /v1/api-keys", body).await;
        assert_eq!(made.status, 201, "{}", made.body);
        (text(&made.body["id"]), text(&made.body["key"]))
    }

    /// The id of the key that is used.
    pub(crate) async fn id_of(&self, key: &str) -> String {
        self.keys.verify(key).await.unwrap().get().key.id.to_string()
    }
}

/// A request of this line, such as `GET /v1/users/alice`, with this key or token.
pub(crate) fn request(key: &str, line: &str, body: Value) -> Request<Body> {
    let (method, target) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method.parse::<Method>().unwrap()).uri(target);
    if key.starts_with("e30.") {
        request = request.header("authorization", format!("Bearer {key}"));
    } else if !key.is_empty() {
        request = request.header("x-api-key", key);
    }
    match body {
        Value::Null => request.body(Body::empty()).unwrap(),
        body => request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap(),
    }
}

/// A request with a body as it is.
pub(crate) fn raw(line: &str, media_type: &str, body: impl Into<Body>) -> Request<Body> {
    let mut request = request(BOOTSTRAP, line, Value::Null);
    if !media_type.is_empty() {
        request.headers_mut().insert("content-type", media_type.parse().unwrap());
    }
    *request.body_mut() = body.into();
    request
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
