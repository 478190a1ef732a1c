use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
struct Server {
    jwks: Vec<u8>,
    up: AtomicBool,
}

#[async_trait]
impl HttpFetch for Server {
    fn permits(&self, _: &Url) -> bool {
        true
    }

    async fn get(&self, _: &Url) -> Result<Vec<u8>, FetchError> {
        // As over a network, the answer is not there at once.
        tokio::task::yield_now().await;
        if self.up.load(Ordering::SeqCst) { Ok(self.jwks.clone()) } else { Err(FetchError::Status(500)) }
    }
}

async fn remote(mint: &Mint, up: bool) -> (Verifier, Arc<Server>) {
    let jwks = mint.key_set().to_json().to_string().into_bytes();
    let server = Arc::new(Server { jwks, up: AtomicBool::new(up) });
    let settings = KeySetSettings { min_refetch_interval: Duration::ZERO, ..KeySetSettings::default() };
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
    let (verifier, _server) = remote(&mint, false).await;
    let token = mint.token_with(serde_json::json!({ "aud": "other" }));
    assert_eq!(verifier.verify(&token).await.unwrap_err().reason(), "audience");
}
