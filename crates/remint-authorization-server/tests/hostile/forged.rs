//! Credentials of every kind that are not what they say.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use remint_apikey::{ApiKeys, MemoryStore, NewUser, Pepper, Peppers};
use remint_core::{Clock as _, Environment, SystemClock, UserId};
use remint_jwt::{Algorithm, SigningKey};
use remint_testkit::RecordingRevoker;
use serde_json::{Value, json};

use crate::world::{World, bearer, key};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    UnknownKid,
    NoKid,
    KnownKid,
    AnotherSignature,
    Expired,
    AnotherAudience,
    UntrustedIssuer,
    OurIssuer,
    DeadIssuer,
    HangingIssuer,
    Bound,
    BoundForged,
    NoAlgorithm,
    NotAToken,
    GarbageKey,
    KeyOfAnotherStore,
    OpaqueNotActive,
    OpaqueOfADeadIssuer,
}

pub(crate) const KINDS: [Kind; 18] = [
    Kind::UnknownKid,
    Kind::NoKid,
    Kind::KnownKid,
    Kind::AnotherSignature,
    Kind::Expired,
    Kind::AnotherAudience,
    Kind::UntrustedIssuer,
    Kind::OurIssuer,
    Kind::DeadIssuer,
    Kind::HangingIssuer,
    Kind::Bound,
    Kind::BoundForged,
    Kind::NoAlgorithm,
    Kind::NotAToken,
    Kind::GarbageKey,
    Kind::KeyOfAnotherStore,
    Kind::OpaqueNotActive,
    Kind::OpaqueOfADeadIssuer,
];

impl Kind {
    /// 401, unless nobody can say.
    pub(crate) const fn answer(self) -> StatusCode {
        match self {
            Self::DeadIssuer | Self::HangingIssuer | Self::OpaqueOfADeadIssuer => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::UNAUTHORIZED,
        }
    }
}

#[derive(Clone)]
pub(crate) struct Forger {
    world: World,
    key: Arc<SigningKey>,
    keys: Vec<String>,
    minted: String,
}

impl Forger {
    pub(crate) async fn new(world: &World) -> Self {
        let peppers = Peppers::new(Pepper::from_bytes(&[9; 32]).unwrap());
        let elsewhere = ApiKeys::new(Arc::new(MemoryStore::new()), peppers, Arc::new(RecordingRevoker::default()));
        let mut keys = Vec::new();
        for n in 0..100 {
            let user = NewUser::new(UserId::new(format!("mallory-{n}")).unwrap());
            let made = elsewhere.sign_up(user.issuing([Environment::Live])).await.unwrap();
            keys.push(made.keys[0].0.expose_secret().to_owned());
        }
        let minted = world.minted(1).await.remove(0);
        Self { world: world.clone(), key: Arc::new(SigningKey::generate(Algorithm::Es256).unwrap()), keys, minted }
    }

    /// The n-th forged credential, for an edge that exchanges.
    pub(crate) fn request(&self, n: usize) -> Request<Body> {
        let now = SystemClock.now().as_secs();
        let world = &self.world;
        let named = |changes: Value| {
            let mut claims = world.claims(changes);
            claims["jti"] = format!("forged-{n}").into();
            claims["sub"] = "mallory".into();
            claims
        };
        // A stranger chooses `iat` as well.
        let fresh = named(json!({ "iat": now - (n as u64 % 7) * 20 }));
        let kid = world.provider.key_id();
        match KINDS[n % KINDS.len()] {
            Kind::UnknownKid => bearer(&self.key.sign("at+jwt", &fresh).unwrap()),
            Kind::NoKid => bearer(&self.with_header(&json!({ "alg": "ES256", "typ": "at+jwt" }), &fresh)),
            Kind::KnownKid => {
                bearer(&self.with_header(&json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid }), &fresh))
            }
            Kind::AnotherSignature => bearer(&spoiled(&world.provider.sign(&fresh))),
            Kind::Expired => bearer(&world.provider.sign(&named(json!({ "exp": now - 1 })))),
            Kind::AnotherAudience => bearer(&world.provider.sign(&named(json!({ "aud": "other" })))),
            Kind::UntrustedIssuer => bearer(&self.of("https://evil.example", named(json!({})))),
            Kind::OurIssuer => bearer(&self.of("https://auth.internal", named(json!({ "aud": "internal" })))),
            Kind::DeadIssuer => bearer(&self.of(&world.dead, named(json!({})))),
            Kind::HangingIssuer => bearer(&self.of(&world.hanging, named(json!({})))),
            // Genuine, and without a proof.
            Kind::Bound => {
                let claims = world.claims(json!({ "cnf": { "jkt": kid }, "jti": format!("bound-{n}") }));
                bearer(&world.provider.sign(&claims))
            }
            Kind::BoundForged => bearer(&self.key.sign("at+jwt", &named(json!({ "cnf": { "jkt": kid } }))).unwrap()),
            Kind::NoAlgorithm => bearer(&self.with_header(&json!({ "alg": "none", "typ": "at+jwt" }), &fresh)),
            Kind::NotAToken => bearer(&format!("a.{n}.c")),
            Kind::GarbageKey => key(&format!("rmt_live_{n}")),
            Kind::KeyOfAnotherStore => key(&self.keys[n / KINDS.len() % self.keys.len()]),
            Kind::OpaqueNotActive => bearer(&format!("op_a_{n}")),
            Kind::OpaqueOfADeadIssuer => bearer(&format!("op_b_{n}")),
        }
    }

    /// The n-th forged token of our own issuer, for an edge that asks about it.
    pub(crate) fn internal(&self, n: usize) -> Request<Body> {
        let now = SystemClock.now().as_secs();
        let claims = |changes: Value| {
            let mut claims = self.world.claims(changes);
            claims["iss"] = "https://auth.internal".into();
            claims["aud"] = "internal".into();
            claims["jti"] = format!("forged-{n}").into();
            claims
        };
        match n % 6 {
            0 => bearer(&self.key.sign("at+jwt", &claims(json!({}))).unwrap()),
            1 => bearer(&self.with_header(&json!({ "alg": "ES256", "typ": "at+jwt" }), &claims(json!({})))),
            2 => bearer(&spoiled(&self.minted)),
            3 => bearer(&self.key.sign("at+jwt", &claims(json!({ "exp": now - 1 }))).unwrap()),
            4 => bearer(&format!("rmt_live_{n}")),
            _ => bearer(&self.keys[n % self.keys.len()]),
        }
    }

    /// A token of a key that `issuer` does not have, with these claims changed.
    pub(crate) fn of(&self, issuer: &str, changes: Value) -> String {
        let mut claims = self.world.claims(changes);
        claims["iss"] = issuer.into();
        self.key.sign("at+jwt", &claims).unwrap()
    }

    /// A token with this header and a signature of the forger's.
    fn with_header(&self, header: &Value, claims: &Value) -> String {
        let signed = self.key.sign("at+jwt", claims).unwrap();
        let rest = signed.split_once('.').unwrap().1;
        format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
    }
}

/// The token with one byte of its signature changed.
fn spoiled(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    bytes[10] ^= 1;
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bytes))
}
