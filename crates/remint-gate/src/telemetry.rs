//! The outcome of each request, as metric and log line. Neither holds a piece of the credential.

use metrics::counter;
use remint_core::{
    CredentialForm, CredentialRef, DeniedKind, Environment, Explanation, Identity, Refusal, Unavailable,
};
use remint_guard::{Denial, RequestTrace};

// The labels are literals where a request passes: no key is built on the hot path.
macro_rules! outcome {
    ($outcome:expr, $kind:expr, $environment:expr, $reason:expr $(, $name:literal => $value:expr)?) => {
        counter!(
            "remint_outcomes_total",
            "outcome" => $outcome, "kind" => $kind, "environment" => $environment, "reason" => $reason
            $(, $name => $value)?
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
        (CredentialRef::Other { .. }, Environment::Live) => outcome!("allowed", "other", "live", "none"),
        (CredentialRef::Other { .. }, Environment::Test) => outcome!("allowed", "other", "test", "none"),
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
pub(crate) fn refused(
    denial: &Denial,
    kind: &'static str,
    because: Option<DeniedKind>,
    explanation: Option<&Explanation>,
) {
    let refusal = denial.refusal();
    let (reason, detail, hint) = (refusal.reason(), refusal.detail(), denial.hint());
    let because = because.map(DeniedKind::reason);
    let trace = denial.trace();
    let (method, path) = trace.map(|trace| (trace.method().as_str(), trace.path())).unzip();
    let request_id = trace.map(RequestTrace::id);
    let said = |of: fn(&Explanation) -> Option<&str>| explanation.and_then(of);
    let (trust, issuer) = (said(|said| said.trust.as_deref()), said(|said| said.issuer.as_deref()));
    let (key_id, api_key) = (said(|said| said.key_id.as_deref()), said(|said| said.api_key.as_deref()));
    let (claim, found) = (said(|said| said.claim.as_deref()), said(|said| said.found));
    match refusal {
        Refusal::Denied(_) => {
            match detail {
                None => outcome!("denied", kind, "none", reason),
                Some(name) => outcome!("denied", kind, "none", reason, "detail" => name),
            }
            tracing::info!(
                target: "remint",
                reason, detail, because, kind, trust, issuer, key_id, claim, found, api_key, method, path, request_id, hint,
                "denied"
            );
        }
        Refusal::Unavailable(unavailable) => {
            outcome!("unavailable", kind, "none", reason);
            let cause = cause(unavailable);
            tracing::warn!(
                target: "remint",
                reason, kind, cause, trust, issuer, key_id, api_key, method, path, request_id,
                "unavailable"
            );
        }
    }
}

/// The label of a credential of this form.
pub(crate) const fn kind(form: Option<CredentialForm>) -> &'static str {
    match form {
        Some(CredentialForm::ApiKey) => "api_key",
        Some(CredentialForm::Jwt) => "jwt",
        Some(CredentialForm::Session) => "session",
        None => "none",
    }
}

/// The label of the credential that an identity came with.
pub(crate) const fn kind_of(identity: &Identity) -> &'static str {
    match identity.credential {
        CredentialRef::ApiKey { .. } => "api_key",
        CredentialRef::Client { .. } => "client",
        CredentialRef::Other { .. } => "other",
        _ => "jwt",
    }
}

fn cause(unavailable: &Unavailable) -> String {
    std::error::Error::source(unavailable).map(ToString::to_string).unwrap_or_default()
}
