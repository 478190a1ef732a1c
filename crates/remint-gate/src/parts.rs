use std::borrow::Cow;

use remint_core::{Denied, Explanation};
use remint_guard::{Policy, RequestTrace};
use remint_normalize::{Normalizer, Pass, Rejection, Removals};
use tokio::runtime::Handle;

use crate::{Edits, Forward, ResponseHeaders, Verdict, telemetry};

/// What a gate has, and the verdicts that no longer need the request.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) normalizer: Normalizer,
    pub(crate) policy: Policy,
    pub(crate) runtime: Option<Handle>,
}

impl Parts {
    /// The verdict on a request that waited.
    pub(crate) fn conclude(
        &self,
        outcome: Result<Pass, Rejection>,
        removals: Removals,
        trace: RequestTrace,
    ) -> Verdict<'static> {
        match outcome {
            Ok(pass) => {
                let response = ResponseHeaders::after(&self.normalizer, &pass);
                self.allow(Cow::Owned(self.normalizer.clone()), pass, removals, response, || trace)
            }
            Err(rejection) => self.reject(rejection, trace),
        }
    }

    /// The verdict on a request whose credential may be used.
    #[inline(always)]
    pub(crate) fn allow<'g>(
        &self,
        normalizer: Cow<'g, Normalizer>,
        pass: Pass,
        removals: Removals,
        response: ResponseHeaders,
        trace: impl FnOnce() -> RequestTrace,
    ) -> Verdict<'g> {
        if let Err(denied) = self.policy.check(pass.identity()) {
            return self.deny(denied, &pass, trace());
        }
        telemetry::allowed(pass.identity());
        let (authorization, identity) = pass.into_parts();
        let edits = Edits::new(normalizer, removals, Some(authorization));
        Verdict::Forward(Forward { identity: Some(identity), edits, response })
    }

    #[cold]
    fn deny(&self, denied: Denied, pass: &Pass, trace: RequestTrace) -> Verdict<'static> {
        let denial = self.policy.deny(denied).with_trace(trace);
        let said = Explanation::of(pass.identity());
        telemetry::refused(&denial, telemetry::kind_of(pass.identity()), None, Some(&said));
        Verdict::Deny(denial)
    }

    #[cold]
    pub(crate) fn reject(&self, rejection: Rejection, trace: RequestTrace) -> Verdict<'static> {
        let denial = self.policy.deny(rejection.refusal().clone()).with_trace(trace);
        let kind = telemetry::kind(rejection.form());
        telemetry::refused(&denial, kind, rejection.because(), rejection.explanation());
        Verdict::Deny(denial)
    }
}
