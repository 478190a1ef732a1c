//! What depends on the request is checked on every request: the client's network, and the environment
//! that the audience demands.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use remint_core::{Audience, Authentication, ClientAddr, Environment, Identity, IssuerId};
use remint_normalize::{Normalizer, NormalizerBuilder};
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, api_key_of};
use remint_tower::{ClientAddrLayer, NormalizeLayer};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};

struct Edge {
    clock: ManualClock,
    known: FakeAuthenticator,
    issuer: FakeIssuer,
    normalizer: Normalizer,
}

impl Edge {
    fn new() -> Self {
        Self::built(|builder| builder)
    }

    fn built(with: impl FnOnce(NormalizerBuilder) -> NormalizerBuilder) -> Self {
        let (clock, known) = (ManualClock::default(), FakeAuthenticator::new());
        let issuer = FakeIssuer::new(clock.clone());
        let (url, audience) = (IssuerId::new("https://auth.internal").unwrap(), Audience::new("internal").unwrap());
        let builder = Normalizer::builder(url, audience, issuer.clone());
        let normalizer = with(builder.authenticator(known.clone()).clock(clock.clone())).build().unwrap();
        Self { clock, known, issuer, normalizer }
    }

    fn layer(&self) -> NormalizeLayer {
        NormalizeLayer::new(self.normalizer.clone())
    }

    async fn status(&self, request: Request<()>) -> u16 {
        self.layer().layer(service_fn(behind)).oneshot(request).await.unwrap().status().as_u16()
    }
}

async fn behind(request: Request<()>) -> Result<Response<Full<Bytes>>, Infallible> {
    assert!(request.extensions().get::<Arc<Identity>>().is_some());
    Ok(Response::new(Full::default()))
}

/// A key bound to `192.0.2.0/24` and `2001:db8::/32`.
fn bound() -> Authentication {
    let networks = ["192.0.2.0/24", "2001:db8::/32"].map(|network| network.parse().unwrap()).into();
    Authentication { networks, ..api_key_of("alice") }
}

fn from(client: Option<&str>) -> Request<()> {
    let mut request = Request::get("/").header("x-api-key", "good").body(()).unwrap();
    if let Some(client) = client {
        request.extensions_mut().insert(ClientAddr(client.parse().unwrap()));
    }
    request
}

/// Where a client may be, and what a bound key is worth there.
const PLACES: [(Option<&str>, u16); 9] = [
    (Some("192.0.2.1"), 200),
    (Some("192.0.2.255"), 200),
    (Some("::ffff:192.0.2.1"), 200),
    (Some("2001:db8::1"), 200),
    (Some("192.0.3.1"), 403),
    (Some("::ffff:192.0.3.1"), 403),
    (Some("::192.0.2.1"), 403),
    (Some("2001:db9::1"), 403),
    (None, 403),
];

#[tokio::test]
async fn a_bound_key_is_judged_by_each_requests_address_warm_as_cold() {
    let warm = Edge::new();
    warm.known.answer("good", Ok(bound()));
    for round in ["first", "second", "third"] {
        for (client, status) in PLACES {
            let cold = Edge::new();
            cold.known.answer("good", Ok(bound()));
            assert_eq!(cold.status(from(client)).await, status, "cold, from {client:?}");
            assert_eq!(warm.status(from(client)).await, status, "{round} round, from {client:?}");
        }
    }
    assert_eq!((warm.known.asked(), warm.issuer.minted()), (1, 1), "no refusal dropped the entry");
}

/// The first to come is refused: neither that nor its reason is remembered for the next.
#[tokio::test]
async fn a_wrong_network_is_never_remembered() {
    for first in [Some("198.51.100.1"), None] {
        let edge = Edge::new();
        edge.known.answer("good", Ok(bound()));
        assert_eq!(edge.status(from(first)).await, 403);
        assert_eq!(edge.status(from(Some("192.0.2.1"))).await, 200);
        assert_eq!(edge.status(from(first)).await, 403);
        assert_eq!(edge.known.asked(), 1);
        edge.clock.advance(Duration::from_secs(285));
        assert_eq!((edge.status(from(first)).await, edge.known.asked()), (403, 2), "the entry lived as long as any");
    }
}

