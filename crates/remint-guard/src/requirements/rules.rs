use remint_core::{Denied, DeniedKind, EntitlementName, Environment, Identity, InvalidScope, RoleName, Scopes};

use super::InvalidRight;
use super::predicate::Predicate;
use super::right::add;

/// What a request must bring beyond an identity.
///
/// It is checked on every request, whether the identity came from a cache or not. The default
/// requires nothing more.
///
/// ```
/// use remint_core::Environment;
/// use remint_guard::Requirements;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let required = Requirements::new()
///     .with_scopes(["jobs:write"])?
///     .with_roles(["planner"])?
///     .with_environment(Environment::Live)
///     .with_predicate("not-delegated", |identity| identity.actor.is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requirements {
    scopes: Scopes,
    roles: Vec<String>,
    entitlements: Vec<String>,
    environment: Option<Environment>,
    predicates: Vec<Predicate>,
}

impl Requirements {
    /// Those of a policy that has none.
    pub(crate) const NONE: &'static Self = &Self::new();

    /// Nothing beyond an identity.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            scopes: Scopes::new(),
            roles: Vec::new(),
            entitlements: Vec::new(),
            environment: None,
            predicates: Vec::new(),
        }
    }

    /// The same, and every one of these scopes.
    ///
    /// # Errors
    ///
    /// [`InvalidScope`] if one is not a scope token of RFC 6749 §3.3.
    pub fn with_scopes<'a>(mut self, scopes: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidScope> {
        let scopes: Vec<&str> = scopes.into_iter().collect();
        self.scopes = Scopes::try_from_iter(self.scopes.iter().chain(scopes))?;
        Ok(self)
    }

    /// The same, and every one of these roles.
    ///
    /// A [restricted](remint_core::Authentication::restricted) credential, such as a key with scopes of its own, carries
    /// none, whoever its subject is.
    ///
    /// # Errors
    ///
    /// [`InvalidRight`] if nobody can have one: it is no [`RoleName`], or begins with `remint:`.
    pub fn with_roles<'a>(mut self, roles: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidRight> {
        add::<RoleName>(&mut self.roles, roles)?;
        Ok(self)
    }

    /// The same, and every one of these entitlements. Of restricted credentials the same holds as of
    /// [roles](Self::with_roles).
    ///
    /// # Errors
    ///
    /// [`InvalidRight`] if nobody can have one: it is no [`EntitlementName`], or begins with `remint:`.
    pub fn with_entitlements<'a>(
        mut self,
        entitlements: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, InvalidRight> {
        add::<EntitlementName>(&mut self.entitlements, entitlements)?;
        Ok(self)
    }

    /// The same, and this environment.
    #[must_use]
    pub const fn with_environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// The same, and this predicate must hold of the identity. It is asked last, of each request that meets the rest:
    /// it must be cheap, and it cannot wait.
    ///
    /// The log and the metrics say `name` (`detail`, beside the reason `predicate`); the caller hears 403 and nothing
    /// more. Two requirements are equal only if their predicates are the same one: clones share it.
    #[must_use]
    pub fn with_predicate(
        mut self,
        name: &'static str,
        holds: impl Fn(&Identity) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.predicates.push(Predicate::new(name, holds));
        self
    }

    /// The required scopes.
    #[must_use]
    pub const fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// The required roles.
    #[must_use]
    pub fn roles(&self) -> &[String] {
        &self.roles
    }

    /// The required entitlements.
    #[must_use]
    pub fn entitlements(&self) -> &[String] {
        &self.entitlements
    }

    /// The required environment.
    #[must_use]
    pub const fn environment(&self) -> Option<Environment> {
        self.environment
    }

    /// Whether this identity meets them. The environment is asked first, then scopes, roles, entitlements and predicates.
    ///
    /// # Errors
    ///
    /// [`DeniedKind::Environment`], [`DeniedKind::InsufficientScope`], [`DeniedKind::Role`], [`DeniedKind::Entitlement`]
    /// or [`DeniedKind::Predicate`], whose detail is the predicate's name.
    pub fn check(&self, identity: &Identity) -> Result<(), Denied> {
        if self.environment.is_some_and(|required| required != identity.environment) {
            return Err(DeniedKind::Environment.into());
        }
        if !identity.scopes.contains_all(&self.scopes) {
            return Err(DeniedKind::InsufficientScope.into());
        }
        if !self.roles.iter().all(|role| identity.roles.contains(role)) {
            return Err(DeniedKind::Role.into());
        }
        if !self.entitlements.iter().all(|entitlement| identity.entitlements.contains(entitlement)) {
            return Err(DeniedKind::Entitlement.into());
        }
        match self.predicates.iter().find(|predicate| !predicate.holds(identity)) {
            Some(predicate) => Err(Denied::new(DeniedKind::Predicate).with_detail(predicate.name)),
            None => Ok(()),
        }
    }
}
