use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::StatusCode;
use remint_core::Refusal;
use remint_keyset::{FetchError, HttpFetch, KeySetSettings};
use url::Url;

use super::layer::{answer, bearer};
use super::support::{Mint, bare_builder};
use crate::{Requirements, Verifier, VerifyLayer};

/// An issuer's server that can be switched on and off.
#[derive(Debug)]
pub(super) struct Server {
    jwks: Vec<u8>,
    pub(super) up: AtomicBool,
    pub(super) asked: Mutex<Vec<String>>,
}

#[async_trait]
impl HttpFetch for Server {
    fn permits(&self, _: &Url) -> bool {
        true
    }

    async fn get(&self, url: &Url) -> Result<Vec<u8>, FetchError> {
        self.asked.lock().unwrap().push(url.to_string());
        // As over a network, the answer is not there at once.
        tokio::task::yield_now().await;
        if self.up.load(Ordering::SeqCst) { Ok(self.jwks.clone()) } else { Err(FetchError::Status(500)) }
    }

    async fn get_with(&self, url: &Url, headers: &remint_keyset::HeaderMap) -> Result<Vec<u8>, FetchError> {
        if headers.is_empty() { self.get(url).await } else { Err(FetchError::Headers) }
    }
}

pub(super) async fn remote(mint: &Mint, up: bool) -> (Verifier, Arc<Server>) {
    let jwks = mint.key_set().to_json().to_string().into_bytes();
    let server = Arc::new(Server { jwks, up: AtomicBool::new(up), asked: Mutex::default() });
    let settings =
        KeySetSettings { refetch_after: Duration::ZERO, retry_after: Duration::ZERO, ..KeySetSettings::default() };
    let builder = bare_builder(mint).jwks_uri("https://auth.internal/jwks").http(server.clone());
    (builder.key_set_settings(settings).build().await.unwrap(), server)
}

#[tokio::test(start_paused = true)]
async fn a_remote_key_set_verifies_without_waiting_once_it_is_there() {
    let mint = Mint::new();
    let (verifier, server) = remote(&mint, true).await;
    server.up.store(false, Ordering::SeqCst);
    assert!(verifier.verify(&mint.token()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_never_a_401() {
    let mint = Mint::new();
    let (verifier, server) = remote(&mint, false).await;
    let refusal = verifier.verify(&mint.token()).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Unavailable(_)), "{refusal:?}");

    let layer = VerifyLayer::new(verifier);
    let response = answer(&layer, bearer(&mint.token())).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key("retry-after"));
    assert!(!response.headers().contains_key("www-authenticate"));

    // Nothing of the outage is remembered.
    server.up.store(true, Ordering::SeqCst);
    assert_eq!(answer(&layer, bearer(&mint.token())).await.body(), "alice");
}

#[tokio::test(start_paused = true)]
async fn who_waited_for_the_key_set_meets_the_same_requirements() {
    let mint = Mint::new();
    let (verifier, server) = remote(&mint, false).await;
    server.up.store(true, Ordering::SeqCst);
    let layer = VerifyLayer::new(verifier).with_requirements(Requirements::new().with_scopes(["admin"]).unwrap());
    assert_eq!(answer(&layer, bearer(&mint.token())).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_expires_while_the_key_set_is_fetched_is_refused() {
    let mint = Mint::new();
    let (verifier, server) = remote(&mint, false).await;
    server.up.store(true, Ordering::SeqCst);
    let token = mint.token();
    let layer = VerifyLayer::new(verifier);
    let waiting = answer(&layer, bearer(&token));
    let late = async {
        tokio::task::yield_now().await;
        mint.clock.advance(Duration::from_secs(300));
    };
    let (response, ()) = tokio::join!(waiting, late);
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test(start_paused = true)]
async fn a_token_for_others_asks_the_issuer_nothing() {
    let mint = Mint::new();
    let (verifier, server) = remote(&mint, false).await;
    let before = server.asked.lock().unwrap().len();
    let token = mint.token_with(serde_json::json!({ "aud": "other" }));
    assert_eq!(verifier.verify(&token).await.unwrap_err().reason(), "audience");
    assert_eq!(server.asked.lock().unwrap().len(), before);
}

#[tokio::test(start_paused = true)]
async fn without_a_named_source_the_issuers_discovery_document_is_asked() {
    let mint = Mint::new();
    let server = Arc::new(Server { jwks: Vec::new(), up: AtomicBool::new(false), asked: Mutex::default() });
    let verifier = bare_builder(&mint).http(server.clone()).build().await.unwrap();
    let asked = server.asked.lock().unwrap().clone();
    assert!(asked[0].starts_with("https://auth.internal/.well-known/"), "{asked:?}");
    assert_eq!(verifier.issuer().as_str(), "https://auth.internal");
}

#[tokio::test]
async fn the_keys_may_stand_in_a_file() {
    let mint = Mint::new();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), mint.key_set().to_json().to_string()).unwrap();
    let verifier = bare_builder(&mint).jwks_file(file.path()).build().await.unwrap();
    assert!(verifier.verify(&mint.token()).await.is_ok());
}
