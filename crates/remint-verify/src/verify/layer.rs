use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use remint_core::{DeniedKind, Identity, Refusal};
use remint_credential::RequestHead;
use remint_guard::{Denials, RequestKind, Requirements, ResourceMetadata, is_cors_preflight};
use tower_layer::Layer;

use super::Verify;
use crate::future::{Judge, hint};
use crate::verifier::{Progress, Verifying};
use crate::{Verifier, telemetry};

/// Lets requests pass that carry an internal token, and tells the service who is calling.
#[derive(Debug, Clone)]
#[must_use = "a layer does nothing until it is added to a service"]
pub struct VerifyLayer {
    verifier: Verifier,
    optional: bool,
    allows_preflight: bool,
    requirements: Requirements,
    denials: Denials,
    metadata: Option<ResourceMetadata>,
}

impl VerifyLayer {
    /// Requires a token of every request.
    pub const fn new(verifier: Verifier) -> Self {
        Self {
            verifier,
            optional: false,
            allows_preflight: false,
            requirements: Requirements::new(),
            denials: Denials::new(),
            metadata: None,
        }
    }

    /// Lets requests without any credential pass as anonymous: with no identity in the extensions.
    /// A bad credential never passes.
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Requires this of every caller, whether the token was verified now or before. (An anonymous
    /// request that [`VerifyLayer::optional`] lets pass has no caller.)
    pub fn with_requirements(mut self, requirements: Requirements) -> Self {
        self.requirements = requirements;
        self
    }

    /// Answers with these denials.
    pub fn with_denials(mut self, denials: Denials) -> Self {
        self.denials = match &self.metadata {
            Some(metadata) => denials.with_resource_metadata(metadata),
            None => denials,
        };
        self
    }

    /// Serves this document at its [well-known path](ResourceMetadata::well_known_path), without asking
    /// for a token, and names it in every challenge (RFC 9728). A request for it never reaches the
    /// inner service.
    ///
    /// The layer must see the whole path: not inside a router that strips a prefix.
    pub fn with_resource_metadata(mut self, metadata: &ResourceMetadata) -> Self {
        self.denials = self.denials.with_resource_metadata(metadata);
        self.metadata = Some(metadata.clone());
        self
    }

    /// The resource's metadata, if it is what the request asks for.
    #[inline]
    pub(super) fn document<B, ResBody: From<Bytes>>(&self, request: &Request<B>) -> Option<Response<ResBody>> {
        let document = self.metadata.as_ref()?.answer(request.method(), request.uri().path(), request.uri().query())?;
        Some(document.map(ResBody::from))
    }

    /// Lets whatever looks like a CORS preflight ([`is_cors_preflight`]) pass without a token and without
    /// an identity. Everybody can send such a request, with any body: handlers of `OPTIONS`, and of any method,
    /// must do nothing for it. A CORS layer outside needs none of this.
    pub const fn allow_cors_preflight(mut self) -> Self {
        self.allows_preflight = true;
        self
    }

    fn lets_preflight_pass<B>(&self, request: &Request<B>) -> bool {
        self.allows_preflight && is_cors_preflight(request.method(), request.headers())
    }

    /// What becomes of a request, as far as that can be said without waiting.
    pub(super) fn decide<B>(&self, request: &Request<B>) -> Result<Decision, Refusal> {
        let (method, uri, headers) = (request.method(), request.uri(), request.headers());
        // Nothing here hangs on the client's address, so nobody looks for it.
        match self.verifier.begin(RequestHead { method, uri, headers, client: None, peer: None, certificate: None })? {
            Some(Progress::Done(identity)) => Ok(Decision::Caller(self.meets_requirements(identity)?)),
            Some(Progress::Waiting(verifying)) => Ok(Decision::Waiting(verifying)),
            None if self.optional || self.lets_preflight_pass(request) => {
                telemetry::anonymous();
                Ok(Decision::Anonymous)
            }
            None => Err(DeniedKind::NoCredential.into()),
        }
    }
}

impl Judge for VerifyLayer {
    type Proven = Identity;

    fn meets_requirements(&self, identity: Arc<Identity>) -> Result<Arc<Identity>, Refusal> {
        self.requirements.check(&identity)?;
        Ok(identity)
    }

    fn refuse<B, ResBody: From<Bytes>>(&self, refusal: &Refusal, request: &Request<B>) -> Response<ResBody> {
        telemetry::refused(refusal, hint(refusal, request));
        self.denials.respond(refusal, RequestKind::of(request), &self.requirements).map(ResBody::from)
    }
}

impl<S> Layer<S> for VerifyLayer {
    type Service = Verify<S>;

    fn layer(&self, inner: S) -> Verify<S> {
        Verify::new(inner, Arc::new(self.clone()))
    }
}

pub(super) enum Decision {
    Caller(Arc<Identity>),
    Anonymous,
    Waiting(Verifying),
}
