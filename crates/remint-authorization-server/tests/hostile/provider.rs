//! A provider of tokens, opaque ones too, and an enricher.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use remint_jwt::{Algorithm, SigningKey};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) url: String,
    key: SigningKey,
    /// How often the key set was fetched.
    pub(crate) key_sets: AtomicUsize,
    enriched: Mutex<BTreeSet<String>>,
}

impl Provider {
    pub(crate) async fn start() -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = Arc::new(Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            key: SigningKey::generate(Algorithm::Es256).unwrap(),
            key_sets: AtomicUsize::new(0),
            enriched: Mutex::default(),
        });
        let app = Router::new()
            .route("/jwks", get(jwks))
            .route("/jwks/dead", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
            .route("/jwks/hanging", get(std::future::pending::<()>))
            .route("/introspect", post(|| async { Json(json!({ "active": false })) }))
            .route("/introspect/dead", post(|| async { StatusCode::BAD_GATEWAY }))
            .route("/enrich", post(enrich))
            .with_state(Arc::clone(&provider));
        tokio::spawn(async move { axum::serve(listener, app).await });
        provider
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.key.sign("at+jwt", claims).unwrap()
    }

    pub(crate) fn key_id(&self) -> &str {
        self.key.key_id()
    }

    /// Whether the enricher was asked about such subjects only.
    pub(crate) fn enriched_only(&self, expected: impl Fn(&str) -> bool) -> bool {
        let enriched = self.enriched.lock().unwrap();
        !enriched.is_empty() && enriched.iter().all(|subject| expected(subject))
    }
}

async fn jwks(State(provider): State<Arc<Provider>>) -> Json<Value> {
    provider.key_sets.fetch_add(1, Ordering::SeqCst);
    Json(json!({ "keys": [provider.key.public_jwk().to_json()] }))
}

async fn enrich(State(provider): State<Arc<Provider>>, Json(question): Json<Value>) -> Response {
    let subject = question["sub"].as_str().unwrap().to_owned();
    let is_unlucky = subject.ends_with("|unlucky");
    provider.enriched.lock().unwrap().insert(subject);
    if is_unlucky {
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    } else {
        Json(json!({ "claims": {} })).into_response()
    }
}
