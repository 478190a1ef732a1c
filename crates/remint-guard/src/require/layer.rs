use std::sync::Arc;

use remint_core::Environment;
use tower_layer::Layer;

use super::Require;
use crate::{Denials, Policy, Requirements};

/// States what a route requires.
#[derive(Debug, Clone)]
#[must_use = "a layer does nothing until it is added to a service"]
pub struct RequireLayer {
    policy: Policy,
}

impl RequireLayer {
    /// Requires what `requirements` say, and so an identity.
    pub fn new(requirements: Requirements) -> Self {
        Self { policy: Policy::new().with_requirements(requirements) }
    }

    /// Requires an identity and no more.
    pub const fn authenticated() -> Self {
        Self { policy: Policy::new() }
    }

    /// Requires an identity with every one of these scopes, which stand in the source code. For
    /// those of a settings file there is [`Requirements::with_scopes`].
    ///
    /// # Panics
    ///
    /// If one is not a scope token of RFC 6749 §3.3, as a router does over a path it cannot read.
    #[track_caller]
    pub fn scopes<'a>(scopes: impl IntoIterator<Item = &'a str>) -> Self {
        let scopes = scopes.into_iter();
        #[expect(clippy::panic, reason = "a mistake in the program's text, found when the router is built")]
        Self::new(scopes.fold(Requirements::new(), |requirements, scope| match requirements.with_scopes([scope]) {
            Ok(requirements) => requirements,
            Err(error) => panic!("`{scope}` is not a scope: {error}"),
        }))
    }

    /// States that a route is public: everyone passes, signed in or not.
    pub const fn public() -> Self {
        Self { policy: Policy::new().optional() }
    }

    /// The same, and this environment. (A public layer that requires one is no longer public.)
    pub fn with_environment(mut self, environment: Environment) -> Self {
        let requirements = self.policy.requirements().clone().with_environment(environment);
        self.policy = self.policy.required().with_requirements(requirements);
        self
    }

    /// The same, and whatever looks like a CORS preflight ([`is_cors_preflight`](crate::is_cors_preflight)) passes
    /// without an identity. Everybody can send such a request, with any body: handlers of `OPTIONS`, and of any
    /// method, must do nothing for it. A CORS layer outside needs none of this.
    pub fn allow_cors_preflight(mut self) -> Self {
        self.policy = self.policy.allow_cors_preflight();
        self
    }

    /// The same with these denials, in place of those of the layer outside ([`Denials::share`]).
    pub fn with_denials(mut self, denials: Denials) -> Self {
        self.policy = self.policy.with_denials(denials);
        self
    }
}

impl<S> Layer<S> for RequireLayer {
    type Service = Require<S>;

    fn layer(&self, inner: S) -> Require<S> {
        Require::new(inner, Arc::new(self.clone()))
    }
}

impl RequireLayer {
    pub(super) const fn policy(&self) -> &Policy {
        &self.policy
    }
}
