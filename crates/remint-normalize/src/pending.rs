use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use remint_cache::{Fingerprint, InFlight};
use remint_core::{CredentialForm, OwnedCredential, Refusal, Slot, Unavailable, UnavailableKind};
use remint_credential::{HeaderLines, RequestHead};
use remint_dpop::Proven;

use crate::bound::Sender;
use crate::failures::Failed;
use crate::line::{Line, Outcome};
use crate::{Pass, Rejection};

/// The pass of a miss that is being exchanged, or of a hit whose proof is checked for its first use. Dropping it
/// cancels nothing that other requests wait for.
pub struct PendingPass {
    line: Arc<Line>,
    slot: Slot,
    form: Option<CredentialForm>,
    /// By which failures are counted.
    address: Option<IpAddr>,
    state: State,
}

enum State {
    Waiting(Waiting),
    Spending(Pin<Box<dyn Future<Output = Result<Pass, Refusal>> + Send>>),
}

/// A request that waits: the exchange is shared, the client's address and what proves the sender are not.
struct Waiting {
    fingerprint: Fingerprint,
    credential: Arc<OwnedCredential>,
    client: Option<IpAddr>,
    sender: Sender,
    exchange: InFlight<Outcome>,
    tries_left: u8,
}

impl PendingPass {
    pub(crate) fn start<H: HeaderLines + ?Sized>(
        line: &Arc<Line>,
        fingerprint: Fingerprint,
        credential: OwnedCredential,
        head: RequestHead<'_, H>,
    ) -> Self {
        let credential = Arc::new(credential);
        let (slot, form) = (credential.borrow().slot(), Some(credential.borrow().form()));
        let exchange = line.join_exchange(fingerprint, &credential);
        let sender = Sender::of(head, slot);
        let waiting = Waiting { fingerprint, credential, client: head.client, sender, exchange, tries_left: 3 };
        Self { line: Arc::clone(line), slot, form, address: head.counted_address(), state: State::Waiting(waiting) }
    }

    /// The form of the credential, where that is known.
    #[must_use]
    pub const fn form(&self) -> Option<CredentialForm> {
        self.form
    }

    /// Of a hit.
    pub(crate) fn spend<H: ?Sized>(
        line: &Arc<Line>,
        pass: Pass,
        proven: Proven,
        slot: Slot,
        head: RequestHead<'_, H>,
    ) -> Self {
        let (form, address) = (pass.form(slot), head.counted_address());
        Self { line: Arc::clone(line), slot, form, address, state: State::spending(pass, proven) }
    }
}

impl State {
    fn credential(&self) -> Option<&Arc<OwnedCredential>> {
        match self {
            Self::Waiting(waiting) => Some(&waiting.credential),
            Self::Spending(_) => None,
        }
    }

    fn spending(pass: Pass, proven: Proven) -> Self {
        Self::Spending(Box::pin(async move { proven.spend().await.map(|()| pass) }))
    }
}

impl Waiting {
    /// The outcome of the exchange for this request: a pass, and the proof that must be spent first if there is one.
    fn poll(&mut self, line: &Arc<Line>, context: &mut Context<'_>) -> Poll<Result<(Pass, Option<Proven>), Refusal>> {
        loop {
            let outcome = ready!(Pin::new(&mut self.exchange).poll(context));
            let settled = settled(line, outcome).or_else(|| {
                let overtaken = || Unavailable::new(UnavailableKind::Overloaded).with_source("revocations overtook it");
                (self.tries_left == 0).then(|| Err(overtaken().into()))
            });
            if let Some(outcome) = settled {
                return Poll::Ready(outcome.and_then(|pass| self.admitted(line, pass)));
            }
            self.tries_left -= 1;
            self.exchange = line.join_exchange(self.fingerprint, &self.credential);
        }
    }

    fn admitted(&self, line: &Line, pass: Pass) -> Result<(Pass, Option<Proven>), Refusal> {
        line.admit(&pass, self.client)?;
        let proven = self.sender.check(line, &pass, self.credential.borrow().expose_secret().as_bytes())?;
        Ok((pass, proven))
    }
}

/// The outcome, unless a revocation or a change overtook the work: it may have begun before this
/// caller came, and what was revoked before they came must not let them pass.
fn settled(line: &Line, outcome: Outcome) -> Option<Result<Pass, Refusal>> {
    match outcome.result {
        Ok(entry) => (!line.memory.is_revoked(&entry)).then(|| Ok(entry.value().clone())),
        Err(Refusal::Denied(denied)) => (outcome.stamp == line.table.stamp()).then(|| Err(denied.into())),
        Err(Refusal::Unavailable(unavailable)) => Some(Err(unavailable.into())),
    }
}

impl Future for PendingPass {
    type Output = Result<Pass, Rejection>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let outcome = loop {
            match &mut this.state {
                State::Waiting(waiting) => match ready!(waiting.poll(&this.line, context)) {
                    Ok((pass, Some(proven))) => this.state = State::spending(pass, proven),
                    Ok((pass, None)) => break Ok(pass),
                    Err(refusal) => break Err(refusal),
                },
                State::Spending(spending) => break ready!(spending.as_mut().poll(context)),
            }
        };
        Poll::Ready(outcome.map_err(|refusal| match refusal {
            Refusal::Denied(denied) => {
                let credential = this.state.credential();
                let text = credential.map(|credential| credential.borrow().expose_secret());
                this.line.reject(denied, Failed { address: this.address, form: this.form, text })
            }
            unavailable => Rejection::new(unavailable, this.form),
        }))
    }
}

impl fmt::Debug for PendingPass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingPass").field("slot", &self.slot).finish_non_exhaustive()
    }
}
