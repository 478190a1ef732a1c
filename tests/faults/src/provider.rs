use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::routing::get;
use axum::{Json, Router};
use remint::{Algorithm, JwkSet, SigningKey};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::Outcome;
use crate::node::AUDIENCE;

/// An OpenID provider over HTTP, which can be taken away and comes back at the same address.
#[derive(Debug)]
pub(crate) struct Provider {
    address: SocketAddr,
    key: SigningKey,
    app: Router,
    serving: Mutex<Option<JoinHandle<()>>>,
}

/// Who a token is for.
#[derive(Debug, Clone)]
pub(crate) struct Claims<'a> {
    pub(crate) subject: &'a str,
    pub(crate) session: &'a str,
    pub(crate) id: &'a str,
    pub(crate) lives: Duration,
}

impl Provider {
    pub(crate) async fn start() -> Outcome<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let issuer = format!("http://{address}");
        let key = SigningKey::generate(Algorithm::Es256)?;
        let keys = JwkSet::try_from(vec![key.public_jwk().clone()])?.to_json();
        let discovery = json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/jwks") });
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(move || async move { Json(discovery) }))
            .route("/jwks", get(move || async move { Json(keys) }));
        let provider = Self { address, key, app, serving: Mutex::default() };
        provider.serve(listener);
        Ok(provider)
    }

    pub(crate) fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Nobody listens any more.
    pub(crate) fn stop(&self) {
        let mut serving = self.serving.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(serving) = serving.take() {
            serving.abort();
        }
    }

    pub(crate) async fn start_again(&self) -> Outcome<()> {
        self.serve(TcpListener::bind(self.address).await?);
        Ok(())
    }

    /// A token that was issued some minutes ago.
    pub(crate) fn token(&self, claims: &Claims<'_>) -> Outcome<String> {
        let Claims { subject, session, id, lives } = claims;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let issued = now.saturating_sub(ISSUED_BEFORE).as_secs();
        let ends = (now + *lives).as_secs();
        Ok(self.key.sign(
            "at+jwt",
            &json!({
                "iss": self.issuer(), "aud": AUDIENCE, "sub": subject, "sid": session, "jti": id, "client_id": "app",
                "iat": issued, "exp": ends,
            }),
        )?)
    }

    fn serve(&self, listener: TcpListener) {
        let app = self.app.clone();
        let task = tokio::spawn(async move { _ = axum::serve(listener, app).await });
        *self.serving.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(task);
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.stop();
    }
}

/// More than a clock that is off is behind, so that no node takes a token for one from the future.
const ISSUED_BEFORE: Duration = Duration::from_secs(2 * 3600);
