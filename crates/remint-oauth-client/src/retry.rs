use std::time::Duration;

use remint_core::UnavailableKind;
use tokio::time::{Instant, sleep};

use crate::{ErrorCode, Failure, FailureKind, random};

/// How often a call is still made again, and until when.
pub(crate) struct Patience {
    left: u32,
    made: u32,
    deadline: Instant,
}

impl Patience {
    pub(crate) const fn new(retries: u32, deadline: Instant) -> Self {
        Self { left: retries, made: 0, deadline }
    }

    /// Waits before the next attempt, if another one may help and there is time for it.
    pub(crate) async fn waits_after(&mut self, failure: &Failure) -> bool {
        let Some(left) = self.left.checked_sub(1) else { return false };
        let Some(asked_for) = worth_it(failure) else { return false };
        let jitter = random::up_to(FIRST_WAIT.saturating_mul(1 << self.made.min(8)).min(LONGEST_WAIT));
        let wait = asked_for + jitter;
        if self.deadline.saturating_duration_since(Instant::now()) <= wait {
            return false;
        }
        self.left = left;
        self.made += 1;
        sleep(wait).await;
        true
    }
}

/// How long the server wants to be left alone before another attempt; `None`: another attempt would come
/// to the same.
const fn worth_it(failure: &Failure) -> Option<Duration> {
    match (failure.kind(), failure.part()) {
        // One provider is out, not the server: who sent the credential may try again later.
        (
            _,
            Some(
                UnavailableKind::KeySet
                | UnavailableKind::Introspection
                | UnavailableKind::Enricher
                | UnavailableKind::Deadline,
            ),
        ) => None,
        (FailureKind::Transport | FailureKind::Status(502..=504), _)
        | (FailureKind::Unavailable(ErrorCode::TemporarilyUnavailable | ErrorCode::SlowDown), _) => {
            Some(failure.retry_after())
        }
        (FailureKind::TooManyRequests, _) if !failure.retry_after().is_zero() => Some(failure.retry_after()),
        _ => None,
    }
}

const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_millis(500);
