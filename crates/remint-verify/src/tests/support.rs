use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use remint_core::{Audience, Clock, IssuerId};
use remint_jwt::{Algorithm, JwkSet, SigningKey};
use remint_testkit::ManualClock;
use serde_json::{Value, json};

use crate::{Verifier, VerifierBuilder};

pub(super) const ISSUER: &str = "https://auth.internal";
pub(super) const AUDIENCE: &str = "internal";

/// An issuer of internal tokens, and who reads its keys how often.
pub(super) struct Mint {
    pub(super) key: SigningKey,
    pub(super) clock: ManualClock,
    pub(super) look_ups: Arc<AtomicUsize>,
}

impl Mint {
    pub(super) fn new() -> Self {
        Self::with(Algorithm::Es256)
    }

    pub(super) fn with(algorithm: Algorithm) -> Self {
        Self { key: SigningKey::generate(algorithm).unwrap(), clock: ManualClock::default(), look_ups: Arc::default() }
    }

    pub(super) fn now(&self) -> u64 {
        self.clock.now().as_secs()
    }

    /// What the issuer writes for a key's caller, for five minutes.
    pub(super) fn claims(&self) -> Value {
        json!({
            "iss": ISSUER, "aud": [AUDIENCE], "sub": "alice", "jti": "t-1", "client_id": "k-1",
            "iat": self.now(), "nbf": self.now(), "exp": self.now() + 300,
            "env": "live", "cred": { "kind": "api_key", "id": "k-1" }, "scope": "jobs:read jobs:write",
        })
    }

    pub(super) fn token(&self) -> String {
        self.sign("at+jwt", &self.claims())
    }

    /// The usual claims with some replaced, or, by `null`, left out.
    pub(super) fn token_with(&self, changes: Value) -> String {
        let mut claims = self.claims();
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        self.sign("at+jwt", &claims)
    }

    pub(super) fn sign(&self, typ: &str, claims: &Value) -> String {
        self.key.sign(typ, claims).unwrap()
    }

    pub(super) fn key_set(&self) -> Arc<JwkSet> {
        Arc::new(JwkSet::try_from(vec![self.key.public_jwk().clone()]).unwrap())
    }

    pub(super) fn builder(&self) -> VerifierBuilder {
        let (keys, look_ups) = (self.key_set(), Arc::clone(&self.look_ups));
        bare_builder(self).local_keys(move || {
            look_ups.fetch_add(1, Ordering::SeqCst);
            Arc::clone(&keys)
        })
    }

    pub(super) async fn verifier(&self) -> Verifier {
        self.builder().build().await.unwrap()
    }

    /// How often a key was looked up: once for every signature verified.
    pub(super) fn signatures(&self) -> usize {
        self.look_ups.load(Ordering::SeqCst)
    }
}

pub(super) fn bare_builder(mint: &Mint) -> VerifierBuilder {
    let builder = Verifier::builder(IssuerId::new(ISSUER).unwrap(), Audience::new(AUDIENCE).unwrap());
    builder.clock(Arc::new(mint.clock.clone()))
}

/// Why a token is refused.
pub(super) async fn reason(verifier: &Verifier, token: &str) -> &'static str {
    verifier.verify(token).await.unwrap_err().reason()
}
