use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use remint::{Algorithm, JwkSet, SigningKey, Trust};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A provider in this process, over a real socket.
pub(crate) struct Provider {
    issuer: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    state: Mutex<Keys>,
    /// How often the key set was asked for.
    fetched: watch::Sender<usize>,
}

struct Keys {
    signing: Arc<SigningKey>,
    published: Value,
    /// What the next answer holds in place of what is published.
    stale: Option<Value>,
    asked_at: Vec<Instant>,
    tokens: u64,
}

impl Provider {
    pub(crate) async fn start() -> Self {
        let socket = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let issuer = format!("http://{}", socket.local_addr().unwrap());
        let signing = key();
        let published = set(&[&signing]);
        let state = Keys { signing, published, stale: None, asked_at: Vec::new(), tokens: 0 };
        let shared = Arc::new(Shared { state: Mutex::new(state), fetched: watch::Sender::new(0) });
        let document = json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/jwks") });
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(async move || Json(document)))
            .route("/jwks", get(jwks).with_state(Arc::clone(&shared)));
        let task = tokio::spawn(async move { axum::serve(socket, app).await.unwrap() });
        Self { issuer, shared, task }
    }

    pub(crate) fn trust(&self) -> Trust {
        Trust::oidc(&*self.issuer, "api").named("idp")
    }

    /// A token that nobody has seen before, under the key that signs now.
    pub(crate) fn token(&self) -> String {
        let (signing, number) = {
            let mut state = self.state();
            state.tokens += 1;
            (Arc::clone(&state.signing), state.tokens)
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let claims = json!({
            "iss": self.issuer, "aud": "api", "sub": "alice", "jti": number.to_string(), "iat": now, "exp": now + 300,
        });
        signing.sign("at+jwt", &claims).unwrap()
    }

    /// Publishes another key beside the one that signs.
    pub(crate) fn announce(&self) -> Arc<SigningKey> {
        let next = key();
        let mut state = self.state();
        state.published = set(&[&state.signing, &next]);
        next
    }

    /// From now on this key signs.
    pub(crate) fn promote(&self, next: Arc<SigningKey>) {
        self.state().signing = next;
    }

    /// Publishes the key that signs and no other.
    pub(crate) fn retire(&self) {
        let mut state = self.state();
        state.published = set(&[&state.signing]);
    }

    /// Another key signs and is published alone, but the next answer is the old one: as a cache before it has it.
    pub(crate) fn rotate_behind_a_stale_copy(&self) {
        let mut state = self.state();
        state.signing = key();
        let published = set(&[&state.signing]);
        state.stale = Some(std::mem::replace(&mut state.published, published));
    }

    /// When the key set was asked for.
    pub(crate) fn asked_at(&self) -> Vec<Instant> {
        self.state().asked_at.clone()
    }

    /// Waits until the key set was asked for so many more times.
    pub(crate) async fn fetched(&self, more: usize) {
        let mut fetched = self.shared.fetched.subscribe();
        let goal = *fetched.borrow() + more;
        fetched.wait_for(|count| *count >= goal).await.unwrap();
    }

    fn state(&self) -> MutexGuard<'_, Keys> {
        self.shared.state.lock().unwrap()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn jwks(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let answer = {
        let mut state = shared.state.lock().unwrap();
        state.asked_at.push(Instant::now());
        state.stale.take().unwrap_or_else(|| state.published.clone())
    };
    shared.fetched.send_modify(|count| *count += 1);
    Json(answer)
}

fn key() -> Arc<SigningKey> {
    Arc::new(SigningKey::generate(Algorithm::Es256).unwrap())
}

fn set(keys: &[&Arc<SigningKey>]) -> Value {
    JwkSet::try_from(keys.iter().map(|key| key.public_jwk().clone()).collect::<Vec<_>>()).unwrap().to_json()
}
