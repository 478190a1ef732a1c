use std::time::{SystemTime, UNIX_EPOCH};

use remint::Trust;
use remint_jwt::{Algorithm, JwkSet, SigningKey};
use serde_json::json;

use crate::Outcome;

/// An external issuer: a key pair. It logs nobody in.
#[derive(Debug)]
pub(crate) struct Idp(SigningKey);

impl Idp {
    pub(crate) fn new() -> Outcome<Self> {
        Ok(Self(SigningKey::generate(Algorithm::Es256)?))
    }

    /// How the authorization server trusts it; a real one has a `jwks_uri`.
    pub(crate) fn trust(&self) -> Outcome<Trust> {
        let keys = json!({ "keys": [self.0.public_jwk().to_json()] }).to_string();
        let trust = Trust::oidc(ISSUER, "api").named("idp").key_set(JwkSet::parse(keys.as_bytes())?);
        Ok(trust.tenant("acme").allow_scopes(["orders:read", "stock:read"]))
    }

    /// Bob's access token.
    pub(crate) fn token(&self) -> Outcome<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let claims = json!({
            "iss": ISSUER, "aud": "api", "sub": "bob", "client_id": "app", "jti": format!("bob-{now}"),
            "scope": "orders:read stock:read", "iat": now, "exp": now + 3600,
        });
        Ok(self.0.sign("at+jwt", &claims)?)
    }
}

const ISSUER: &str = "https://idp.example";
