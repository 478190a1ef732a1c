//! What rows mean for a credential and for an internal token.

use remint_core::{Authentication, CredentialRef, Position, Target, Timestamp};

use crate::row::Row;

/// Whether the credential itself was revoked, by what `row` says of a target.
pub(crate) fn refuses(authentication: &Authentication, row: impl Fn(&Target) -> Option<Row>) -> bool {
    let identity = &authentication.identity;
    let issued = identity.auth_time.map_or(authentication.issued_at, |at| at.min(authentication.issued_at));
    let other = matches!(identity.credential, CredentialRef::Other { .. });
    let external = other || matches!(identity.credential, CredentialRef::Jwt { .. });
    authentication.targets().iter().any(|target| match target {
        _ if is_one(target) => row(target).is_some_and(|row| row.reaches_to().is_some()),
        Target::Subject { .. } | Target::Tenant(_) | Target::Issuer(_) | Target::Everything => {
            external && row(target).is_some_and(|row| row.ends_issued_at(issued))
        }
        // Its authenticator has not asked our store.
        Target::User(_) => other && row(target).is_some_and(|row| row.ends_issued_at(issued)),
        Target::Client(_) => row(target).is_some_and(|row| row.ends_issued_at(authentication.issued_at)),
        _ => false,
    })
}

/// Whether an internal token that was issued at `at` was ended; its issuer had read so far of which history.
pub(crate) fn ended(
    targets: &[Target],
    at: Timestamp,
    read: Option<(Position, u16)>,
    row: impl Fn(&Target) -> Option<Row>,
) -> bool {
    targets.iter().any(|target| {
        let Some(row) = row(target) else { return false };
        match read {
            _ if is_one(target) => row.reaches_to().is_some(),
            Some((position, history)) => row.ends_issued_after(position, at, history),
            None => row.ends_issued_at(at),
        }
    })
}

/// Whether it names one credential or login: what has ended does not begin again.
const fn is_one(target: &Target) -> bool {
    matches!(
        target,
        Target::Token { .. }
            | Target::SigningInput(_)
            | Target::Session { .. }
            | Target::Key(_)
            | Target::Credential { .. }
    )
}
