use crate::Scopes;

/// The scopes that Remint gives a meaning to. Only our own store gives them to users.
pub const REMINT_SCOPES: &[&str] = &["remint:admin", "remint:keys", "remint:verify"];

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
    name.starts_with("remint:")
}

/// A scope among these that begins with `remint:` and is none that Remint knows: it would be given and mean nothing.
#[must_use]
pub fn unknown_remint_scope(scopes: &Scopes) -> Option<&str> {
    scopes.iter().find(|scope| is_reserved(scope) && !REMINT_SCOPES.contains(scope))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_that_only_looks_like_ours_is_unknown() {
        let unknown = |text: &str| unknown_remint_scope(&text.parse().unwrap()).map(str::to_owned);
        assert_eq!(unknown("read remint remint:admin remint:keys remint:verify"), None);
        for text in ["remint:", "remint:Admin", "remint:administer"] {
            assert_eq!(unknown(&format!("read {text}")).as_deref(), Some(text));
        }
    }
}
