use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::{Cmd, RedisError, Value};
use remint_core::{Unavailable, UnavailableKind};
use tokio::time::timeout;

use crate::breaker::{Breaker, Turned};
use crate::link::Link;
use crate::{RedisAddress, RedisSettings};

/// A server, with a bounded wait and a breaker. Clones share the connection.
///
/// Nothing is asked until it is used, and a server that is not there is no error before that.
#[derive(Clone)]
pub struct Redis {
    inner: Arc<Inner>,
}

struct Inner {
    settings: RedisSettings,
    link: Link,
    breaker: Breaker,
}

/// Why there is no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    #[error("Redis has not answered and is left alone for a while")]
    LeftAlone(Duration),
    #[error("Redis did not answer in time")]
    Late,
    #[error("Redis could not be reached")]
    Broken(#[source] RedisError),
    #[error("Redis refused the command")]
    Refused(#[source] RedisError),
    #[error("Redis answered something else")]
    Unexpected,
}

impl Redis {
    /// The server at this address. It is connected to at its first use, on the Tokio runtime that is there then.
    #[must_use]
    pub fn new(address: RedisAddress, settings: RedisSettings) -> Self {
        let longest_answer = settings.max_value.saturating_add(ROOM);
        let link = Link::new(address, settings.connect_within, longest_answer);
        let breaker = Breaker::new(settings.failures.max(1), settings.cool_down);
        Self { inner: Arc::new(Inner { settings, link, breaker }) }
    }

    pub(crate) fn max_value(&self) -> usize {
        self.inner.settings.max_value
    }

    /// What the server answers to one command.
    pub(crate) async fn ask(&self, command: &Cmd) -> Result<Value, AskError> {
        let Inner { settings, link, breaker } = &*self.inner;
        let permit = breaker.admit().map_err(AskError::LeftAlone)?;
        let outcome = timeout(settings.wait, self.ask_now(command)).await.unwrap_or(Err(AskError::Late));
        match outcome {
            Ok(_) | Err(AskError::Refused(_)) => {
                if permit.answered() == Turned::Closed {
                    tracing::info!(target: "remint", address = %link.address(), "Redis answers again");
                }
            }
            Err(ref error) => {
                if permit.failed() == Turned::Opened {
                    // Where nothing comes any more, another connection may get through.
                    link.reset();
                    let cause = error.cause();
                    tracing::warn!(
                        target: "remint", address = %link.address(), %error, cause,
                        "Redis has failed too often and is left alone for a while"
                    );
                }
            }
        }
        outcome
    }

    async fn ask_now(&self, command: &Cmd) -> Result<Value, AskError> {
        let link = &self.inner.link;
        let connection = link.connection().await.map_err(AskError::Broken)?;
        connection.ask(command).await.map_err(|error| {
            if error.is_unrecoverable_error() || connection.has_ended() {
                link.give_up(&connection);
                AskError::Broken(error)
            } else {
                AskError::Refused(error)
            }
        })
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("address", self.inner.link.address()).finish_non_exhaustive()
    }
}

impl AskError {
    /// What the server said an error is, in its own word: `WRONGTYPE`, `NOSCRIPT`.
    pub(crate) fn code(&self) -> Option<&str> {
        if let Self::Refused(error) = self { error.code() } else { None }
    }

    fn cause(&self) -> Option<String> {
        std::error::Error::source(self).map(ToString::to_string)
    }

    pub(crate) fn into_unavailable(self, kind: UnavailableKind) -> Unavailable {
        let outage = Unavailable::new(kind);
        match self {
            Self::LeftAlone(wait) => outage.with_retry_after(wait.max(Duration::from_secs(1))).with_source(self),
            error => outage.with_source(error),
        }
    }
}

/// For what an answer has besides the value: lengths and ends of lines, and the words of an error.
const ROOM: usize = 1024;
