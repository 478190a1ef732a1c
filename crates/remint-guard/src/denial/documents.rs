//! The problem documents of denials. Each outcome has one for good, which is written once.

use std::sync::OnceLock;

use bytes::Bytes;
use http::Response;
use remint_core::DeniedClass;

use super::outcome::Outcome;
use crate::Requirements;
use crate::answer::respond;

/// The response with the outcome's document. It copies no text, unless the document says which rights a route requires.
pub(super) fn response(outcome: Outcome, required: &Requirements) -> Response<Bytes> {
    let names_rights = outcome.names_rights() && !(required.roles().is_empty() && required.entitlements().is_empty());
    let write = || outcome.problem(required).to_json();
    let document = match WRITTEN.get(number(outcome)).filter(|_| !names_rights) {
        // It lives as long as the process: no count is shared by the threads that refuse.
        Some(written) => Bytes::from_static(written.get_or_init(write)),
        None => Bytes::from(write()),
    };
    respond(outcome.status(), document)
}

/// Each document has its own: for how long a caller waits, the header alone says.
const fn number(outcome: Outcome) -> usize {
    match outcome {
        Outcome::Denied(DeniedClass::InvalidRequest) => 0,
        Outcome::Denied(DeniedClass::NoCredential) => 1,
        Outcome::Denied(DeniedClass::InvalidToken) => 2,
        Outcome::Denied(DeniedClass::InvalidDpopProof) => 3,
        Outcome::Denied(DeniedClass::UseDpopNonce) => 4,
        Outcome::Denied(DeniedClass::InsufficientScope) => 5,
        Outcome::TooManyFailures | Outcome::Denied(DeniedClass::TooManyFailures) => 6,
        Outcome::QuotaExceeded(_) => 7,
        Outcome::Unavailable(_) => 8,
        Outcome::Defect => 9,
        Outcome::Denied(DeniedClass::Forbidden) => 10,
    }
}

static WRITTEN: [OnceLock<Vec<u8>>; 11] = [const { OnceLock::new() }; 11];

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_outcome_is_answered_with_its_own_document_again_and_again() {
        let classes = [
            DeniedClass::InvalidRequest,
            DeniedClass::NoCredential,
            DeniedClass::InvalidToken,
            DeniedClass::InvalidDpopProof,
            DeniedClass::UseDpopNonce,
            DeniedClass::InsufficientScope,
            DeniedClass::Forbidden,
            DeniedClass::TooManyFailures,
        ];
        let wait = Duration::from_secs(7);
        let ours = [Outcome::QuotaExceeded(wait), Outcome::Unavailable(wait), Outcome::Defect];
        let caller = classes.map(Outcome::Denied).into_iter().chain([Outcome::TooManyFailures]);
        let outcomes: Vec<_> = caller.chain(ours).collect();
        for outcome in outcomes.iter().chain(outcomes.iter().rev()) {
            for required in [Requirements::new(), Requirements::new().with_roles(["a"]).unwrap(), Requirements::new()] {
                assert_eq!(response(*outcome, &required).body(), &outcome.problem(&required).to_json(), "{outcome:?}");
            }
            assert!(number(*outcome) < WRITTEN.len(), "{outcome:?} is written each time");
        }
    }
}
