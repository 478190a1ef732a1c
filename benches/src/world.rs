//! A provider with real keys, an edge that trusts it, and users with API keys.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use remint_apikey::{ApiKeys, MemoryStore, NewKey, NewUser, Pepper, Peppers};
use remint_core::{Audience, Clock, Environment, IssuerId, SystemClock, UserId};
use remint_issuer::Issuer;
use remint_jwt::{Algorithm, JwkSet, SigningKey};
use remint_keyset::HttpClient;
use remint_normalize::{Normalizer, NormalizerBuilder};
use remint_oidc::{OidcAuthenticator, Trust};
use remint_revocation::Revocations;
use serde_json::json;

use crate::service::poll_now;

/// The provider's issuer.
pub const IDP: &str = "https://idp.example";

/// A provider that signs with one algorithm.
#[derive(Debug)]
pub struct Provider {
    /// Its key.
    pub key: SigningKey,
}

impl Provider {
    /// A provider with a fresh key.
    #[must_use]
    pub fn new(algorithm: Algorithm) -> Self {
        Self { key: SigningKey::generate(algorithm).expect("a key") }
    }

    /// Its key set as JSON.
    #[must_use]
    pub fn jwks(&self) -> String {
        json!({ "keys": [self.key.public_jwk().to_json()] }).to_string()
    }

    /// A token of about `length` bytes, different for each number.
    #[must_use]
    pub fn token(&self, number: u32, length: usize) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        let claims = |pad: usize| {
            json!({
                "iss": IDP, "aud": "api", "sub": format!("user-{number:08}"), "client_id": "web", "iat": now,
                "exp": now + 3600, "jti": format!("token-{number:08}"), "scope": "jobs:read jobs:write",
                "org_id": "acme", "pad": "x".repeat(pad),
            })
        };
        let sign = |pad| self.key.sign("at+jwt", &claims(pad)).expect("a token");
        let short = sign(0).len();
        sign(length.saturating_sub(short) * 3 / 4)
    }

    /// A line that trusts this provider and mints ES256.
    #[must_use]
    pub fn line(&self) -> NormalizerBuilder {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let set = JwkSet::parse(self.jwks().as_bytes()).expect("a key set");
        let trust = Trust::oidc(IDP, "api").key_set(set).any_scope().any_tenant();
        let http = Arc::new(HttpClient::new().expect("a client"));
        let oidc = OidcAuthenticator::new(internal(), [trust], http, clock).expect("a trust");
        Normalizer::builder(internal(), audience(), issuer(Algorithm::Es256)).authenticator(oidc)
    }
}

/// The internal issuer's name.
///
/// # Panics
///
/// Never: it is a name.
#[must_use]
pub fn internal() -> IssuerId {
    IssuerId::new("https://auth.internal").expect("a name")
}

/// The internal audience.
///
/// # Panics
///
/// Never: it is a name.
#[must_use]
pub fn audience() -> Audience {
    Audience::new("internal").expect("a name")
}

/// An internal issuer with a fresh key in memory.
///
/// # Panics
///
/// If the operating system has no randomness.
#[must_use]
pub fn issuer(algorithm: Algorithm) -> Arc<Issuer> {
    Arc::new(Issuer::builder(internal(), audience()).algorithm(algorithm).build().expect("an issuer"))
}

/// Users' keys in memory, and the text of one of them.
///
/// # Panics
///
/// If the operating system has no randomness.
#[must_use]
pub fn api_keys() -> (ApiKeys, String) {
    let revocations = Arc::new(Revocations::in_memory(SystemClock).expect("a log"));
    let peppers = Peppers::new(Pepper::from_bytes(&[7; 32]).expect("a pepper"));
    let keys = ApiKeys::new(Arc::new(MemoryStore::new()), peppers, revocations);
    let user = UserId::new("alice").expect("a name");
    poll_now(keys.create_user(NewUser::new(user.clone()))).expect("a user");
    let (key, _) = poll_now(keys.create(NewKey::new(user, Environment::Live))).expect("a key");
    (keys, key.expose_secret().to_owned())
}
