use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::routing::get;
use axum::{Json, Router};
use remint_jwt::{Algorithm, JwkSet, SigningKey};
use serde_json::json;

use crate::Outcome;
use crate::server::Server;

/// A demo OpenID provider: discovery, a key set, and tokens for whoever asks. It logs nobody in.
#[derive(Debug)]
pub(crate) struct DemoProvider {
    server: Server,
    key: SigningKey,
}

impl DemoProvider {
    /// The audience of its access tokens.
    pub(crate) const AUDIENCE: &str = "quickstart-api";
    /// Whom its access tokens are about.
    pub(crate) const SUBJECT: &str = "bob";

    pub(crate) async fn start() -> Outcome<Self> {
        let key = SigningKey::generate(Algorithm::Rs256)?;
        let keys = JwkSet::try_from(vec![key.public_jwk().clone()])?.to_json();
        let socket = Server::any_port().await?;
        let issuer = format!("http://{}", socket.local_addr()?);
        // OpenID Connect Discovery §3: what a verifier reads of it.
        let discovery = json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/jwks") });
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(|| async { Json(discovery) }))
            .route("/jwks", get(|| async { Json(keys) }));
        Ok(Self { server: Server::start(socket, app)?, key })
    }

    pub(crate) fn issuer(&self) -> &str {
        self.server.url()
    }

    /// An access token (RFC 9068) that is good for twelve hours.
    pub(crate) fn access_token(&self) -> Outcome<String> {
        self.sign(now()?, TWELVE_HOURS)
    }

    /// One that ended a minute ago.
    pub(crate) fn expired_token(&self) -> Outcome<String> {
        self.sign(now()?.saturating_sub(TWELVE_HOURS + Duration::from_secs(60)), TWELVE_HOURS)
    }

    fn sign(&self, issued_at: Duration, lifetime: Duration) -> Outcome<String> {
        let claims = json!({
            "iss": self.issuer(),
            "aud": Self::AUDIENCE,
            "sub": Self::SUBJECT,
            "client_id": "demo-app",
            "iat": issued_at.as_secs(),
            "exp": (issued_at + lifetime).as_secs(),
            "jti": format!("demo-{}", issued_at.as_nanos()),
            // The edge lets `orders:read` pass and nothing else.
            "scope": "openid orders:read everything:delete",
            "org_id": "acme",
            "app_metadata": { "plan": "gold" },
        });
        Ok(self.key.sign("at+jwt", &claims)?)
    }
}

/// Since the Unix epoch.
fn now() -> Outcome<Duration> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?)
}

const TWELVE_HOURS: Duration = Duration::from_secs(12 * 60 * 60);
