use std::error::Error;

use remint_core::Refusal;

/// How the requests of a layer, and the tokens that are given by themselves, are counted and logged.
///
/// Each is counted once, with its final outcome: `cached` or `verified`, the layer's name for a request without a
/// token, `denied` or `unavailable` (by reason), or `abandoned`, if its caller went away while it waited.
#[derive(Debug, Clone, Copy)]
pub struct Telemetry {
    /// The counter's name. Its labels are `outcome` and `reason`.
    pub(crate) counter: &'static str,
    /// The outcome of a request that may pass without a token.
    pub(crate) absent: &'static str,
    /// What the log says of a token that is refused.
    pub(crate) denied: &'static str,
    /// What the log says if the key set cannot be had.
    pub(crate) unavailable: &'static str,
}

impl Telemetry {
    /// Counts what passes.
    pub(crate) fn passed(&self, outcome: &'static str) {
        self.count(outcome, "");
    }

    /// Counts a refusal by its reason, and logs it.
    #[cold]
    pub(crate) fn refused(&self, refusal: &Refusal, hint: Option<&'static str>) {
        let (reason, denied, unavailable) = (refusal.reason(), self.denied, self.unavailable);
        match refusal {
            Refusal::Denied(_) => {
                self.count("denied", reason);
                match hint {
                    Some(hint) => tracing::info!(target: "remint", reason, hint, "{denied}"),
                    None => tracing::debug!(target: "remint", reason, "{denied}"),
                }
            }
            Refusal::Unavailable(outage) => {
                self.count("unavailable", reason);
                let cause = outage.source().map(ToString::to_string);
                tracing::warn!(target: "remint", reason, cause, "{unavailable}");
            }
        }
    }

    /// Counts a token that was given by itself.
    pub(crate) fn counted<T>(&self, outcome: Result<(T, &'static str), Refusal>) -> Result<T, Refusal> {
        match outcome {
            Ok((proven, outcome)) => {
                self.passed(outcome);
                Ok(proven)
            }
            Err(refusal) => {
                self.refused(&refusal, None);
                Err(refusal)
            }
        }
    }

    /// A request that begins to wait. It counts as abandoned unless it is told what became of it.
    pub(super) const fn waiting(self) -> Unfinished {
        Unfinished(Some(self))
    }

    fn count(&self, outcome: &'static str, reason: &'static str) {
        metrics::counter!(self.counter, "outcome" => outcome, "reason" => reason).increment(1);
    }
}

/// Counts a request as abandoned when it is dropped.
#[derive(Debug)]
pub(super) struct Unfinished(Option<Telemetry>);

impl Unfinished {
    /// The request has an outcome of its own.
    pub(super) const fn end(&mut self) {
        self.0 = None;
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(telemetry) = &self.0 {
            telemetry.count("abandoned", "");
        }
    }
}

/// The outcome of a token that was verified before.
pub(crate) const CACHED: &str = "cached";

/// The outcome of a token that was verified now.
pub(crate) const VERIFIED: &str = "verified";
