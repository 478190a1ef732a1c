use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use remint_core::{
    Cursor, LogId, LoggedRevocation, Page, Position, Reading, RevocationLog, RowId, Target, Unavailable,
};
use tokio::time::Instant;

use super::error::HttpLogError;

/// A server's log, for as long as the server lets this client follow it. While it does not, this is an empty log
/// that answers: an edge goes on as without one, and is not taken for one that is blind.
///
/// The server is asked again each minute. The log has a line when it begins to refuse, and one when it permits.
pub struct PermittedLog {
    log: Arc<dyn RevocationLog>,
    /// The log that has no rows.
    none: Cursor,
    refused: Mutex<Option<Instant>>,
}

impl PermittedLog {
    /// This log, such as an [`HttpLog`](super::HttpLog), while it is [permitted](HttpLogError::NotPermitted).
    #[must_use]
    pub fn new(log: Arc<dyn RevocationLog>) -> Self {
        #[expect(clippy::expect_used, reason = "the text is a name")]
        let id = LogId::new("not-permitted").expect("a name");
        let none = Cursor { log: id, position: Position(0), row: RowId::NONE };
        Self { log, none, refused: Mutex::default() }
    }

    /// Whether the server refused a moment ago.
    fn is_refused(&self) -> bool {
        self.refused().is_some_and(|at| at.elapsed() < AGAIN)
    }

    /// What the server said; `None` if it does not let this client follow.
    fn heard<T>(&self, answer: Result<T, Unavailable>) -> Result<Option<T>, Unavailable> {
        let mut refused = self.refused();
        match answer {
            Ok(answer) => {
                if refused.take().is_some() {
                    tracing::info!(target: "remint", "the server lets this client follow its revocation log");
                }
                Ok(Some(answer))
            }
            Err(error) if HttpLogError::is_not_permitted(&error) => {
                if refused.replace(Instant::now()).is_none() {
                    let error = remint_core::with_causes(&error).to_string();
                    tracing::warn!(
                        target: "remint", error,
                        "what the server ends is accepted here until cached entries have ended: give this client the \
                         right \"follow\" at the server, or do not follow its log"
                    );
                }
                Ok(None)
            }
            // It may follow no more than before.
            Err(error) if refused.is_some() => {
                tracing::debug!(target: "remint", %error, "the server was not asked whether this client may follow its log");
                *refused = Some(Instant::now());
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn refused(&self) -> MutexGuard<'_, Option<Instant>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl RevocationLog for PermittedLog {
    async fn head(&self) -> Result<Cursor, Unavailable> {
        if self.is_refused() {
            return Ok(self.none.clone());
        }
        Ok(self.heard(self.log.head().await)?.unwrap_or_else(|| self.none.clone()))
    }

    async fn read_after(&self, cursor: &Cursor, limit: usize) -> Result<Reading, Unavailable> {
        if cursor.log != self.none.log {
            return Ok(self.heard(self.log.read_after(cursor, limit).await)?.unwrap_or(Reading::Gap));
        }
        let is_none = self.is_refused() || self.heard(self.log.head().await)?.is_none();
        Ok(if is_none { Reading::Rows(Vec::new()) } else { Reading::Gap })
    }

    async fn kept(&self, log: &LogId, page: Page<Position>) -> Result<Option<Vec<LoggedRevocation>>, Unavailable> {
        if *log == self.none.log {
            return Ok(Some(Vec::new()));
        }
        Ok(self.heard(self.log.kept(log, page).await)?.flatten())
    }

    async fn latest(&self, targets: &[Target]) -> Result<Vec<LoggedRevocation>, Unavailable> {
        if self.is_refused() {
            return Ok(Vec::new());
        }
        Ok(self.heard(self.log.latest(targets).await)?.unwrap_or_default())
    }

    fn pause(&self) -> Duration {
        if self.refused().is_some() { PAUSE } else { self.log.pause() }
    }
}

impl fmt::Debug for PermittedLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PermittedLog").field("log", &self.log).field("is_refused", &self.refused().is_some()).finish()
    }
}

const AGAIN: Duration = Duration::from_secs(60);
/// While there is nothing to be read.
const PAUSE: Duration = Duration::from_secs(1);
