use std::str::FromStr;

use crate::{InvalidScope, REMINT_SCOPES, Scopes, unknown_remint_scope};

/// How many items a list may have that is given when something is made: networks, users, tenants.
pub const MAX_GIVEN: usize = 100;

/// Scopes that are given to a user or to a key: of those that begin with `remint:` only ours, since any other would
/// mean nothing, and no more than fit into a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenScopes(Scopes);

impl GivenScopes {
    /// How many characters they have at most, with a space between each two.
    pub const MAX_LENGTH: usize = 16 * 1024;

    /// Checks and wraps scopes.
    ///
    /// # Errors
    ///
    /// [`NotGiven`] if they are too long, or if one begins with `remint:` and is none of ours.
    pub fn new(scopes: Scopes) -> Result<Self, NotGiven> {
        if scopes.iter().map(|scope| scope.len() + 1).sum::<usize>() > Self::MAX_LENGTH + 1 {
            return Err(NotGiven::Long);
        }
        match unknown_remint_scope(&scopes) {
            Some(scope) => Err(NotGiven::Unknown(scope.to_owned())),
            None => Ok(Self(scopes)),
        }
    }

    /// The scopes.
    #[must_use]
    pub fn into_inner(self) -> Scopes {
        self.0
    }
}

impl FromStr for GivenScopes {
    type Err = NotGiven;

    fn from_str(text: &str) -> Result<Self, NotGiven> {
        Self::new(text.parse()?)
    }
}

/// Why scopes are not given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotGiven {
    /// One is no scope token.
    #[error(transparent)]
    Invalid(#[from] InvalidScope),
    /// They are longer than [`GivenScopes::MAX_LENGTH`].
    #[error("the scopes have more than {} characters", GivenScopes::MAX_LENGTH)]
    Long,
    /// This one begins with `remint:` and is none of ours.
    #[error("the scope `{0}` is none of {ours}", ours = REMINT_SCOPES.join(", "))]
    Unknown(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_that_mean_nothing_or_are_too_many_are_not_given() {
        let given = |text: &str| text.parse::<GivenScopes>().map(GivenScopes::into_inner);
        assert_eq!(given("write read"), Ok("read write".parse().unwrap()));
        assert_eq!(given("remint:admin remint:keys remint:verify").unwrap().len(), 3);
        let told = given("read remint:owner").unwrap_err().to_string();
        assert_eq!(told, "the scope `remint:owner` is none of remint:admin, remint:keys, remint:verify");
        assert_eq!(given("a\"b"), Err(NotGiven::Invalid(InvalidScope)));
        let (fits, long) = ("a".repeat(GivenScopes::MAX_LENGTH), "a".repeat(GivenScopes::MAX_LENGTH + 1));
        assert!(given(&fits).is_ok() && given(&long) == Err(NotGiven::Long));
    }
}
