use std::error::Error;
use std::time::Duration;

use remint_core::{IssuerId, with_causes};

use crate::load_error::LoadError;

pub(crate) fn fetched(issuer: &IssuerId, outcome: &Result<(), LoadError>, age: Option<Duration>) {
    let name = match outcome {
        Ok(()) => "ok",
        Err(error) => {
            let (cause, kept) = (error.source().map(with_causes), age.is_some());
            tracing::warn!(target: "remint", %issuer, outcome = error.outcome(), %error, cause, kept, "the key set was not refreshed");
            error.outcome()
        }
    };
    metrics::counter!("remint_keyset_refresh_total", "issuer" => issuer.to_string(), "outcome" => name).increment(1);
    aged(issuer, age);
}

/// Says that a key of the set is not used, so that an operator finds out why it is missing.
pub(crate) fn unusable(issuer: &IssuerId, kid: Option<&str>, reason: &str) {
    let kid = kid.unwrap_or_default();
    tracing::warn!(target: "remint", %issuer, kid, reason, "a key of the set is not used");
}

pub(crate) fn aged(issuer: &IssuerId, age: Option<Duration>) {
    if let Some(age) = age {
        metrics::gauge!("remint_keyset_age_seconds", "issuer" => issuer.to_string()).set(age.as_secs_f64());
    }
}
