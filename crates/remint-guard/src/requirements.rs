use remint_core::{Denied, DeniedKind, Environment, Identity, InvalidScope, Scopes};

/// What a request must bring beyond an identity.
///
/// It is checked on every request, whether the identity came from a cache or not. The default
/// requires nothing more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requirements {
    scopes: Scopes,
    environment: Option<Environment>,
}

impl Requirements {
    /// Those of a policy that has none.
    pub(crate) const NONE: &'static Self = &Self::new();

    /// Nothing beyond an identity.
    #[must_use]
    pub const fn new() -> Self {
        Self { scopes: Scopes::new(), environment: None }
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

    /// The same, and this environment.
    #[must_use]
    pub const fn with_environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// The required scopes.
    #[must_use]
    pub const fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// The required environment.
    #[must_use]
    pub const fn environment(&self) -> Option<Environment> {
        self.environment
    }

    /// Whether this identity meets them.
    ///
    /// # Errors
    ///
    /// [`DeniedKind::Environment`] or [`DeniedKind::InsufficientScope`].
    pub fn check(&self, identity: &Identity) -> Result<(), Denied> {
        if self.environment.is_some_and(|required| required != identity.environment) {
            return Err(DeniedKind::Environment.into());
        }
        if !identity.scopes.contains_all(&self.scopes) {
            return Err(DeniedKind::InsufficientScope.into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Caller;

    #[test]
    fn every_required_scope_must_be_held() {
        let required = Requirements::new().with_scopes(["a"]).unwrap().with_scopes(["b"]).unwrap();
        let kind = |scopes: &[&str]| {
            let caller = Caller::for_test("alice").with_scopes(scopes.iter().copied());
            required.check(&caller).map_err(|denied| denied.kind())
        };
        assert_eq!(kind(&["a", "b", "c"]), Ok(()));
        assert_eq!(kind(&["a"]), Err(DeniedKind::InsufficientScope));
        assert_eq!(kind(&["b"]), Err(DeniedKind::InsufficientScope));
        assert_eq!(kind(&[]), Err(DeniedKind::InsufficientScope));
    }

    #[test]
    fn a_test_caller_does_not_meet_live_nor_a_live_one_test() {
        for (required, held) in [(Environment::Live, Environment::Test), (Environment::Test, Environment::Live)] {
            let required = Requirements::new().with_environment(required);
            let denied = required.check(&Caller::for_test("alice").with_environment(held)).unwrap_err();
            assert_eq!(denied.kind(), DeniedKind::Environment);
        }
    }

    #[test]
    fn no_requirement_is_met_by_anyone() {
        assert_eq!(Requirements::new().check(&Caller::for_test("alice")), Ok(()));
    }
}
