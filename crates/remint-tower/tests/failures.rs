//! Those who fail a lot are told so; a valid credential passes in any case.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::convert::Infallible;
use std::io::Write;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use remint_core::{ClientAddr, DeniedKind, PeerAddr};
use remint_normalize::{FailureLimits, Normalizer};
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, api_key_of};
use remint_tower::NormalizeLayer;
use tower::{Layer, ServiceExt, service_fn};

struct Edge {
    clock: ManualClock,
    known: FakeAuthenticator,
    layer: NormalizeLayer,
}

impl Edge {
    fn new(limits: FailureLimits) -> Self {
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

    async fn ask(&self, key: &str, client: Option<&str>, peer: Option<&str>) -> Response<Full<Bytes>> {
        let mut request = Request::get("/").header("x-api-key", key).body(()).unwrap();
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        client.map(|client| request.extensions_mut().insert(ClientAddr(address(client))));
        peer.map(|peer| request.extensions_mut().insert(PeerAddr(address(peer))));
        let behind = service_fn(async |_| Ok::<_, Infallible>(Response::new(Full::default())));
        self.layer.layer(behind).oneshot(request).await.unwrap()
    }

    async fn status(&self, key: &str, client: Option<&str>, peer: Option<&str>) -> u16 {
        self.ask(key, client, peer).await.status().as_u16()
    }
}

#[tokio::test]
async fn beyond_the_limit_those_who_fail_hear_429_and_a_valid_credential_passes_from_the_same_address() {
    let edge = Edge::new(FailureLimits::new().limit(Some(5)));
    edge.known.answer("good", Ok(api_key_of("alice")));
    edge.known.answer("late", Ok(api_key_of("bob")));
    let here = Some("192.0.2.1");
    assert_eq!(edge.status("good", here, None).await, 200);
    for number in 0..20 {
        let answer = edge.ask(&format!("bad-{number}"), here, None).await;
        assert_eq!(answer.status().as_u16(), if number < 5 { 401 } else { 429 }, "{number}");
        assert_eq!(answer.headers().contains_key("retry-after"), number >= 5);
        assert_eq!(answer.headers().contains_key("www-authenticate"), number < 5);
    }
    assert_eq!(edge.status("bad-0", here, None).await, 429, "one that is remembered as bad, too");
    assert_eq!(edge.status("good", here, None).await, 200, "cached");
    assert_eq!(edge.status("late", here, None).await, 200, "for the first time");
    assert_eq!(edge.status("bad-x", Some("192.0.2.2"), None).await, 401, "another address");
    edge.clock.advance(std::time::Duration::from_secs(60));
    assert_eq!(edge.status("bad-y", here, None).await, 401, "a minute later");
}

#[tokio::test]
async fn where_no_address_is_stated_failures_are_counted_by_the_sockets_peer() {
    let edge = Edge::new(FailureLimits::new().limit(Some(5)));
    for number in 0..10 {
        let told = edge.status(&format!("bad-{number}"), None, Some("203.0.113.7")).await;
        assert_eq!(told, if number < 5 { 401 } else { 429 });
    }
    assert_eq!(edge.status("bad", Some("192.0.2.1"), Some("203.0.113.7")).await, 401, "the client is stated");
}

#[tokio::test]
async fn a_key_that_leaked_is_counted_by_its_beginning_from_wherever_it_comes() {
    let edge = Edge::new(FailureLimits::new().limit(Some(5)));
    edge.known.answer("rmt_live_good", Ok(api_key_of("alice")));
    edge.known.answer("rmt_live_revoked", Err(DeniedKind::Revoked.into()));
    for number in 0..10 {
        let told = edge.status("rmt_live_revoked", Some(&format!("192.0.2.{number}")), None).await;
        assert_eq!(told, if number < 5 { 401 } else { 429 });
    }
    assert_eq!(edge.status("rmt_live_good", Some("192.0.2.9"), None).await, 200, "of the same beginning");
}

#[tokio::test]
async fn without_a_limit_everybody_hears_401_and_there_is_one_line_and_a_metric() {
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);
    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let (lines, recorder) = (Lines::default(), DebuggingRecorder::new());
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _log = tracing::subscriber::set_default(subscriber);
    let _metrics = metrics::set_default_local_recorder(&recorder);
    let edge = Edge::new(FailureLimits::new().warn_at(Some(10)));
    for number in 0..50 {
        let told = edge.status(&format!("canary-secret-{number}"), Some(&format!("2001:db8::{number}")), None).await;
        assert_eq!(told, 401);
    }
    let said = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("WARN") && said.contains("2001:db8::/64") && said.contains("failures=10"), "{said}");
    assert!(said.contains("key_beginning=\"canary-s\"") && !said.contains("canary-secret"), "{said}");
    let counted = recorder.snapshotter().snapshot().into_vec().into_iter();
    let counted = counted.filter(|(key, ..)| key.key().name() == "remint_failed_credentials_total");
    let mut counted: Vec<_> = counted
        .map(|(key, _, _, value)| {
            let labels: Vec<_> = key.key().labels().map(|label| label.value().to_owned()).collect();
            (labels.join(" "), value)
        })
        .collect();
    counted.sort_by(|(one, _), (other, _)| one.cmp(other));
    let expected = [("api_key passed", 41), ("api_key within", 9)];
    assert_eq!(counted, expected.map(|(labels, count)| (labels.to_owned(), DebugValue::Counter(count))));
}
