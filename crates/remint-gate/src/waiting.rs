use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

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
    is_counted: bool,
}

impl Waiting {
    pub(crate) const fn new(parts: Arc<Parts>, pending: PendingPass, removals: Removals) -> Self {
        Self { parts, pending, removals, is_counted: false }
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
        this.is_counted = true;
        Poll::Ready(this.parts.conclude(outcome, this.removals))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.is_counted {
            telemetry::abandoned(self.pending.form());
        }
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").field("pending", &self.pending).finish_non_exhaustive()
    }
}
