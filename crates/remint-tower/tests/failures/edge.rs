use std::convert::Infallible;
use std::net::IpAddr;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use remint_core::{ClientAddr, PeerAddr};
use remint_normalize::{FailureLimits, Normalizer};
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer};
use remint_tower::NormalizeLayer;
use tower::{Layer, ServiceExt, service_fn};

pub(crate) struct Edge {
    pub(crate) clock: ManualClock,
    pub(crate) known: FakeAuthenticator,
    layer: NormalizeLayer,
}

impl Edge {
    pub(crate) fn new(limits: FailureLimits) -> Self {
        let (clock, known) = (ManualClock::default(), FakeAuthenticator::new());
        let issuer = FakeIssuer::new(clock.clone());
        let (url, audience) = ("https://auth.internal".parse().unwrap(), "internal".parse().unwrap());
        let normalizer = Normalizer::builder(url, audience, issuer)
            .authenticator(known.clone())
            .clock(clock.clone())
            .failure_limits(limits)
            .key_beginning(|text| text.get(..8).map(str::to_owned))
            .build()
            .unwrap();
        Self { clock, known, layer: NormalizeLayer::new(normalizer) }
    }

    pub(crate) async fn ask(&self, key: &str, client: Option<&str>, peer: Option<&str>) -> Response<Full<Bytes>> {
        let mut request = Request::get("/").header("x-api-key", key).body(()).unwrap();
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        client.map(|client| request.extensions_mut().insert(ClientAddr(address(client))));
        peer.map(|peer| request.extensions_mut().insert(PeerAddr(address(peer))));
        let behind = service_fn(async |_| Ok::<_, Infallible>(Response::new(Full::default())));
        self.layer.layer(behind).oneshot(request).await.unwrap()
    }

    pub(crate) async fn status(&self, key: &str, client: Option<&str>, peer: Option<&str>) -> u16 {
        self.ask(key, client, peer).await.status().as_u16()
    }
}
