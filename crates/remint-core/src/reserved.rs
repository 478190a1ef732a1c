use crate::{ClientId, InvalidName, Scopes, Subject};

/// The scope of an administrator: it reaches everything of the identity service.
pub const ADMIN_SCOPE: &str = "remint:admin";

/// The scope with which a key makes keys and rotates other keys.
pub const KEYS_SCOPE: &str = "remint:keys";

/// The scope with which API keys are verified.
pub const VERIFY_SCOPE: &str = "remint:verify";

/// The scopes that Remint gives a meaning to. Only our own store gives them to users.
pub const REMINT_SCOPES: &[&str] = &[ADMIN_SCOPE, KEYS_SCOPE, VERIFY_SCOPE];

/// What the subject of a client begins with, before the `|`. No trust may have this name, in any case of letters,
/// since its subjects begin with it.
pub const CLIENT_SUBJECTS: &str = "client";

/// The subject of a client that acts for itself: `client|<id>`. No user's id holds a `|`.
///
/// # Errors
///
/// [`InvalidName`] if the id is too long for it.
///
/// ```
/// use remint_core::{ClientId, client_subject};
///
/// # fn main() -> Result<(), remint_core::InvalidName> {
/// assert_eq!(client_subject(&ClientId::new("job")?)?.as_str(), "client|job");
/// # Ok(())
/// # }
/// ```
pub fn client_subject(client: &ClientId) -> Result<Subject, InvalidName> {
    Subject::new([CLIENT_SUBJECTS, "|", client.as_str()].concat())
}

/// Whether a scope, role, group or entitlement is reserved for Remint: it begins with `remint:`.
///
/// None of these comes from outside: not from an external token, an introspection answer, an enricher, an
/// import or a policy for new users. Roles, groups and entitlements of that form exist nowhere.
///
/// ```
/// use remint_core::is_reserved;
///
/// assert!(is_reserved("remint:admin") && is_reserved("remint:"));
/// assert!(!is_reserved("admin") && !is_reserved("remint"));
/// ```
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    name.starts_with(REMINT)
}

/// A scope among these that begins with `remint:` and is none that Remint knows: it would be given and mean nothing.
#[must_use]
pub fn unknown_remint_scope(scopes: &Scopes) -> Option<&str> {
    scopes.iter().find(|scope| is_reserved(scope) && !REMINT_SCOPES.contains(scope))
}

const REMINT: &str = "remint:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scope_of_ours_is_reserved_and_known() {
        for scope in REMINT_SCOPES {
            assert!(is_reserved(scope), "{scope}");
        }
        assert_eq!(REMINT_SCOPES, ["remint:admin", "remint:keys", "remint:verify"]);
    }

    #[test]
    fn a_scope_that_only_looks_like_ours_is_unknown() {
        let unknown = |text: &str| unknown_remint_scope(&text.parse().unwrap()).map(str::to_owned);
        assert_eq!(unknown("read remint remint:admin remint:keys remint:verify"), None);
        for text in ["remint:", "remint:Admin", "remint:administer"] {
            assert_eq!(unknown(&format!("read {text}")).as_deref(), Some(text));
        }
    }
}
