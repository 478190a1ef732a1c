use remint_core::Environment;
use remint_gate::Gate;
use remint_guard::{Denials, Policy, Requirements, ResourceMetadata};
use remint_normalize::Normalizer;
use tower_layer::Layer;

use super::Normalize;

/// Puts one internal token in place of whatever credential a request came with.
///
/// It decides nothing: it gives each request to a [`Gate`], and does what its verdict says.
#[derive(Debug, Clone)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct NormalizeLayer {
    pub(super) gate: Gate,
}

impl NormalizeLayer {
    /// A layer that requires a credential and nothing more. Where the normalizer takes DPoP, its challenges
    /// say so.
    pub fn new(normalizer: Normalizer) -> Self {
        Self::of_gate(Gate::new(normalizer, Policy::new()))
    }

    /// A layer that does what this gate says.
    pub const fn of_gate(gate: Gate) -> Self {
        Self { gate }
    }

    /// What decides about its requests.
    pub const fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The environment that is demanded of every identity, by the layer's requirements or by its normalizer;
    /// `None`: either.
    #[must_use]
    pub fn environment(&self) -> Option<Environment> {
        self.gate.environment()
    }

    /// Lets requests without a credential pass as anonymous; [`RequireLayer`](crate::RequireLayer)
    /// then says inside the router which routes need one.
    pub fn optional(self) -> Self {
        self.with(Policy::optional)
    }

    /// Lets whatever looks like a CORS preflight ([`is_cors_preflight`](crate::is_cors_preflight)) pass
    /// without a credential and without an identity. Everybody can send such a request, with any body: handlers of
    /// `OPTIONS`, and of any method, must do nothing for it. A CORS layer outside needs none of this.
    pub fn allow_cors_preflight(self) -> Self {
        self.with(Policy::allow_cors_preflight)
    }

    /// What every identity must meet, on hits and misses alike.
    pub fn with_requirements(self, requirements: Requirements) -> Self {
        self.with(|policy| policy.with_requirements(requirements))
    }

    /// How denials are answered: realm, and a hook for their bodies.
    ///
    /// They hold inside the layer too: a [`RequireLayer`](crate::RequireLayer), a [`QuotaLayer`](crate::QuotaLayer) and
    /// [`Caller`](crate::Caller) as an extractor answer with them, unless they were given denials of their own
    /// ([`Denials::share`]).
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use remint_tower::{Denials, NormalizeLayer, RequireLayer};
    ///
    /// # fn app(normalizer: remint_normalize::Normalizer) -> Router {
    /// let denials = Denials::new().with_hook(|context, mut response| {
    ///     *response.body_mut() = format!(r#"{{"reason":"{}"}}"#, context.code.unwrap_or("sign in")).into();
    ///     response
    /// });
    /// Router::new()
    ///     .route("/jobs", get(|| async { "jobs" }).layer(RequireLayer::scopes(["jobs:read"]))) // shaped by the hook too
    ///     .layer(NormalizeLayer::new(normalizer).with_denials(denials))
    /// # }
    /// ```
    pub fn with_denials(self, denials: Denials) -> Self {
        self.with(|policy| policy.with_denials(denials))
    }

    /// Serves this document at its [well-known path](ResourceMetadata::well_known_path), without asking
    /// for a credential, and names it in every challenge (RFC 9728). A request for it never reaches
    /// the inner service.
    ///
    /// Where the normalizer takes DPoP, it names the algorithms of proofs
    /// (`dpop_signing_alg_values_supported`), unless it does already.
    ///
    /// The layer must see the whole path: not inside a router that strips a prefix.
    pub fn with_resource_metadata(self, metadata: &ResourceMetadata) -> Self {
        self.with(|policy| policy.with_resource_metadata(metadata))
    }

    fn with(self, change: impl FnOnce(Policy) -> Policy) -> Self {
        Self { gate: self.gate.with_policy(change) }
    }
}

impl<S> Layer<S> for NormalizeLayer {
    type Service = Normalize<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Normalize::new(inner, self)
    }
}
