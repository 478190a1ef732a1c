use remint::{GivenScopes, Scopes};

use crate::failure::Failure;

/// Scopes that may be given to a user or a key.
pub(super) fn given(scopes: Scopes) -> Result<Scopes, Failure> {
    GivenScopes::new(scopes).map(GivenScopes::into_inner).map_err(|error| Failure::Refused(error.to_string()))
}
