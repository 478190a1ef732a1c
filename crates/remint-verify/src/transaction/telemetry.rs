//! `remint_transactions_total{outcome, reason}`: transaction tokens that were found good (`verified`), and
//! requests that were refused (`denied` or `unavailable`, by reason) or passed without one (`absent`). A
//! request whose token is good and whose transaction does not meet a requirement counts as both.

use std::error::Error;

use remint_core::Refusal;

pub(super) fn verified() {
    metrics::counter!(TOTAL, "outcome" => "verified", "reason" => "").increment(1);
}

pub(super) fn absent() {
    metrics::counter!(TOTAL, "outcome" => "absent", "reason" => "").increment(1);
}

pub(super) fn refused(refusal: &Refusal, hint: Option<&'static str>) {
    let reason = refusal.reason();
    match refusal {
        Refusal::Denied(_) => {
            metrics::counter!(TOTAL, "outcome" => "denied", "reason" => reason).increment(1);
            match hint {
                Some(hint) => tracing::info!(target: "remint", reason, hint, "a transaction token was refused"),
                None => tracing::debug!(target: "remint", reason, "a transaction token was refused"),
            }
        }
        Refusal::Unavailable(unavailable) => {
            metrics::counter!(TOTAL, "outcome" => "unavailable", "reason" => reason).increment(1);
            let cause = unavailable.source().map(ToString::to_string);
            tracing::warn!(target: "remint", reason, cause, "a transaction token cannot be verified");
        }
    }
}

const TOTAL: &str = "remint_transactions_total";
