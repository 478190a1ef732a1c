use remint_core::{Confirmation, DeniedKind};
use remint_jwt::Claims;

/// What whoever sends the token must prove to hold (`cnf`, RFC 7800 §3), if anything. A proof that nobody here
/// could ask for is a refusal, and so is what cannot be read: a token is never less bound than it says.
pub(crate) fn read(claims: &Claims) -> Result<Option<Confirmation>, DeniedKind> {
    claims.confirmation().map_err(|_| DeniedKind::SenderConstrained)
}

/// What the issuer says of a token, and what the token says of itself: either may be silent, and both may say
/// the same.
pub(crate) fn agreed(
    of_issuer: Option<Confirmation>,
    of_token: Option<Confirmation>,
) -> Result<Option<Confirmation>, DeniedKind> {
    match (of_issuer, of_token) {
        (Some(one), Some(other)) if one != other => Err(DeniedKind::SenderConstrained),
        (one, other) => Ok(one.or(other)),
    }
}
