use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use remint_core::{Clock, Target};
use remint_revocation::{Issued, Revocations};
use remint_token::Moments;

/// Ready once a token does not count any more: for a handler that holds its connection open (a WebSocket, server-sent
/// events, a stream of gRPC), which the layer has asked only once. [`Verifier::ended`](crate::Verifier::ended) makes
/// it.
///
/// It does nothing unless it is polled, and ends nothing by itself.
#[must_use = "it does nothing unless it is awaited"]
pub struct Ended(Pin<Box<dyn Future<Output = EndedBy> + Send>>);

/// What a token ended by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndedBy {
    /// Its `exp` has come.
    Time,
    /// Something that it names was revoked.
    Revocation,
}

impl Ended {
    pub(crate) fn new(
        targets: Vec<Target>,
        moments: Moments,
        revocations: Option<Revocations>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Box::pin(ended(targets, moments, revocations, clock)))
    }
}

impl Future for Ended {
    type Output = EndedBy;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<EndedBy> {
        self.0.as_mut().poll(cx)
    }
}

impl fmt::Debug for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ended(..)")
    }
}

async fn ended(
    targets: Vec<Target>,
    moments: Moments,
    revocations: Option<Revocations>,
    clock: Arc<dyn Clock>,
) -> EndedBy {
    loop {
        let left = moments.expires_at.saturating_duration_since(clock.now());
        if left.is_zero() {
            return EndedBy::Time;
        }
        // Clocks are set: it is asked again before the token ends by this one.
        let asleep = tokio::time::sleep(left.min(A_MINUTE));
        let Some(revocations) = &revocations else {
            asleep.await;
            continue;
        };
        let table = revocations.table();
        let stamp = table.stamp();
        let issued = Issued { at: moments.issued_at, rev: moments.rev.as_ref() };
        // A log that does not answer ends nothing that has begun.
        if revocations.ended(&targets, issued).await.unwrap_or(false) {
            return EndedBy::Revocation;
        }
        tokio::select! {
            () = asleep => {}
            () = table.changed_after(stamp) => {}
        }
    }
}

const A_MINUTE: Duration = Duration::from_secs(60);
