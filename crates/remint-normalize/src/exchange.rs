use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use remint_cache::{Fingerprint, Flight};
use remint_core::{OwnedCredential, Refusal, Slot, Unavailable, UnavailableKind};

use crate::line::{Landed, Line};
use crate::{Pass, telemetry};

/// A miss under way. Dropping it cancels nothing that others wait for.
pub struct Exchange {
    line: Arc<Line>,
    fingerprint: Fingerprint,
    credential: Arc<OwnedCredential>,
    /// Who waits: the flight is shared, the client's address is not.
    client: Option<IpAddr>,
    flight: Flight<Landed>,
    tries_left: u8,
}

impl Exchange {
    pub(crate) fn start(
        line: &Arc<Line>,
        fingerprint: Fingerprint,
        credential: OwnedCredential,
        client: Option<IpAddr>,
    ) -> Self {
        let credential = Arc::new(credential);
        let flight = line.fly(fingerprint, &credential);
        Self { line: Arc::clone(line), fingerprint, credential, client, flight, tries_left: 3 }
    }

    fn slot(&self) -> Slot {
        self.credential.borrow().slot()
    }

    /// The outcome, unless a revocation or a change overtook the work: it may have begun before this
    /// caller came, and what was revoked before they came must not let them pass.
    fn settled(&self, landed: Landed) -> Option<Result<Pass, Refusal>> {
        match landed.outcome {
            Ok(entry) => (!self.line.memory.is_revoked(&entry)).then(|| Ok(entry.value().clone())),
            Err(Refusal::Denied(denied)) => (landed.stamp == self.line.table.stamp()).then(|| Err(denied.into())),
            Err(Refusal::Unavailable(unavailable)) => Some(Err(unavailable.into())),
        }
    }
}

impl Future for Exchange {
    type Output = Result<Pass, Refusal>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        loop {
            let Poll::Ready(landed) = Pin::new(&mut this.flight).poll(context) else { return Poll::Pending };
            let settled = this.settled(landed).or_else(|| {
                let overtaken = || Unavailable::new(UnavailableKind::Overloaded).with_source("revocations overtook it");
                (this.tries_left == 0).then(|| Err(overtaken().into()))
            });
            if let Some(outcome) = settled {
                let admitted = |pass: Pass| match this.line.admit(&pass, this.client) {
                    Ok(()) => Ok(pass),
                    Err(kind) => Err(kind.into()),
                };
                let outcome = outcome.and_then(admitted);
                match &outcome {
                    Ok(pass) => telemetry::allowed(pass.identity()),
                    Err(refusal) => telemetry::refused(refusal, Some(this.credential.borrow().form())),
                }
                return Poll::Ready(outcome);
            }
            this.tries_left -= 1;
            this.flight = this.line.fly(this.fingerprint, &this.credential);
        }
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("slot", &self.slot()).finish_non_exhaustive()
    }
}
