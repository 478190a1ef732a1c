use std::borrow::Cow;

use remint_core::Denied;
use remint_guard::Policy;
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
    pub(crate) fn conclude(&self, outcome: Result<Pass, Rejection>, removals: Removals) -> Verdict<'static> {
        match outcome {
            Ok(pass) => {
                let response = ResponseHeaders::after(&self.normalizer, &pass);
                self.allow(Cow::Owned(self.normalizer.clone()), pass, removals, response)
            }
            Err(rejection) => self.reject(rejection),
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
    ) -> Verdict<'g> {
        if let Err(denied) = self.policy.check(pass.identity()) {
            return self.deny(denied, &pass);
        }
        telemetry::allowed(pass.identity());
        let (authorization, identity) = pass.into_parts();
        let edits = Edits::new(normalizer, removals, Some(authorization));
        Verdict::Forward(Forward { identity: Some(identity), edits, response })
    }

    #[cold]
    fn deny(&self, denied: Denied, pass: &Pass) -> Verdict<'static> {
        let denial = self.policy.deny(denied);
        telemetry::refused(denial.refusal(), telemetry::kind_of(pass.identity()), None, None);
        Verdict::Deny(denial)
    }

    #[cold]
    pub(crate) fn reject(&self, rejection: Rejection) -> Verdict<'static> {
        telemetry::refused(rejection.refusal(), telemetry::kind(rejection.form()), rejection.because(), None);
        Verdict::Deny(self.policy.deny(rejection.into_refusal()))
    }
}
