use std::str::FromStr;

use remint_core::{InvalidName, is_reserved};

/// What cannot be required as a role or an entitlement, since nobody can have it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRight {
    /// It is empty, too long, or holds a control character.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// It begins with `remint:` ([`is_reserved`]).
    #[error("what begins with `remint:` is reserved, and no role or entitlement")]
    Reserved,
}

/// Adds names that `N` may be to a list, each once.
pub(super) fn add<'a, N: FromStr<Err = InvalidName>>(
    list: &mut Vec<String>,
    names: impl IntoIterator<Item = &'a str>,
) -> Result<(), InvalidRight> {
    for name in names {
        name.parse::<N>()?;
        if is_reserved(name) {
            return Err(InvalidRight::Reserved);
        }
        if !list.iter().any(|listed| listed == name) {
            list.push(name.to_owned());
        }
    }
    Ok(())
}
