//! What other servers answer: to an introspection and to an exchange. It lets nobody pass who should not, and what is
//! no answer is an outage and nobody's fault but ours.

use std::cell::OnceCell;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::IntoResponse as _;
use remint::{Audience, ClientCredentials, ClientId, ClientSecret, Introspection, IssuerId, JwkSet, Remint, Trust};
use remint_exchange::{BreakerSettings, EndpointSettings, KeySource, RemoteExchanger, Url};
use serde_json::Value;
use tower::{Layer as _, service_fn};

use crate::loopback::Loopback;
use crate::{ask, choice, wait};

thread_local! {
    static INTROSPECTING: OnceCell<(Router, Loopback)> = const { OnceCell::new() };
    static EXCHANGING: OnceCell<(Router, Loopback)> = const { OnceCell::new() };
}

/// Nothing is tried again, and no run of bad answers keeps the next one from being asked for.
fn settings() -> EndpointSettings {
    let breaker = BreakerSettings { failures: u32::MAX, ..BreakerSettings::default() };
    EndpointSettings { retries: 0, breaker, ..EndpointSettings::default() }
}

fn credentials() -> ClientCredentials {
    ClientCredentials::secret_basic(ClientId::new("edge-1").expect("an id"), ClientSecret::new("s3cret"))
}

fn behind(layer: remint::NormalizeLayer) -> Router {
    let inner = service_fn(async |_: Request<Body>| Ok::<_, Infallible>("reached".into_response()));
    Router::new().fallback_service(layer.layer(inner))
}

fn introspecting() -> (Router, Loopback) {
    let server = Loopback::start();
    let introspection =
        Introspection::new(credentials()).endpoint(server.url("/introspect")).endpoint_settings(settings());
    let trust = Trust::oidc("https://idp.example", "api").named("idp").introspection(introspection);
    let edge = Remint::builder("https://auth.internal", "internal").trust(trust).ephemeral_keys();
    (behind(wait(edge.build()).expect("an edge").layer()), server)
}

fn exchanging() -> (Router, Loopback) {
    let server = Loopback::start();
    let (issuer, audience) = ("https://auth.example", "internal");
    let key = remint::SigningKey::generate(remint::Algorithm::Es256).expect("a key");
    let keys = JwkSet::try_from(vec![key.public_jwk().clone()]).expect("a set");
    let exchanger = RemoteExchanger::builder(
        IssuerId::new(issuer).expect("an issuer"),
        Audience::new(audience).expect("an audience"),
        credentials(),
    )
    .token_endpoint(Url::parse(&server.url("/token")).expect("an address"))
    .keys(KeySource::Fixed(keys))
    .endpoint_settings(settings())
    .build()
    .expect("an exchanger");
    let edge = wait(Remint::exchanging(issuer, audience, exchanger).build()).expect("an edge");
    (behind(edge.layer()), server)
}

/// The first byte says which status, the rest is the answer's body, to both questions.
pub fn holds(bytes: &[u8]) {
    static TOKENS: AtomicU64 = AtomicU64::new(0);
    let (which, body) = choice(bytes, STATUSES.len());
    let status = STATUSES.get(which).copied().unwrap_or(200);
    let asked = |(app, server): &(Router, Loopback)| {
        server.answers(status, body);
        // Each is asked about once: no cache answers in the server's place.
        let token = format!("opaque-{}", TOKENS.fetch_add(1, Ordering::Relaxed));
        let request = Request::get("/").header("authorization", format!("Bearer {token}"));
        wait(ask(app, request.body(Body::empty()).expect("a request"))).0.status().as_u16()
    };
    let object = serde_json::from_slice::<Value>(body).ok().filter(Value::is_object);

    let verdict = INTROSPECTING.with(|edge| asked(edge.get_or_init(introspecting)));
    assert!(matches!(verdict, 200 | 401 | 503), "{verdict}");
    match &object {
        Some(object) if status == 200 => {
            let is_active = object["active"] == true;
            assert!(verdict != 200 || is_active, "only an active token passes");
            assert!(verdict != 401 || object["active"].is_boolean(), "without a verdict there is none");
        }
        _ => assert_eq!(verdict, 503, "what is no answer is an outage"),
    }

    let verdict = EXCHANGING.with(|edge| asked(edge.get_or_init(exchanging)));
    assert!(matches!(verdict, 401 | 503), "nobody signed a token: {verdict}");
    assert!(verdict == 503 || (status == 400 && object.is_some()), "only the server's word is a refusal: {status}");
}

const STATUSES: [u16; 6] = [200, 400, 401, 403, 500, 302];
