//! Where a server's endpoints are.

use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use async_trait::async_trait;
use remint_core::IssuerId;
use remint_keyset::{FetchError, HttpFetch, Url};
use remint_oauth_client::{
    DiscoveredServer, DiscoverySettings, Endpoint, EndpointAddress, EndpointError, FailureKind, Form,
};
use remint_testkit::ManualClock;
use serde_json::{Value, json};

use crate::fake::{Answer, FakeServer};
use crate::support::basic;

const ISSUER: &str = "https://auth.example/t/1";
const OAUTH: &str = "https://auth.example/.well-known/oauth-authorization-server/t/1";
const OPENID: &str = "https://auth.example/t/1/.well-known/openid-configuration";

fn document(token_endpoint: &str) -> Value {
    json!({
        "issuer": ISSUER,
        "token_endpoint": token_endpoint,
        "introspection_endpoint": "https://auth.example/introspect",
        "jwks_uri": "https://auth.example/jwks",
    })
}

struct Setup {
    server: Arc<FakeServer>,
    clock: ManualClock,
    discovered: DiscoveredServer,
}

fn setup() -> Setup {
    setup_of(ISSUER)
}

fn setup_of(issuer: &str) -> Setup {
    let server = FakeServer::always(Answer::Json(200, "{}"));
    let clock = ManualClock::default();
    let discovered = DiscoveredServer::with_settings(
        IssuerId::new(issuer).unwrap(),
        server.clone(),
        Arc::new(clock.clone()),
        DiscoverySettings::default(),
    );
    Setup { server, clock, discovered: discovered.unwrap() }
}

impl Setup {
    async fn token_endpoint(&self) -> Result<String, FailureKind> {
        match self.discovered.metadata().await {
            Ok(metadata) => Ok(metadata.token_endpoint.as_ref().unwrap().to_string()),
            Err(failure) => Err(failure.kind()),
        }
    }

    fn endpoint(&self, address: fn(DiscoveredServer) -> EndpointAddress) -> Endpoint {
        Endpoint::builder(address(self.discovered.clone()), basic("s"), self.server.clone()).build().unwrap()
    }
}

#[tokio::test]
async fn the_document_of_oauth_is_asked_first() {
    let setup = setup();
    setup.server.has_document(OAUTH, Ok(document("https://auth.example/token")));
    let metadata = setup.discovered.metadata().await.unwrap();
    let url = |url: &Option<Url>| url.as_ref().unwrap().to_string();
    assert_eq!(url(&metadata.token_endpoint), "https://auth.example/token");
    assert_eq!(url(&metadata.introspection_endpoint), "https://auth.example/introspect");
    assert_eq!(url(&metadata.jwks_uri), "https://auth.example/jwks");
    assert_eq!(setup.server.fetched(), [OAUTH]);
}

#[tokio::test]
async fn where_there_is_none_the_one_of_openid_is() {
    for status in [400, 403, 404, 405] {
        let setup = setup();
        setup.server.has_document(OAUTH, Err(status));
        setup.server.has_document(OPENID, Ok(document("https://auth.example/token")));
        setup.token_endpoint().await.unwrap();
        assert_eq!(setup.server.fetched(), [OAUTH, OPENID]);
    }
}

#[tokio::test]
async fn an_outage_of_the_first_is_not_its_absence() {
    for status in [500, 503, 302, 0] {
        let setup = setup();
        setup.server.has_document(OAUTH, Err(status));
        setup.server.has_document(OPENID, Ok(document("https://auth.example/token")));
        assert_eq!(setup.token_endpoint().await, Err(FailureKind::Discovery));
        assert_eq!(setup.server.fetched(), [OAUTH]);
    }
}

#[tokio::test]
async fn the_issuer_is_the_exact_text() {
    for other in ["https://auth.example/t/1/", "https://AUTH.example/t/1", "https://auth.example/t/2", ""] {
        let setup = setup();
        let mut document = document("https://auth.example/token");
        document["issuer"] = other.into();
        setup.server.has_document(OAUTH, Ok(document));
        assert_eq!(setup.token_endpoint().await, Err(FailureKind::Discovery), "{other}");
    }
}

#[tokio::test]
async fn an_address_that_may_not_be_asked_is_none() {
    for address in ["http://auth.example/token", "http://127.0.0.1/token", "file:///etc/passwd", "/token", ""] {
        for name in ["token_endpoint", "introspection_endpoint", "jwks_uri"] {
            let setup = setup();
            let mut document = document("https://auth.example/token");
            document[name] = address.into();
            setup.server.has_document(OAUTH, Ok(document));
            assert_eq!(setup.token_endpoint().await, Err(FailureKind::Discovery), "{name} {address}");
        }
    }
}

#[tokio::test]
async fn a_server_on_this_machine_may_name_addresses_on_this_machine() {
    let setup = setup_of("http://127.0.0.1:1");
    let document = json!({ "issuer": "http://127.0.0.1:1", "token_endpoint": "http://127.0.0.1:1/token" });
    setup.server.has_document("http://127.0.0.1:1/.well-known/oauth-authorization-server", Ok(document));
    assert_eq!(setup.token_endpoint().await.unwrap(), "http://127.0.0.1:1/token");
}

