use serde::{Deserialize, Serialize};

use crate::{InvalidName, MAX_GIVEN, RoleName, is_reserved};

/// The roles of a user (RFC 9068 §2.2.3.1), in the order in which they were given, each once.
///
/// There are 100 at most, of 8192 bytes together, so that they fit into a token. Each is a [`RoleName`], as a
/// role of an external token is. None begins with `remint:`: roles of that form do not exist.
///
/// ```
/// use remint_core::Roles;
///
/// # fn main() -> Result<(), remint_core::InvalidRoles> {
/// let roles = Roles::new(["editor", "viewer", "editor"])?;
/// assert_eq!(roles.as_slice(), ["editor", "viewer"]);
/// assert!(Roles::new(["remint:admin"]).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Roles(Vec<String>);

impl Roles {
    /// How many bytes they have at most, all together.
    pub const MAX_LENGTH: usize = 8 * 1024;

    /// No roles.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Checks and collects roles. One that is given twice is there once.
    ///
    /// # Errors
    ///
    /// [`InvalidRoles`] if one is no name of a role or is reserved, or if they are too many.
    pub fn new<T: Into<String>>(names: impl IntoIterator<Item = T>) -> Result<Self, InvalidRoles> {
        let (mut roles, mut length) = (Vec::<String>::new(), 0);
        for name in names {
            let name = name.into();
            RoleName::RULE.check(&name)?;
            if is_reserved(&name) {
                return Err(InvalidRoles::Reserved(name));
            }
            if !roles.contains(&name) {
                length += name.len();
                roles.push(name);
            }
            if roles.len() > MAX_GIVEN {
                return Err(InvalidRoles::Many);
            }
            if length > Self::MAX_LENGTH {
                return Err(InvalidRoles::Long);
            }
        }
        Ok(Self(roles))
    }

    /// Their names.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

impl TryFrom<Vec<String>> for Roles {
    type Error = InvalidRoles;

    fn try_from(names: Vec<String>) -> Result<Self, InvalidRoles> {
        Self::new(names)
    }
}

impl From<Roles> for Vec<String> {
    fn from(roles: Roles) -> Self {
        roles.0
    }
}

/// Why these are no roles of a user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRoles {
    /// One is no name of a role.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// This one begins with `remint:`.
    #[error("the role `{0}` begins with `remint:`, which is reserved")]
    Reserved(String),
    /// There are more than [`MAX_GIVEN`].
    #[error("there are more than {MAX_GIVEN} roles")]
    Many,
    /// They are longer than [`Roles::MAX_LENGTH`].
    #[error("the roles have more than {} bytes together", Roles::MAX_LENGTH)]
    Long,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_any_name_that_an_external_token_may_have() {
        for name in ["admin", "an 'editor'", "a, \"é\"", "remint", "*", "..", &"r".repeat(256)] {
            assert_eq!(Roles::new([name]).unwrap().as_slice(), [name]);
        }
        for name in ["", "a\nb", "\u{85}", &"r".repeat(257)] {
            assert!(matches!(Roles::new(["viewer", name]), Err(InvalidRoles::Name(_))), "{name:?}");
        }
    }

    #[test]
    fn reserved_roles_do_not_exist() {
        for name in ["remint:", "remint:admin"] {
            assert_eq!(Roles::new(["viewer", name]), Err(InvalidRoles::Reserved(name.to_owned())));
            assert!(serde_json::from_value::<Roles>(serde_json::json!([name])).is_err());
        }
    }

    #[test]
    fn there_are_a_hundred_at_most_and_as_many_as_fit_into_a_token() {
        let numbered = |count: usize| (0..count).map(|number| number.to_string());
        assert!(Roles::new(numbered(100)).is_ok());
        assert_eq!(Roles::new(numbered(100).chain(["7".to_owned()])).unwrap().as_slice().len(), 100);
        assert_eq!(Roles::new(numbered(101)), Err(InvalidRoles::Many));
        let long = |count: usize| (0..count).map(|number| format!("{number:0>256}"));
        assert!(Roles::new(long(32)).is_ok());
        assert_eq!(Roles::new(long(33)), Err(InvalidRoles::Long));
    }
}
