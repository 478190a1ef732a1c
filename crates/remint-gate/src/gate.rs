use std::borrow::Cow;
use std::sync::Arc;

use remint_core::{DeniedKind, Environment};
use remint_guard::{DpopChallenge, Policy, RequestTrace};
use remint_normalize::{HeaderLines, Normalizer, PendingPass, Progress, Rejection, Removals, RequestHead};
use tokio::runtime::Handle;

use crate::parts::Parts;
use crate::{Decision, Edits, Forward, ResponseHeaders, Verdict, Waiting, telemetry};

/// Decides about requests. The crate's documentation has the decision. Clones share everything.
#[derive(Debug, Clone)]
#[must_use = "a gate decides nothing until it is asked"]
pub struct Gate(Arc<Parts>);

impl Gate {
    /// A gate that holds requests to this policy. Where the normalizer takes DPoP, the policy's challenges and its
    /// document say so.
    ///
    /// It is asked within a Tokio runtime, unless it is [given one](Self::with_runtime).
    pub fn new(normalizer: Normalizer, policy: Policy) -> Self {
        let policy = match dpop_challenge(&normalizer) {
            Some(challenge) => policy.with_dpop(challenge),
            None => policy,
        };
        Self(Arc::new(Parts { normalizer, policy, runtime: None }))
    }

    /// The same with a runtime for the work that has to wait, so that it can be asked, and a [`Waiting`] be polled,
    /// on a thread without one.
    pub fn with_runtime(self, runtime: Handle) -> Self {
        self.with(|parts| parts.runtime = Some(runtime))
    }

    /// The same with a changed policy.
    pub fn with_policy(self, change: impl FnOnce(Policy) -> Policy) -> Self {
        self.with(|parts| parts.policy = change(std::mem::take(&mut parts.policy)))
    }

    /// What every request is held to.
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// What checks the credentials.
    #[must_use]
    pub fn normalizer(&self) -> &Normalizer {
        &self.0.normalizer
    }

    /// The environment that is demanded of every identity, by the policy's requirements or by the normalizer;
    /// `None`: either.
    #[must_use]
    pub fn environment(&self) -> Option<Environment> {
        self.0.policy.requirements().environment().or_else(|| self.0.normalizer.environment())
    }

    /// Decides about a request, as far as that goes without waiting. A credential that is remembered never waits,
    /// unless it is bound by DPoP: whether its proof was used before is asked of a store.
    ///
    /// The request is counted with its outcome: here, or by the [`Waiting`].
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime, if the credential must be waited for and no runtime was
    /// [given](Self::with_runtime).
    #[inline(always)]
    pub fn decide<H: HeaderLines + ?Sized>(&self, head: RequestHead<'_, H>) -> Decision<'_> {
        let Parts { normalizer, policy, runtime } = &*self.0;
        if let Some(document) = policy.document(head) {
            telemetry::document();
            return Decision::Ready(Verdict::Document(document));
        }
        match normalizer.begin_on(head, runtime.as_ref()) {
            Progress::Hit(pass, removals) => Decision::Ready(self.0.allow(
                Cow::Borrowed(normalizer),
                pass,
                removals,
                ResponseHeaders::none(),
                || RequestTrace::of(head),
            )),
            Progress::Miss(pending, removals) => self.wait(pending, removals, head),
            Progress::Anonymous(removals) => Decision::Ready(self.anonymous(head, removals)),
            Progress::Rejected(rejection) => Decision::Ready(self.rejected(rejection, head)),
        }
    }

    #[cold]
    fn wait<H: HeaderLines + ?Sized>(
        &self,
        pending: PendingPass,
        removals: Removals,
        head: RequestHead<'_, H>,
    ) -> Decision<'static> {
        Decision::Waiting(Waiting::new(Arc::clone(&self.0), pending, removals, RequestTrace::of(head)))
    }

    #[cold]
    fn rejected<H: HeaderLines + ?Sized>(&self, rejection: Rejection, head: RequestHead<'_, H>) -> Verdict<'static> {
        self.0.reject(rejection, RequestTrace::of(head))
    }

    fn anonymous<H: HeaderLines + ?Sized>(&self, head: RequestHead<'_, H>, removals: Removals) -> Verdict<'_> {
        if !self.0.policy.may_pass_without_credential(head) {
            return self.missing(head);
        }
        telemetry::anonymous();
        let edits = Edits::new(Cow::Borrowed(&self.0.normalizer), removals, None);
        Verdict::Forward(Forward { identity: None, edits, response: ResponseHeaders::none() })
    }

    #[cold]
    fn missing<H: HeaderLines + ?Sized>(&self, head: RequestHead<'_, H>) -> Verdict<'static> {
        let denial = self.0.policy.deny_request(DeniedKind::NoCredential, head);
        telemetry::refused(&denial, "none", None, None);
        Verdict::Deny(denial)
    }

    fn with(mut self, change: impl FnOnce(&mut Parts)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

/// The challenge of a normalizer that [takes DPoP](remint_normalize::NormalizerBuilder::dpop), for the denials that a
/// [`RequireLayer`](remint_guard::RequireLayer) is given of its own. Without any, it uses those of the layer outside.
#[must_use]
pub fn dpop_challenge(normalizer: &Normalizer) -> Option<DpopChallenge> {
    let verifier = normalizer.dpop()?.clone();
    let challenge = DpopChallenge::new(verifier.algorithms().iter().map(|algorithm| algorithm.as_str()));
    Some(challenge.with_nonce(move || verifier.nonce()))
}