#[tokio::test]
async fn it_is_fetched_once_for_all_who_wait() {
    let setup = setup();
    setup.server.has_document(OAUTH, Ok(document("https://auth.example/token")));
    let (one, two, three) = tokio::join!(setup.token_endpoint(), setup.token_endpoint(), setup.token_endpoint());
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(setup.server.fetched().len(), 1);
}

#[tokio::test]
async fn a_caller_that_is_dropped_ends_no_fetch() {
    let setup = setup();
    setup.server.has_document(OAUTH, Ok(document("https://auth.example/token")));
    let mut dropped = Box::pin(setup.discovered.metadata());
    assert!(dropped.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(dropped);
    settle().await;
    assert_eq!(setup.server.fetched().len(), 1);
    setup.token_endpoint().await.unwrap();
    assert_eq!(setup.server.fetched().len(), 1, "what it fetched is there");
}

#[derive(Debug)]
struct Panics;

#[async_trait]
impl HttpFetch for Panics {
    fn permits(&self, _: &Url) -> bool {
        true
    }

    async fn get(&self, _: &Url) -> Result<Vec<u8>, FetchError> {
        panic!("a defect of the client")
    }

    async fn get_with(&self, url: &Url, headers: &remint_keyset::HeaderMap) -> Result<Vec<u8>, FetchError> {
        if headers.is_empty() { self.get(url).await } else { Err(FetchError::Headers) }
    }
}

#[tokio::test]
async fn a_fetch_that_breaks_off_is_a_failure_of_discovery_and_the_next_one_is_another() {
    let discovered = DiscoveredServer::new(IssuerId::new(ISSUER).unwrap(), Arc::new(Panics)).unwrap();
    for _ in 0..2 {
        assert_eq!(discovered.metadata().await.unwrap_err().kind(), FailureKind::Discovery);
    }
}

#[tokio::test]
async fn what_could_not_be_fetched_is_not_asked_for_again_at_once() {
    let setup = setup();
    let (one, two, three) = tokio::join!(setup.token_endpoint(), setup.token_endpoint(), setup.token_endpoint());
    assert!(one.is_err() && two.is_err() && three.is_err());
    assert_eq!(setup.server.fetched().len(), 1);
    setup.clock.advance(Duration::from_millis(1500));
    let failure = setup.discovered.metadata().await.unwrap_err();
    assert_eq!((failure.retry_after(), setup.server.fetched().len()), (Duration::from_millis(500), 1));
    setup.clock.advance(Duration::from_millis(500));
    setup.server.has_document(OAUTH, Ok(document("https://auth.example/token")));
    setup.token_endpoint().await.unwrap();
}

async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_old_document_is_used_and_fetched_anew_beside() {
    let setup = setup();
    setup.server.has_document(OAUTH, Ok(document("https://auth.example/old")));
    setup.token_endpoint().await.unwrap();
    setup.server.has_document(OAUTH, Ok(document("https://auth.example/new")));
    setup.clock.advance(Duration::from_secs(300));
    assert_eq!(setup.token_endpoint().await.unwrap(), "https://auth.example/old");
    settle().await;
    assert_eq!(setup.server.fetched().len(), 1, "not yet old");
    setup.clock.advance(Duration::from_secs(1));
    assert_eq!(setup.token_endpoint().await.unwrap(), "https://auth.example/old");
    settle().await;
    assert_eq!(setup.token_endpoint().await.unwrap(), "https://auth.example/new");
    assert_eq!(setup.server.fetched().len(), 2);
}

#[tokio::test]
async fn the_last_good_document_is_kept_while_there_is_no_other() {
    let setup = setup();
    setup.server.has_document(OAUTH, Ok(document("https://auth.example/token")));
    setup.token_endpoint().await.unwrap();
    for rubbish in [Err(500), Ok(json!([])), Ok(json!({ "issuer": "https://evil.example" }))] {
        setup.server.has_document(OAUTH, rubbish);
        setup.clock.advance(Duration::from_secs(600));
        for _ in 0..10 {
            assert_eq!(setup.token_endpoint().await.unwrap(), "https://auth.example/token");
            settle().await;
        }
    }
    assert_eq!(setup.server.fetched().len(), 4, "one fetch in each ten minutes");
}

#[tokio::test]
async fn an_endpoint_that_the_server_does_not_have_is_a_failure_of_discovery() {
    let setup = setup();
    setup.server.has_document(OAUTH, Ok(json!({ "issuer": ISSUER, "token_endpoint": "https://auth.example/token" })));
    setup.endpoint(EndpointAddress::Token).call(&Form::new()).await.unwrap();
    let error = setup.endpoint(EndpointAddress::Introspection).call(&Form::new()).await.unwrap_err();
    assert!(matches!(error, EndpointError::Failed(failure) if failure.kind() == FailureKind::Discovery));
    assert_eq!(setup.server.requests(), 1);
}

#[test]
fn an_issuer_that_is_no_address_has_no_document() {
    for issuer in ["auth.example", "https://auth.example?x", "https://auth.example#x", "https://user@auth.example"] {
        let server = FakeServer::always(Answer::Never);
        assert!(DiscoveredServer::new(IssuerId::new(issuer).unwrap(), server).is_err(), "{issuer}");
    }
}
