use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use remint_core::{DeniedClass, Refusal, Scopes};

use super::documents;
use super::hook::SharedHook;
use super::outcome::Outcome;
use super::shape::Shape;
use super::{DenialContext, DenialHook, DpopChallenge, RequestKind};
use crate::{Challenge, RequestTrace, Requirements, ResourceMetadata};

/// Makes the responses of denials and outages: the only place where their statuses and challenges
/// are made.
///
/// | refusal | status | challenge (RFC 6750 §3) | gRPC |
/// | --- | --- | --- | --- |
/// | invalid request | 400 | `Bearer error="invalid_request"` | 16 |
/// | no credential | 401 | `Bearer` | 16 |
/// | invalid token | 401 | `Bearer error="invalid_token"` | 16 |
/// | insufficient scope | 403 | `Bearer error="insufficient_scope", scope="…"` | 7 |
/// | a role, an entitlement or a condition of the route is missing | 403 | none | 7 |
/// | invalid DPoP proof | 401 | `DPoP algs="…", error="invalid_dpop_proof"` | 16 |
/// | DPoP nonce demanded | 401 with `DPoP-Nonce` | `DPoP algs="…", error="use_dpop_nonce"` | 16 |
/// | too many failures | 429 with `Retry-After` | none | 8 |
/// | quota exceeded | 429 with `Retry-After` | none | 8 |
/// | unavailable | 503 with `Retry-After` | none | 14 |
///
/// The body is a problem document (RFC 9457) that says the error code and no more: whatever the
/// reason, all refusals of one row are the same bytes. Where a right of the route is missing, it says too which roles
/// (`required_roles`) and entitlements (`required_entitlements`) the route requires, and nothing of the caller's. A [call of gRPC](RequestKind::of)
/// is answered in gRPC's terms: HTTP 200, `grpc-status`, no body. (What judges by the HTTP status
/// alone, such as a forward-auth endpoint, must therefore ask for [`RequestKind::Http`].) Nothing
/// may be stored (`Cache-Control: no-store`).
///
/// Where DPoP is [taken](Self::with_dpop), the first four rows have a second challenge, in a header line
/// of its own, which says the same of the scheme `DPoP` (RFC 9449 §7.1).
///
/// Denials that are given to the edge's layer, or to the verifier's, hold for what is inside it too: see
/// [`share`](Self::share). Clones share everything.
#[derive(Debug, Clone, Default)]
pub struct Denials(Option<Arc<Shape>>);

impl Denials {
    /// Without a realm and without a hook.
    #[must_use]
    pub const fn new() -> Self {
        Self(None)
    }

    /// Whether they are those of [`Denials::new`]: nothing shapes them.
    #[must_use]
    #[inline]
    pub const fn are_plain(&self) -> bool {
        self.0.is_none()
    }

