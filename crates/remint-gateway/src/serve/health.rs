use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use remint::{Edge, IssuerId, KeyId, KeySetState, ReplayStore, SystemClock};
use remint_core::{Clock as _, ReplayKey, Unavailable};
use remint_exchange::{BreakerState, RemoteExchanger};
use remint_guard::{ProblemDocument, retry_after};
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::problem::answer;

/// Whether this process lives, and whether it can do its work.
#[derive(Clone)]
pub(super) struct Health {
    needs: Needs,
    last: Arc<Mutex<Option<(Instant, Seen)>>>,
}

/// What it cannot do its work without.
#[derive(Clone)]
enum Needs {
    /// A store, which the edge is over, and where it is tried whether the store can be written.
    Store(Edge, Arc<dyn ReplayStore>),
    /// A server.
    Server(RemoteExchanger),
}

/// What was seen when it was last looked.
#[derive(Clone)]
struct Seen {
    ready: bool,
    /// What is missing if it is not ready.
    missing: &'static str,
    details: Map<String, Value>,
    /// What only an operator is told: which issuers there are.
    issuers: Map<String, Value>,
}

impl Health {
    /// Of an edge with keys, whose store is written through `replays`.
    pub(super) fn new(edge: &Edge, replays: Arc<dyn ReplayStore>) -> Self {
        Self { needs: Needs::Store(edge.clone(), replays), last: Arc::default() }
    }

    /// Of an edge without.
    pub(super) fn of_server(exchanger: &RemoteExchanger) -> Self {
        Self { needs: Needs::Server(exchanger.clone()), last: Arc::default() }
    }

    /// Strangers may ask as often as they like: it is looked once in a second.
    async fn seen(&self) -> Seen {
        let mut last = self.last.lock().await;
        if let Some((_, seen)) = last.as_ref().filter(|(at, _)| at.elapsed() < FRESH) {
            return seen.clone();
        }
        let seen = match &self.needs {
            Needs::Store(edge, replays) => store(edge, replays).await,
            Needs::Server(exchanger) => server(exchanger).await,
        };
        *last = Some((Instant::now(), seen.clone()));
        seen
    }
}

/// `peppers` is whether every pepper that a live key names is here: keys of another are answered with 503.
/// A store that can only be read (a full disk, a replica) is not ready: no key could be revoked. Nor is one whose
/// revocation log was not read for longer than is allowed (`log`): everything is answered with 503 then.
/// Of each trusted issuer it is told whether there is a key set of it. Without one its tokens are answered
/// with 503; everything else goes on, so readiness does not ask for it.
async fn store(edge: &Edge, replays: &dyn ReplayStore) -> Seen {
    let (reads, peppers) = match (edge.api_keys(), KeyId::new("key_readiness")) {
        (Some(keys), Ok(nobody)) => (
            matches!(timeout(PATIENCE, keys.key(&nobody)).await, Ok(Ok(_))),
            matches!(timeout(PATIENCE, keys.missing_peppers()).await, Ok(Ok(missing)) if missing.is_empty()),
        ),
        _ => (false, false),
    };
    let log = matches!(timeout(PATIENCE, edge.revocations().stay_in_step()).await, Ok(Ok(())));
    let writes = reads && matches!(timeout(PATIENCE, written(replays)).await, Ok(Ok(())));
    let state = |(issuer, keys): (IssuerId, KeySetState)| json!({ "issuer": issuer, "key_set": keys.has_keys() });
    let trusts = edge.trusted().into_iter().map(state).collect();
    let details = [("store", reads), ("writes", writes), ("log", log), ("peppers", peppers)];
    let details = details.into_iter().map(|(name, is_well)| (name.to_owned(), is_well.into())).collect();
    let issuers = Map::from_iter([("trusts".to_owned(), trusts)]);
    let missing = match (reads, log) {
        (false, _) => "the store does not answer",
        (true, false) => "the revocation log was not read for revocation.max_staleness",
        (true, true) => "the store cannot be written",
    };
    Seen { ready: writes && log, missing, details, issuers }
}

/// Writes to the store what it forgets a few minutes later.
async fn written(replays: &dyn ReplayStore) -> Result<(), Unavailable> {
    let mut key = [0; 32];
    // No two probes are the same: the second would write nothing. Other keys are digests.
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().to_be_bytes();
    let unique = b"readiness".iter().copied().chain(std::process::id().to_be_bytes()).chain(time);
    key.iter_mut().zip(unique).for_each(|(byte, unique)| *byte = unique);
    let now = SystemClock.now();
    replays.first_use(ReplayKey(key), now, now).await.map(drop)
}

/// The server answers if it gives its keys. The breaker before its token endpoint is reported, and readiness
/// does not depend on it: an edge that no traffic reaches would never find out that the server answers again.
async fn server(exchanger: &RemoteExchanger) -> Seen {
    let answers = matches!(timeout(PATIENCE, exchanger.keys().refresh()).await, Ok(Ok(())));
    let is_open =
        matches!(exchanger.endpoint().breaker(), BreakerState::Open { retry_after } if !retry_after.is_zero());
    let mut server = json!({ "key_set": answers, "token_endpoint": !is_open });
    let details = Map::from_iter([("server".to_owned(), server.clone())]);
    if let Some(server) = server.as_object_mut() {
        server.insert("issuer".to_owned(), exchanger.issuer().as_str().into());
    }
    let issuers = Map::from_iter([("server".to_owned(), server)]);
    Seen { ready: answers, missing: "the server does not answer", details, issuers }
}

