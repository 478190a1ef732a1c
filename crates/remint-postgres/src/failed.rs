use std::fmt;

use remint_core::{StoreError, Unavailable, UnavailableKind};
use sqlx::error::DatabaseError;

/// Why a call did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failed {
    /// It cannot be done.
    Refused(StoreError),
    /// The database did not do it.
    Sql(sqlx::Error),
    /// The database did not answer in time.
    Slow,
}

impl Failed {
    /// Whether two transactions stood in each other's way: nothing was done, and it may be tried
    /// again.
    pub(crate) fn is_contention(&self) -> bool {
        let Self::Sql(sqlx::Error::Database(error)) = self else { return false };
        error.code().is_some_and(|code| code == DEADLOCK || code == SERIALIZATION)
    }

    /// Whether the connection is gone.
    pub(crate) fn is_loss(&self) -> bool {
        matches!(self, Self::Sql(error) if is_loss(error))
    }
}

/// Whether the connection is gone: it broke, or the server ended it.
pub(crate) fn is_loss(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => true,
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| code.starts_with(CONNECTION) || code.starts_with(SHUTDOWN))
        }
        _ => false,
    }
}

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error().and_then(refusal) {
            Some(refusal) => Self::Refused(refusal),
            None => Self::Sql(error),
        }
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl From<Failed> for StoreError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Refused(error) => error,
            other => Self::Unavailable(other.into()),
        }
    }
}

impl From<Failed> for Unavailable {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Refused(StoreError::Unavailable(unavailable)) => unavailable,
            // No call that can be refused answers in this way.
            Failed::Refused(error) => Self::new(UnavailableKind::Internal).with_source(error),
            // A text that PostgreSQL cannot hold: no name of ours is one.
            Failed::Sql(error) if code(&error).as_deref() == Some(NO_TEXT) => {
                Self::new(UnavailableKind::Internal).with_source(error)
            }
            Failed::Sql(error) => Self::new(UnavailableKind::Store).with_source(error),
            Failed::Slow => Self::new(UnavailableKind::Store).with_source(NoAnswer),
        }
    }
}

fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(Into::into)
}

/// What a broken constraint says about what was asked.
fn refusal(error: &dyn DatabaseError) -> Option<StoreError> {
    match error.constraint()? {
        "users_pkey" | "external_identities_pkey" | "api_keys_pkey" | "api_keys_digest" => Some(StoreError::Conflict),
        "api_keys_user" => Some(StoreError::UnknownUser),
        _ => None,
    }
}

#[derive(Debug)]
struct NoAnswer;

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the database did not answer in time")
    }
}

impl std::error::Error for NoAnswer {}

// PostgreSQL's error codes (its manual, appendix A).
const SERIALIZATION: &str = "40001";
const DEADLOCK: &str = "40P01";
const NO_TEXT: &str = "22021";
const CONNECTION: &str = "08";
const SHUTDOWN: &str = "57P0";
