use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use remint::{Edge, IssuerId, KeyId, KeySetState};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// Whether this process lives, and whether it can do its work.
#[derive(Clone)]
pub(super) struct Health {
    edge: Edge,
    last: Arc<Mutex<Option<(Instant, Seen)>>>,
}

/// What was seen when it was last looked.
#[derive(Clone)]
struct Seen {
    store: bool,
    trusts: Value,
}

impl Health {
    pub(super) fn new(edge: &Edge) -> Self {
        Self { edge: edge.clone(), last: Arc::default() }
    }

    /// Strangers may ask as often as they like: it is looked once in a second.
    async fn seen(&self) -> Seen {
        let mut last = self.last.lock().await;
        if let Some((_, seen)) = last.as_ref().filter(|(at, _)| at.elapsed() < FRESH) {
            return seen.clone();
        }
        let seen = Seen { store: self.store_answers().await, trusts: self.trusts() };
        *last = Some((Instant::now(), seen.clone()));
        seen
    }

    async fn store_answers(&self) -> bool {
        let (Some(keys), Ok(nobody)) = (self.edge.api_keys(), KeyId::new("key_readiness")) else { return false };
        matches!(tokio::time::timeout(PATIENCE, keys.key(&nobody)).await, Ok(Ok(_)))
    }

    /// Of each trusted issuer, whether there is a key set of it. Without one its tokens are answered
    /// with 503; everything else goes on, so readiness does not ask for it.
    fn trusts(&self) -> Value {
        let state = |(issuer, keys): (IssuerId, KeySetState)| json!({ "issuer": issuer, "key_set": keys.has_keys() });
        self.edge.trusted().into_iter().map(state).collect()
    }
}

/// `GET /healthz`: it answers, so it lives. `service` tells the command line whom it speaks to.
pub(super) async fn live() -> Response {
    ([NO_STORE], Json(json!({ "service": SERVICE, "status": "ok" }))).into_response()
}

/// `GET /readyz`: 503 while the store does not answer.
pub(super) async fn ready(State(health): State<Health>) -> Response {
    let Seen { store, trusts } = health.seen().await;
    if store {
        return ([NO_STORE], Json(json!({ "status": "ready", "store": true, "trusts": trusts }))).into_response();
    }
    let problem = json!({
        "type": "about:blank", "title": "Service Unavailable", "status": 503,
        "detail": "the store does not answer", "store": false, "trusts": trusts,
    });
    let headers = [NO_STORE, (header::CONTENT_TYPE, "application/problem+json"), (header::RETRY_AFTER, "1")];
    (StatusCode::SERVICE_UNAVAILABLE, headers, problem.to_string()).into_response()
}

/// How this program names itself.
pub(crate) const SERVICE: &str = "remint-gateway";

const NO_STORE: (header::HeaderName, &str) = (header::CACHE_CONTROL, "no-store");
const PATIENCE: Duration = Duration::from_secs(2);
const FRESH: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use remint::{MemoryStore, Remint};
    use remint_testkit::key_store::Severable;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn while_the_store_does_not_answer_it_is_not_ready_and_lives() {
        let store = Severable::new(MemoryStore::default());
        let edge = Remint::builder("https://auth.internal", "internal").api_keys(store.clone()).ephemeral_keys();
        let edge = edge.build().await.unwrap();
        let health = Health::new(&edge);
        let status = || async { ready(State(health.clone())).await.status() };
        assert_eq!(status().await, StatusCode::OK);
        store.sever();
        assert_eq!(status().await, StatusCode::OK, "looked twice in a second");
        tokio::time::advance(FRESH).await;
        let answer = ready(State(health.clone())).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(live().await.status(), StatusCode::OK);
        store.mend();
        tokio::time::advance(FRESH).await;
        assert_eq!(status().await, StatusCode::OK);
    }
}
