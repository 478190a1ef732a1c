//! The outcome of each request, as metric and log line. Neither holds a piece of the credential.

use metrics::counter;
use remint_core::{CredentialForm, CredentialRef, DeniedKind, Environment, Identity, Refusal, Unavailable};

// The labels are literals where a request passes: no key is built on the hot path.
macro_rules! outcome {
    ($outcome:expr, $kind:expr, $environment:expr, $reason:expr) => {
        counter!(
            "remint_outcomes_total",
            "outcome" => $outcome, "kind" => $kind, "environment" => $environment, "reason" => $reason
        )
        .increment(1)
    };
}

#[inline]
pub(crate) fn allowed(identity: &Identity) {
    match (&identity.credential, identity.environment) {
        (CredentialRef::ApiKey { .. }, Environment::Live) => outcome!("allowed", "api_key", "live", "none"),
        (CredentialRef::ApiKey { .. }, Environment::Test) => outcome!("allowed", "api_key", "test", "none"),
        (CredentialRef::Client { .. }, Environment::Live) => outcome!("allowed", "client", "live", "none"),
        (CredentialRef::Client { .. }, Environment::Test) => outcome!("allowed", "client", "test", "none"),
        (_, Environment::Live) => outcome!("allowed", "jwt", "live", "none"),
        (_, Environment::Test) => outcome!("allowed", "jwt", "test", "none"),
    }
}

pub(crate) fn anonymous() {
    outcome!("anonymous", "none", "none", "none");
}

/// A document that the gate has, whatever the request presents.
#[cold]
pub(crate) fn document() {
    outcome!("document", "none", "none", "none");
}

/// The request went away before its verdict.
#[cold]
pub(crate) fn abandoned(form: Option<CredentialForm>) {
    outcome!("abandoned", kind(form), "none", "none");
}

/// `because` is what the credential failed for, where its sender is told only that too many did.
#[cold]
pub(crate) fn refused(refusal: &Refusal, kind: &'static str, because: Option<DeniedKind>, hint: Option<&'static str>) {
    let reason = refusal.reason();
    match refusal {
        Refusal::Denied(_) => {
            outcome!("denied", kind, "none", reason);
            let because = because.map(DeniedKind::reason);
            tracing::info!(target: "remint", reason, because, kind, hint, "denied");
        }
        Refusal::Unavailable(unavailable) => {
            outcome!("unavailable", kind, "none", reason);
            let cause = cause(unavailable);
            tracing::warn!(target: "remint", reason, kind, cause, "unavailable");
        }
    }
}

/// The label of a credential of this form.
pub(crate) const fn kind(form: Option<CredentialForm>) -> &'static str {
    match form {
        Some(CredentialForm::ApiKey) => "api_key",
        Some(CredentialForm::Jwt) => "jwt",
        None => "none",
    }
}

/// The label of the credential that an identity came with.
pub(crate) const fn kind_of(identity: &Identity) -> &'static str {
    match identity.credential {
        CredentialRef::ApiKey { .. } => "api_key",
        CredentialRef::Client { .. } => "client",
        _ => "jwt",
    }
}

fn cause(unavailable: &Unavailable) -> String {
    std::error::Error::source(unavailable).map(ToString::to_string).unwrap_or_default()
}