#[tokio::test]
async fn no_header_is_an_address() {
    let edge = Edge::new();
    edge.known.answer("good", Ok(bound()));
    for _ in 0..2 {
        for (name, value) in
            [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.1"), ("x-real-ip", "192.0.2.1")]
        {
            for (client, status) in [(None, 403), (Some("198.51.100.1"), 403), (Some("192.0.2.1"), 200)] {
                let mut request = from(client);
                request.headers_mut().insert(name, value.parse().unwrap());
                assert_eq!(edge.status(request).await, status, "{name} from {client:?}");
            }
        }
    }
}

#[tokio::test]
async fn who_waits_for_one_exchange_is_judged_by_their_own_address() {
    let edge = Edge::new();
    edge.known.answer("good", Ok(bound()));
    let gate = edge.known.gate();
    let mut service = edge.layer().layer(service_fn(behind));
    let callers: Vec<_> =
        PLACES.into_iter().map(|(client, status)| (tokio::spawn(service.call(from(client))), client, status)).collect();
    tokio::task::yield_now().await;
    gate.add_permits(1);
    for (caller, client, status) in callers {
        assert_eq!(caller.await.unwrap().unwrap().status().as_u16(), status, "from {client:?}");
    }
    assert_eq!((edge.known.asked(), edge.issuer.minted()), (1, 1));
}

#[tokio::test]
async fn a_key_that_is_bound_to_nothing_passes_from_anywhere() {
    let edge = Edge::new();
    edge.known.answer("good", Ok(api_key_of("alice")));
    for (client, _) in PLACES.into_iter().chain(PLACES) {
        assert_eq!(edge.status(from(client)).await, 200, "from {client:?}");
    }
}

/// The two layers together, as a service stacks them.
#[tokio::test]
async fn behind_a_trusted_proxy_the_client_is_whom_the_proxy_names() {
    let edge = Edge::new();
    edge.known.answer("good", Ok(bound()));
    let proxy: [remint_core::Network; 1] = ["10.0.0.1".parse().unwrap()];
    let layer = ClientAddrLayer::peer(|extensions| extensions.get::<std::net::IpAddr>().copied()).trusting(proxy);
    for _ in 0..2 {
        for (peer, header, status) in [
            ("192.0.2.1", None, 200),
            // It forwards, and nobody said that it may.
            ("192.0.2.1", Some("198.51.100.1"), 403),
            ("198.51.100.1", Some("192.0.2.1"), 403),
            ("10.0.0.1", Some("192.0.2.1"), 200),
            ("10.0.0.1", Some("192.0.2.1, 198.51.100.1"), 403),
            ("10.0.0.1", Some("192.0.2.1, garbage"), 403),
            ("10.0.0.1", None, 403),
        ] {
            // Whoever put an address there before is not believed either.
            let mut request = from(Some("192.0.2.1"));
            request.extensions_mut().insert::<std::net::IpAddr>(peer.parse().unwrap());
            if let Some(header) = header {
                request.headers_mut().insert("x-forwarded-for", header.parse().unwrap());
            }
            let stack = ServiceBuilder::new().layer(layer.clone()).layer(edge.layer());
            let answer = stack.service_fn(behind).oneshot(request).await.unwrap();
            assert_eq!(answer.status().as_u16(), status, "{peer}, {header:?}");
        }
    }
}

#[tokio::test]
async fn a_key_that_is_bound_to_loopback_is_refused_behind_a_proxy_that_is_not_trusted() {
    let edge = Edge::new();
    let networks = ["127.0.0.0/8", "::1"].map(|network| network.parse().unwrap()).into();
    edge.known.answer("good", Ok(Authentication { networks, ..api_key_of("alice") }));
    let layer = ClientAddrLayer::peer(|extensions| extensions.get::<std::net::IpAddr>().copied());
    for _ in 0..2 {
        for peer in ["127.0.0.1", "::1"] {
            for (header, status) in [
                (None, 200),
                (Some(("x-forwarded-for", "203.0.113.7")), 403),
                (Some(("x-forwarded-for", "127.0.0.1")), 403),
                (Some(("forwarded", "for=203.0.113.7")), 403),
            ] {
                let mut request = from(None);
                request.extensions_mut().insert::<std::net::IpAddr>(peer.parse().unwrap());
                if let Some((name, value)) = header {
                    request.headers_mut().insert(name, value.parse().unwrap());
                }
                let stack = ServiceBuilder::new().layer(layer.clone()).layer(edge.layer());
                let answer = stack.service_fn(behind).oneshot(request).await.unwrap();
                assert_eq!(answer.status().as_u16(), status, "{peer}, {header:?}");
            }
        }
    }
}

#[tokio::test]
async fn an_audience_that_demands_an_environment_refuses_the_other_warm_as_cold() {
    for demanded in [Environment::Live, Environment::Test] {
        let edge = Edge::built(|builder| builder.environment(demanded));
        for (name, environment) in [("live", Environment::Live), ("test", Environment::Test)] {
            let mut known = api_key_of("alice");
            known.identity.environment = environment;
            edge.known.answer(name, Ok(known));
            let status = if environment == demanded { 200 } else { 403 };
            for _ in 0..3 {
                let request = Request::get("/").header("x-api-key", name).body(()).unwrap();
                assert_eq!(edge.status(request).await, status, "{name} where {demanded:?} is demanded");
            }
        }
        assert_eq!(edge.known.asked(), 2, "each was authenticated once");
    }
}

#[tokio::test]
async fn such_a_refusal_says_no_more_than_that_this_may_not_be() {
    let edge = Edge::new();
    edge.known.answer("good", Ok(bound()));
    for _ in 0..2 {
        let answer = edge.layer().layer(service_fn(behind)).oneshot(from(None)).await.unwrap();
        assert_eq!(answer.headers()["www-authenticate"], r#"Bearer error="insufficient_scope""#);
        assert_eq!(answer.headers()["cache-control"], "no-store");
    }
}
