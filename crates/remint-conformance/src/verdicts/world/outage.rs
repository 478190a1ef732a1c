use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use remint_core::{
    Enricher, Enrichment, Ext, Identity, InternalToken, MintRequest, Refusal, TokenIssuer, Unavailable, UnavailableKind,
};
use remint_issuer::Issuer;
use remint_keyset::{FetchError, HttpFetch, Url};

/// An issuer that can be told not to sign any more.
#[derive(Debug, Clone)]
pub(super) struct SeverableIssuer {
    issuer: Arc<Issuer>,
    severed: Arc<AtomicBool>,
}

impl SeverableIssuer {
    pub(super) fn new(issuer: Arc<Issuer>) -> Self {
        Self { issuer, severed: Arc::default() }
    }

    pub(super) fn sever(&self) {
        self.severed.store(true, Ordering::SeqCst);
    }
}

#[async_trait]
impl TokenIssuer for SeverableIssuer {
    async fn issue(&self, request: MintRequest<'_>) -> Result<InternalToken, Refusal> {
        if self.severed.load(Ordering::SeqCst) {
            return Err(Unavailable::new(UnavailableKind::Issuer).into());
        }
        self.issuer.issue(request).await
    }
}

/// An enricher that adds nothing, or does not answer.
#[derive(Debug)]
pub(super) struct Silent {
    pub(super) is_out: bool,
}

#[async_trait]
impl Enricher for Silent {
    async fn enrich(&self, _: &Identity) -> Result<Enrichment, Unavailable> {
        if self.is_out { Err(Unavailable::new(UnavailableKind::Enricher)) } else { Ok(Enrichment::new(Ext::new())) }
    }
}

/// A network on which nobody answers: the keys of `https://down.example` cannot be had.
#[derive(Debug)]
pub(super) struct Nobody;

#[async_trait]
impl HttpFetch for Nobody {
    fn permits(&self, _: &Url) -> bool {
        true
    }

    async fn get(&self, _: &Url) -> Result<Vec<u8>, FetchError> {
        Err(FetchError::Status(503))
    }

    async fn get_with(&self, url: &Url, headers: &remint_keyset::HeaderMap) -> Result<Vec<u8>, FetchError> {
        if headers.is_empty() { self.get(url).await } else { Err(FetchError::Headers) }
    }
}
