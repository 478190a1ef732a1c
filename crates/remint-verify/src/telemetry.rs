//! `remint_verify_total{outcome, reason}`: tokens that were found good (`cached` or `verified`), requests
//! that were refused (`denied` or `unavailable`, by reason) or passed as `anonymous`. A request whose
//! token is good and whose caller does not meet a requirement counts as both.

use std::error::Error;

use remint_core::Refusal;

pub(crate) fn cached() {
    metrics::counter!(TOTAL, "outcome" => "cached", "reason" => "").increment(1);
}

pub(crate) fn verified() {
    metrics::counter!(TOTAL, "outcome" => "verified", "reason" => "").increment(1);
}

pub(crate) fn anonymous() {
    metrics::counter!(TOTAL, "outcome" => "anonymous", "reason" => "").increment(1);
}

pub(crate) fn refused(refusal: &Refusal, hint: Option<&'static str>) {
    let reason = refusal.reason();
    match refusal {
        Refusal::Denied(_) => {
            metrics::counter!(TOTAL, "outcome" => "denied", "reason" => reason).increment(1);
            match hint {
                Some(hint) => tracing::info!(target: "remint", reason, hint, "an internal token was refused"),
                None => tracing::debug!(target: "remint", reason, "an internal token was refused"),
            }
        }
        Refusal::Unavailable(unavailable) => {
            metrics::counter!(TOTAL, "outcome" => "unavailable", "reason" => reason).increment(1);
            let cause = unavailable.source().map(ToString::to_string);
            tracing::warn!(target: "remint", reason, cause, "an internal token cannot be verified");
        }
    }
}

const TOTAL: &str = "remint_verify_total";
