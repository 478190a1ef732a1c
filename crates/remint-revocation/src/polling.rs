use std::sync::Arc;
use std::time::Duration;

use remint_core::{Retention, with_causes};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep};

use crate::reader::Reader;

/// The task that reads a log again and again. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Polling(AbortHandle);

impl Polling {
    /// Begins it; `None` outside a Tokio runtime.
    pub(crate) fn begin(reader: &Arc<Reader>) -> Option<Self> {
        let runtime = tokio::runtime::Handle::try_current().ok()?;
        let task = runtime.spawn(poll(Arc::clone(reader)));
        Some(Self(task.abort_handle()))
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn poll(reader: Arc<Reader>) {
    let (mut failures, mut cleaned) = (0_u32, Instant::now());
    // What is kept may have taken a while to read: what came meanwhile is read at once.
    let mut is_first = true;
    loop {
        // However seldom there is something to read, it is looked often enough for entries to answer.
        let pause = reader.log.log().pause().min(LONGEST_PAUSE);
        let pause = if failures == 0 { pause } else { pause.saturating_mul(failures).clamp(TENTH, LONGEST_PAUSE) };
        let pause = if std::mem::take(&mut is_first) { Duration::ZERO } else { pause };
        tokio::select! {
            () = sleep(pause) => {}
            // Whoever needs it now waits for it; a log that fails is not asked more often for that.
            () = reader.wanted.notified(), if failures == 0 => {}
        }
        match reader.catch_up().await {
            Ok(_) if failures > 0 => {
                tracing::info!(target: "remint", "the revocation log is read again");
                failures = 0;
            }
            Ok(_) => {}
            Err(error) => {
                if failures == 0 {
                    tracing::warn!(target: "remint", error = %with_causes(&error), "the revocation log cannot be read");
                }
                failures = failures.saturating_add(1);
            }
        }
        if failures == 0 && cleaned.elapsed() >= CLEANED_EVERY {
            forget(&reader).await;
            cleaned = Instant::now();
        }
    }
}

/// Has the log forget what is no longer in force, a few rows at a time: others write and read between.
async fn forget(reader: &Reader) {
    let Some(writer) = reader.log.writer() else { return };
    let longest = reader.table.retention();
    let retention = Retention { held: longest, external: longest };
    loop {
        match writer.forget(retention, FORGOTTEN_AT_ONCE).await {
            Ok(count) if count < FORGOTTEN_AT_ONCE => return,
            Ok(_) => sleep(TENTH).await,
            Err(error) => {
                tracing::warn!(target: "remint", error = %with_causes(&error), "the revocation log cannot forget old rows");
                return;
            }
        }
        if reader.catch_up().await.is_err() {
            return;
        }
    }
}

const TENTH: Duration = Duration::from_millis(100);

/// Within what counts as a recent look: entries go on answering while the log does not.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

const CLEANED_EVERY: Duration = Duration::from_secs(60);

const FORGOTTEN_AT_ONCE: usize = 500;
