use std::error::Error;

use remint_core::Refusal;
use remint_guard::{Denial, RequestTrace};

/// How the requests of a layer, and the tokens that are given by themselves, are counted and logged.
///
/// Each is counted once, with its final outcome.
#[derive(Debug, Clone, Copy)]
pub struct Telemetry {
    /// Counts one, under the layer's own name ([`outcomes!`]).
    pub(crate) count: fn(Outcome),
    /// What the log says of a token that is refused.
    pub(crate) denied: &'static str,
    /// What the log says if the key set cannot be had.
    pub(crate) unavailable: &'static str,
}

/// What became of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Outcome {
    /// Its token was verified before.
    Cached,
    /// Its token was verified now.
    Verified,
    /// It has no token, and may pass without one.
    Absent,
    /// It asks for the resource's metadata, whatever it presents.
    Document,
    /// Its caller went away while it waited.
    Abandoned,
    /// It was refused, for this reason, and with what [names](remint_core::Denied::detail) it more closely.
    Denied(&'static str, Option<&'static str>),
    /// It could not be verified, for this reason.
    Unavailable(&'static str),
}

/// A function that counts outcomes under this name, with the labels `outcome` and `reason` (`none` where nothing is
/// refused). `$absent` is the outcome of a request without a token. Names and labels are literals where a request passes: no key is built on the hot path.
macro_rules! outcomes {
    ($name:literal, $absent:literal) => {{
        fn count(outcome: $crate::middleware::Outcome) {
            use $crate::middleware::Outcome;
            let counter = match outcome {
                Outcome::Cached => metrics::counter!($name, "outcome" => "cached", "reason" => "none"),
                Outcome::Verified => metrics::counter!($name, "outcome" => "verified", "reason" => "none"),
                Outcome::Absent => metrics::counter!($name, "outcome" => $absent, "reason" => "none"),
                Outcome::Document => metrics::counter!($name, "outcome" => "document", "reason" => "none"),
                Outcome::Abandoned => metrics::counter!($name, "outcome" => "abandoned", "reason" => "none"),
                Outcome::Denied(reason, None) => metrics::counter!($name, "outcome" => "denied", "reason" => reason),
                Outcome::Denied(reason, Some(detail)) => {
                    metrics::counter!($name, "outcome" => "denied", "reason" => reason, "detail" => detail)
                }
                Outcome::Unavailable(reason) => metrics::counter!($name, "outcome" => "unavailable", "reason" => reason),
            };
            counter.increment(1);
        }
        count
    }};
}
pub(crate) use outcomes;

impl Telemetry {
    /// Counts what is not refused.
    #[inline]
    pub(crate) fn passed(&self, outcome: Outcome) {
        (self.count)(outcome);
    }

    /// Counts a refusal by its reason, and logs it, with what names its request.
    #[cold]
    pub(crate) fn refused(&self, refusal: &Refusal, denial: Option<&Denial>) {
        let (reason, denied, unavailable) = (refusal.reason(), self.denied, self.unavailable);
        let trace = denial.and_then(Denial::trace);
        let (method, path) = trace.map(|trace| (trace.method().as_str(), trace.path())).unzip();
        let (request_id, hint) = (trace.map(RequestTrace::id), denial.and_then(Denial::hint));
        match refusal {
            Refusal::Denied(_) => {
                let detail = refusal.detail();
                (self.count)(Outcome::Denied(reason, detail));
                tracing::info!(target: "remint", reason, detail, method, path, request_id, hint, "{denied}");
            }
            Refusal::Unavailable(outage) => {
                (self.count)(Outcome::Unavailable(reason));
                let cause = outage.source().map(ToString::to_string);
                tracing::warn!(target: "remint", reason, cause, method, path, request_id, "{unavailable}");
            }
        }
    }

    /// Counts a token that was given by itself.
    pub(crate) fn counted<T>(&self, outcome: Result<(T, Outcome), Refusal>) -> Result<T, Refusal> {
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
            (telemetry.count)(Outcome::Abandoned);
        }
    }
}