    /// The same with a realm in every challenge (RFC 9110 §11.5).
    ///
    /// # Errors
    ///
    /// [`InvalidRealm`] if it does not fit into a quoted string as it is.
    pub fn with_realm(self, realm: &str) -> Result<Self, InvalidRealm> {
        if !realm.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')) {
            return Err(InvalidRealm);
        }
        Ok(self.with(|shape| shape.realm = Some(realm.into())))
    }

    /// The same with the address of this document in every challenge (RFC 9728 §5.1).
    #[must_use]
    pub fn with_resource_metadata(self, metadata: &ResourceMetadata) -> Self {
        self.with(|shape| shape.resource_metadata = Some(metadata.url().into()))
    }

    /// The same where tokens may be presented with DPoP (RFC 9449 §7.1).
    #[must_use]
    pub fn with_dpop(self, challenge: DpopChallenge) -> Self {
        self.with(|shape| shape.dpop = Some(challenge))
    }

    /// The same with a hook that shapes the responses: a closure, whose arguments need no types.
    ///
    /// ```
    /// use remint_guard::Denials;
    ///
    /// let denials = Denials::new().with_hook(|context, mut response| {
    ///     if context.code == Some("insufficient_scope") {
    ///         *response.body_mut() = "ask for more scopes".into();
    ///     }
    ///     response
    /// });
    /// ```
    #[must_use]
    pub fn with_hook<F>(self, hook: F) -> Self
    where
        F: Fn(&DenialContext<'_>, Response<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    {
        self.with_denial_hook(hook)
    }

    /// The same with a hook of a type of your own.
    #[must_use]
    pub fn with_denial_hook(self, hook: impl DenialHook) -> Self {
        self.with(|shape| shape.hook = Some(SharedHook::new(hook)))
    }

    fn with(mut self, change: impl FnOnce(&mut Shape)) -> Self {
        change(Arc::make_mut(self.0.get_or_insert_default()));
        self
    }

    fn shape(&self) -> &Shape {
        self.0.as_deref().unwrap_or(Shape::NONE)
    }

    /// The response to a request that was refused.
    ///
    /// `required` is what the route requires: a 403 names its scopes, or its roles and entitlements.
    #[must_use]
    pub fn respond(&self, refusal: &Refusal, request: RequestKind, required: &Requirements) -> Response<Bytes> {
        self.answer(Outcome::from(refusal), request, required)
    }

    /// The response to a request for which a quota is used up: 429 (RFC 6585 §4), or gRPC's
    /// `RESOURCE_EXHAUSTED`. `retry_after` is rounded up to whole seconds, and at least one.
    #[must_use]
    pub fn quota_exceeded(&self, retry_after: Duration, request: RequestKind) -> Response<Bytes> {
        self.answer(Outcome::QuotaExceeded(retry_after), request, &Requirements::new())
    }

    /// The response to a request that a defect of ours, such as an `ext` of a wrong shape, stops:
    /// 500, or gRPC's `INTERNAL`.
    #[must_use]
    pub fn defect(&self, request: RequestKind) -> Response<Bytes> {
        self.answer(Outcome::Defect, request, &Requirements::new())
    }

    /// The same, with the request's id in its header `x-request-id`.
    #[must_use]
    pub fn traced_defect(&self, request: RequestKind, trace: &RequestTrace) -> Response<Bytes> {
        let mut response = self.defect(request);
        trace.write(response.headers_mut());
        response
    }

    /// The status of the answer to a refusal over HTTP.
    pub(crate) fn status(refusal: &Refusal) -> StatusCode {
        Outcome::from(refusal).status()
    }

    fn answer(&self, outcome: Outcome, request: RequestKind, required: &Requirements) -> Response<Bytes> {
        let mut response = match request {
            RequestKind::Http => documents::response(outcome, required),
            RequestKind::Grpc => trailers_only(outcome),
        };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for challenge in self.challenges(outcome, required.scopes()) {
            headers.append(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(nonce) = self.nonce(outcome) {
            headers.insert(DPOP_NONCE, nonce);
        }
        if let Some(after) = outcome.retry_after() {
            headers.insert(header::RETRY_AFTER, after);
        }
        let context = DenialContext {
            code: outcome.code(),
            request,
            required_scopes: required.scopes(),
            required_roles: required.roles(),
            required_entitlements: required.entitlements(),
        };
        match &self.shape().hook {
            Some(hook) => hook.apply(&context, response),
            None => response,
        }
    }

    /// One of each scheme that would have been taken.
    fn challenges(&self, outcome: Outcome, required: &Scopes) -> impl Iterator<Item = HeaderValue> {
        let about_a_proof =
            matches!(outcome, Outcome::Denied(DeniedClass::InvalidDpopProof | DeniedClass::UseDpopNonce));
        let is_denial = matches!(outcome, Outcome::Denied(class) if class != DeniedClass::Forbidden);
        let dpop = self.shape().dpop.as_ref().filter(|_| is_denial);
        let bearer = (is_denial && !(about_a_proof && dpop.is_some()))
            .then(|| self.challenge("Bearer", None, outcome, required));
        let dpop = dpop.map(|dpop| self.challenge("DPoP", Some(&dpop.algorithms), outcome, required));
        bearer.into_iter().chain(dpop)
    }

    /// RFC 6750 §3. Scope tokens, the realm, the address and names of algorithms hold nothing that a quoted
    /// string escapes.
    fn challenge(
        &self,
        scheme: &'static str,
        algorithms: Option<&str>,
        outcome: Outcome,
        required: &Scopes,
    ) -> HeaderValue {
        let is_about_scopes = outcome.status() == StatusCode::FORBIDDEN && !required.is_empty();
        let scope = is_about_scopes.then(|| required.to_string());
        Challenge::new(scheme)
            .with_some("realm", self.shape().realm.as_deref())
            .with_some("algs", algorithms)
            .with_some("error", outcome.code())
            .with_some("scope", scope.as_deref())
            .with_some("resource_metadata", self.shape().resource_metadata.as_deref())
            .into_value()
    }

    /// With every 401: who is challenged needs it for the next try.
    fn nonce(&self, outcome: Outcome) -> Option<HeaderValue> {
        let challenges = matches!(outcome, Outcome::Denied(_)) && outcome.status() == StatusCode::UNAUTHORIZED;
        self.shape().dpop.as_ref().filter(|_| challenges)?.nonce()
    }
}

/// A realm with a quote, a backslash or a character outside printable ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a realm is printable ASCII without `\"` and `\\`")]
pub struct InvalidRealm;

/// gRPC over HTTP/2, "Trailers-Only": the trailers stand in the one header block.
fn trailers_only(outcome: Outcome) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert(GRPC_STATUS, HeaderValue::from_static(outcome.grpc_status()));
    headers.insert(GRPC_MESSAGE, HeaderValue::from_static(outcome.grpc_message()));
    response
}

/// RFC 9449 §8.
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