/// `GET /healthz`: it answers, so it lives. `service` says whose health it is.
pub(super) async fn live() -> Response {
    ([NO_STORE], Json(json!({ "service": SERVICE, "status": "ok" }))).into_response()
}

/// `GET /readyz`: 503 while the store, or the server of an edge without keys, does not answer, or the store cannot be
/// written. It names no issuer:
/// that is nothing for strangers.
pub(super) async fn ready(State(health): State<Health>) -> Response {
    let Seen { ready, missing, details, .. } = health.seen().await;
    readiness(ready, missing, details)
}

/// The same for operators, with what is known of each issuer.
pub(super) async fn ready_with_issuers(State(health): State<Health>) -> Response {
    let Seen { ready, missing, mut details, issuers } = health.seen().await;
    details.extend(issuers);
    readiness(ready, missing, details)
}

fn readiness(ready: bool, missing: &'static str, mut details: Map<String, Value>) -> Response {
    if ready {
        details.insert("status".to_owned(), "ready".into());
        return ([NO_STORE], Json(details)).into_response();
    }
    let document = ProblemDocument::new(StatusCode::SERVICE_UNAVAILABLE).with_detail(missing).with_members(details);
    let mut response = answer(document);
    response.headers_mut().insert(header::RETRY_AFTER, retry_after(Duration::from_secs(1)));
    response
}

/// How this program names itself.
pub(crate) const SERVICE: &str = "remint-gateway";

const NO_STORE: (header::HeaderName, &str) = (header::CACHE_CONTROL, "no-store");
const PATIENCE: Duration = Duration::from_secs(2);
const FRESH: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use axum::Router;
    use axum::routing::{get, post};
    use remint::{Credential, CredentialForm, Exchanger as _, MemoryStore, Refusal, Remint, Slot};
    use remint_conformance::key_store::Severable;
    use remint_core::{Timestamp, UnavailableKind};
    use remint_exchange::{BreakerSettings, ClientCredentials, ClientSecret, EndpointSettings, KeySource, Url};
    use remint_jwt::{Algorithm, SigningKey};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn while_the_store_does_not_answer_it_is_not_ready_and_lives() {
        let store = Severable::new(MemoryStore::default());
        let edge = Remint::builder("https://auth.internal", "internal").api_keys(store.clone()).ephemeral_keys();
        let edge = edge.build().await.unwrap();
        let (replays, broken) = FailingWrites::with_switch();
        let health = Health::new(&edge, replays);
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
        broken.store(true, Ordering::Relaxed);
        tokio::time::advance(FRESH).await;
        let answer = ready(State(health.clone())).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        let body = axum::body::to_bytes(answer.into_body(), 4096).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((&body["store"], &body["writes"]), (&json!(true), &json!(false)), "{body}");
    }

    /// Remembers nothing, and fails when it is told to.
    #[derive(Debug)]
    struct FailingWrites(Arc<AtomicBool>);

    impl FailingWrites {
        fn with_switch() -> (Arc<dyn ReplayStore>, Arc<AtomicBool>) {
            let broken = Arc::<AtomicBool>::default();
            (Arc::new(Self(Arc::clone(&broken))), broken)
        }
    }

    #[async_trait::async_trait]
    impl ReplayStore for FailingWrites {
        async fn first_use(&self, _: ReplayKey, _: Timestamp, _: Timestamp) -> Result<bool, Unavailable> {
            let outage = || Unavailable::new(UnavailableKind::Store);
            if self.0.load(Ordering::Relaxed) { Err(outage()) } else { Ok(true) }
        }
    }

    #[tokio::test]
    async fn while_the_token_endpoint_is_left_alone_an_edge_without_keys_says_so_and_stays_ready() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = |path: &str| format!("http://{}{path}", listener.local_addr().unwrap()).parse::<Url>().unwrap();
        let (token_endpoint, keys) = (url("/token"), KeySource::JwksUri(url("/keys")));
        let key = SigningKey::generate(Algorithm::Es256).unwrap().public_jwk().to_json();
        let server = Router::new()
            .route("/keys", get(|| async move { Json(json!({ "keys": [key] })) }))
            .route("/token", post(|| async { StatusCode::INTERNAL_SERVER_ERROR }));
        tokio::spawn(async { axum::serve(listener, server).await });

        let minute = Duration::from_secs(60);
        let breaker = BreakerSettings { failures: 1, cool_down: minute, max_cool_down: minute };
        let secret = ClientCredentials::secret_basic("edge-1".parse().unwrap(), ClientSecret::new("secret"));
        let (issuer, audience) = ("https://auth.internal".parse().unwrap(), "internal".parse().unwrap());
        let exchanger = RemoteExchanger::builder(issuer, audience, secret)
            .token_endpoint(token_endpoint)
            .keys(keys)
            .endpoint_settings(EndpointSettings { retries: 0, breaker, ..EndpointSettings::default() })
            .build()
            .unwrap();
        assert_eq!(server_seen(&exchanger).await, (StatusCode::OK, true));
        let credential = Credential::new(Slot::ApiKeyHeader, CredentialForm::ApiKey, "rmt_live_x");
        assert!(matches!(exchanger.exchange(credential).await, Err(Refusal::Unavailable(_))));
        assert_eq!(server_seen(&exchanger).await, (StatusCode::OK, false));
    }

    /// Whether the edge is ready, and whether its token endpoint is reported as there.
    async fn server_seen(exchanger: &RemoteExchanger) -> (StatusCode, bool) {
        let answer = ready(State(Health::of_server(exchanger))).await;
        let status = answer.status();
        let body = axum::body::to_bytes(answer.into_body(), 4096).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        (status, body["server"]["token_endpoint"].as_bool().unwrap())
    }
}
