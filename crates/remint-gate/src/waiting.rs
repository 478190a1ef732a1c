use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use remint_guard::{Policy, RequestTrace};
use remint_normalize::{PendingPass, Removals};
use tokio::runtime::Handle;

use crate::parts::Parts;
use crate::{Verdict, telemetry};

/// A verdict that is yet to come: the credential is being checked, or its proof is checked for its first use.
///
/// It owns all that it needs, and can be polled on any thread. Dropping it before the verdict ends no work that other
/// requests wait for; the request is counted as abandoned.
#[must_use = "a future does nothing until it is polled"]
pub struct Waiting {
    parts: Arc<Parts>,
    pending: PendingPass,
    removals: Removals,
    /// `None`: it has its verdict.
    trace: Option<RequestTrace>,
}

impl Waiting {
    pub(crate) const fn new(parts: Arc<Parts>, pending: PendingPass, removals: Removals, trace: RequestTrace) -> Self {
        Self { parts, pending, removals, trace: Some(trace) }
    }

    /// The gate's policy.
    pub fn policy(&self) -> &Policy {
        &self.parts.policy
    }
}

impl Future for Waiting {
    type Output = Verdict<'static>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let outcome = {
            let _within = this.parts.runtime.as_ref().map(Handle::enter);
            ready!(Pin::new(&mut this.pending).poll(context))
        };
        #[expect(clippy::expect_used, reason = "no future may be polled after it has completed")]
        let trace = this.trace.take().expect("polled after completion");
        Poll::Ready(this.parts.conclude(outcome, this.removals, trace))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.trace.is_some() {
            telemetry::abandoned(self.pending.form());
        }
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").field("pending", &self.pending).finish_non_exhaustive()
    }
}
