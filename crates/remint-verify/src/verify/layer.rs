use std::sync::Arc;

use http::{Extensions, HeaderMap};
use remint_core::{Identity, Refusal};
use remint_credential::RequestHead;
use remint_guard::{Denials, Policy, Requirements, ResourceMetadata, set_caller};
use tower_layer::Layer;

use super::Verify;
use crate::Verifier;
use crate::middleware::{Progress, Telemetry, TokenLayer};
use crate::verifier::TELEMETRY;

/// Lets requests pass that carry an internal token, and tells the service who is calling.
#[derive(Debug, Clone)]
#[must_use = "a layer does nothing until it is added to a service"]
pub struct VerifyLayer {
    verifier: Verifier,
    policy: Policy,
}

impl VerifyLayer {
    /// Requires a token of every request.
    pub const fn new(verifier: Verifier) -> Self {
        Self { verifier, policy: Policy::new() }
    }

    /// Lets requests without any credential pass as anonymous: with no identity in the extensions.
    /// A bad credential never passes.
    pub fn optional(self) -> Self {
        self.with(Policy::optional)
    }

    /// Requires this of every caller, whether the token was verified now or before. (An anonymous
    /// request that [`VerifyLayer::optional`] lets pass has no caller.)
    pub fn with_requirements(self, requirements: Requirements) -> Self {
        self.with(|policy| policy.with_requirements(requirements))
    }

    /// Answers with these denials. So do, inside the layer, a [`RequireLayer`](crate::RequireLayer) and
    /// [`Caller`](crate::Caller) as an extractor, unless they were given denials of their own ([`Denials::share`]).
    pub fn with_denials(self, denials: Denials) -> Self {
        self.with(|policy| policy.with_denials(denials))
    }

    /// Serves this document at its [well-known path](ResourceMetadata::well_known_path), without asking
    /// for a token, and names it in every challenge (RFC 9728). A request for it never reaches the
    /// inner service.
    ///
    /// The layer must see the whole path: not inside a router that strips a prefix.
    pub fn with_resource_metadata(self, metadata: &ResourceMetadata) -> Self {
        self.with(|policy| policy.with_resource_metadata(metadata))
    }

    /// Lets whatever looks like a CORS preflight ([`is_cors_preflight`](remint_guard::is_cors_preflight)) pass without a token and without
    /// an identity. Everybody can send such a request, with any body: handlers of `OPTIONS`, and of any method,
    /// must do nothing for it. A CORS layer outside needs none of this.
    pub fn allow_cors_preflight(self) -> Self {
        self.with(Policy::allow_cors_preflight)
    }

    fn with(self, change: impl FnOnce(Policy) -> Policy) -> Self {
        Self { policy: change(self.policy), ..self }
    }
}

impl TokenLayer for VerifyLayer {
    type Proven = Identity;

    const TELEMETRY: Telemetry = TELEMETRY;

    fn policy(&self) -> &Policy {
        &self.policy
    }

    fn begin(&self, head: RequestHead<'_>) -> Result<Option<Progress<Identity>>, Refusal> {
        self.verifier.begin(head)
    }

    fn identity(proven: &Identity) -> &Identity {
        proven
    }

    fn record(&self, extensions: &mut Extensions, proven: Option<Arc<Identity>>) {
        set_caller(extensions, proven);
        self.policy.share_denials(extensions);
    }

    /// They stay as they came.
    fn protect(_: &mut HeaderMap) {}
}

impl<S> Layer<S> for VerifyLayer {
    type Service = Verify<S>;

    fn layer(&self, inner: S) -> Verify<S> {
        Verify::new(inner, Arc::new(self.clone()))
    }
}
