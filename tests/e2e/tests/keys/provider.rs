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

    /// A token that nobody has seen before, and the key that signs now, whose it is.
    pub(crate) fn token(&self) -> (String, Arc<SigningKey>) {
        let (signing, number) = {
            let mut state = self.state();
            state.tokens += 1;
            (Arc::clone(&state.signing), state.tokens)
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let claims = json!({
            "iss": self.issuer, "aud": "api", "sub": "alice", "jti": number.to_string(), "iat": now, "exp": now + 300,
        });
        (signing.sign("at+jwt", &claims).unwrap(), signing)
    }

    /// Publishes another key beside the one that signs, and returns when the readers of the set have it.
    pub(crate) async fn announce(&self) -> Arc<SigningKey> {
        let next = key();
        let before = {
            let mut state = self.state();
            state.published = set(&[&state.signing, &next]);
            state.asked_at.len()
        };
        // The next answer has it, and was read when it is asked for once more.
        self.shared.fetched.subscribe().wait_for(|count| *count >= before + 2).await.unwrap();
        next
    }

    /// From now on this key signs; returns the one before, which each of its tokens that is not used up holds as well.
    pub(crate) fn promote(&self, next: Arc<SigningKey>) -> Arc<SigningKey> {
        std::mem::replace(&mut self.state().signing, next)
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
    let mut state = shared.state.lock().unwrap();
    state.asked_at.push(Instant::now());
    shared.fetched.send_replace(state.asked_at.len());
    Json(state.stale.take().unwrap_or_else(|| state.published.clone()))
}

fn key() -> Arc<SigningKey> {
    Arc::new(SigningKey::generate(Algorithm::Es256).unwrap())
}

fn set(keys: &[&Arc<SigningKey>]) -> Value {
    JwkSet::try_from(keys.iter().map(|key| key.public_jwk().clone()).collect::<Vec<_>>()).unwrap().to_json()
}
