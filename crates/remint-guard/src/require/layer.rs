use std::fmt;
use std::sync::Arc;

use remint_core::{Environment, Identity};
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
        Self::authenticated().with_scopes(scopes)
    }

    /// Requires an identity with every one of these roles, which stand in the source code. For those of a settings file
    /// there is [`Requirements::with_roles`], which says whose credentials carry roles.
    ///
    /// # Panics
    ///
    /// If one is no name of a role, or begins with `remint:`.
    #[track_caller]
    pub fn roles<'a>(roles: impl IntoIterator<Item = &'a str>) -> Self {
        Self::authenticated().with_roles(roles)
    }

    /// Requires an identity with every one of these entitlements, which stand in the source code. For those of a
    /// settings file there is [`Requirements::with_entitlements`].
    ///
    /// # Panics
    ///
    /// If one is no name of an entitlement, or begins with `remint:`.
    #[track_caller]
    pub fn entitlements<'a>(entitlements: impl IntoIterator<Item = &'a str>) -> Self {
        Self::authenticated().with_entitlements(entitlements)
    }

    /// States that a route is public: everyone passes, signed in or not.
    pub const fn public() -> Self {
        Self { policy: Policy::new().optional() }
    }

    /// The same, and every one of these [scopes](Self::scopes). (A public layer that requires anything is no longer
    /// public. So it is with all that follows.)
    ///
    /// # Panics
    ///
    /// If one is not a scope token of RFC 6749 §3.3.
    #[track_caller]
    pub fn with_scopes<'a>(self, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        self.with_each(scopes, "a scope", |requirements, scope| requirements.with_scopes([scope]))
    }

    /// The same, and every one of these [roles](Self::roles).
    ///
    /// # Panics
    ///
    /// If one is no name of a role, or begins with `remint:`.
    #[track_caller]
    pub fn with_roles<'a>(self, roles: impl IntoIterator<Item = &'a str>) -> Self {
        self.with_each(roles, "a role", |requirements, role| requirements.with_roles([role]))
    }

    /// The same, and every one of these [entitlements](Self::entitlements).
    ///
    /// # Panics
    ///
    /// If one is no name of an entitlement, or begins with `remint:`.
    #[track_caller]
    pub fn with_entitlements<'a>(self, entitlements: impl IntoIterator<Item = &'a str>) -> Self {
        self.with_each(entitlements, "an entitlement", |requirements, name| requirements.with_entitlements([name]))
    }

    /// The same, and this environment.
    pub fn with_environment(self, environment: Environment) -> Self {
        self.with(|requirements| requirements.with_environment(environment))
    }

    /// The same, and this predicate must hold of the identity: see [`Requirements::with_predicate`].
    ///
    /// ```
    /// use remint_guard::RequireLayer;
    ///
    /// let layer = RequireLayer::scopes(["billing:read"])
    ///     .with_predicate("not-delegated", |identity| identity.actor.is_none());
    /// ```
    pub fn with_predicate(self, name: &'static str, holds: impl Fn(&Identity) -> bool + Send + Sync + 'static) -> Self {
        self.with(|requirements| requirements.with_predicate(name, holds))
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

    fn with(mut self, change: impl FnOnce(Requirements) -> Requirements) -> Self {
        let requirements = change(self.policy.requirements().clone());
        self.policy = self.policy.required().with_requirements(requirements);
        self
    }

    /// With each of these names, of which the program's text says what they are.
    #[track_caller]
    #[expect(clippy::panic, reason = "a mistake in the program's text, found when the router is built")]
    fn with_each<'a, E: fmt::Display>(
        mut self,
        names: impl IntoIterator<Item = &'a str>,
        what: &str,
        add: impl Fn(Requirements, &'a str) -> Result<Requirements, E>,
    ) -> Self {
        let mut requirements = self.policy.requirements().clone();
        for name in names {
            requirements = match add(requirements, name) {
                Ok(requirements) => requirements,
                Err(error) => panic!("`{name}` is not {what}: {error}"),
            };
        }
        self.policy = self.policy.required().with_requirements(requirements);
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
