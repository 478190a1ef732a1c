#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::{Router, routing::get};
use remint::{
    Algorithm, Caller, Edge, Environment, IssuerId, KeyId, KeyStore, NewKey, NewUser, Remint, RemintBuilder, Trust,
    UserId, Verifier,
};
use remint_jwt::{JwkSet, SigningKey};
use serde_json::{Value, json};
use tower::ServiceExt;

pub(crate) const IDP: &str = "https://idp.example";

pub(crate) struct Provider(pub(crate) SigningKey);

impl Provider {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        Self(SigningKey::generate(algorithm).unwrap())
    }

    pub(crate) fn trust(&self) -> Trust {
        let set = json!({ "keys": [self.0.public_jwk().to_json()] }).to_string();
        Trust::oidc(IDP, "api").key_set(JwkSet::parse(set.as_bytes()).unwrap()).any_scope()
    }

    pub(crate) fn token(&self, subject: &str, expires_in: i64) -> String {
        let claims = json!({
            "iss": IDP, "aud": "api", "sub": subject, "client_id": "web", "jti": "t1",
            "iat": now(), "exp": now() + expires_in, "scope": "jobs:write remint:admin",
        });
        self.0.sign("at+jwt", &claims).unwrap()
    }
}

pub(crate) fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

pub(crate) fn builder(provider: &Provider, store: impl KeyStore) -> RemintBuilder {
    Remint::builder("https://auth.internal", "internal").trust(provider.trust()).api_keys(store).ephemeral_keys()
}

/// An edge before a service that verifies the internal token by itself.
pub(crate) async fn app(edge: &Edge) -> Router {
    let issuer = edge.issuer().clone();
    let behind = Verifier::builder(IssuerId::new("https://auth.internal").unwrap(), "internal".parse().unwrap())
        .local_keys(move || issuer.key_set())
        .build()
        .await
        .unwrap();
    let me = |caller: Caller| async move { serde_json::to_string(&caller).unwrap() };
    // Two layers of one service here; over the wire in the examples.
    let me = Router::new().route("/me", get(me)).layer(behind.layer());
    me.layer(edge.layer())
}

pub(crate) async fn ask(app: &Router, header: &str, value: &str) -> (StatusCode, Value) {
    let request = Request::get("/me").header(header, value).body(Body::empty()).unwrap();
    let answer = app.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 16).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

pub(crate) async fn key_of(edge: &Edge, user: &str, environment: Environment) -> (String, KeyId) {
    let keys = edge.api_keys().unwrap();
    let user = UserId::new(user).unwrap();
    if keys.user(&user).await.unwrap().is_none() {
        keys.create_user(NewUser::new(user.clone()).with_scopes("jobs:write".parse().unwrap())).await.unwrap();
    }
    let (key, record) = keys.create(NewKey::new(user, environment)).await.unwrap();
    (key.expose_secret().to_owned(), record.id)
}
