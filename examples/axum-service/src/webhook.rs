//! Webhooks, whose sender signs each body with a shared secret (`X-Signature-256: sha256=<hex>`): a layer of its own.
//!
//! Such a signature is no credential for the edge. It speaks for one body, and the edge sees heads alone: a cached
//! signature, or one whose answer two requests share, would let another body pass.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hmac::digest::InvalidLength;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The secret that the sender has, too.
#[derive(Clone)]
pub(crate) struct WebhookKey(Hmac<Sha256>);

impl WebhookKey {
    pub(crate) fn new(secret: &[u8]) -> Result<Self, InvalidLength> {
        Hmac::new_from_slice(secret).map(Self)
    }

    /// Whether the one signature in the headers is of this body. It takes as long wherever the difference is.
    fn signed(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let mut lines = headers.get_all("x-signature-256").iter();
        let (Some(line), None) = (lines.next(), lines.next()) else { return false };
        let Some(signature) = line.as_bytes().strip_prefix(b"sha256=").and_then(unhex) else { return false };
        self.0.clone().chain_update(body).verify_slice(&signature).is_ok()
    }
}

/// Lets a request pass if its whole body is signed. It is read once, up to a limit, and handed on as it was read.
pub(crate) async fn require_signature(State(key): State<WebhookKey>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    if !key.signed(&parts.headers, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    next.run(Request::from_parts(parts, Body::from(body))).await
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_chunks::<2>();
    let bytes: Option<Vec<u8>> = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
    bytes.filter(|_| rest.is_empty())
}

/// The longest body that is read.
pub(crate) const MAX_BODY: usize = 64 * 1024;
