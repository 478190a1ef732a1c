use std::error::Error;
use std::fmt;

use remint_core::ErrorChain;

/// A store that could not be opened.
///
/// Its [`source`](Error::source) says why: the address is none, the server does not answer or is a
/// replica, or the tables are of a later version of this crate or cannot be made.
///
/// Its `Debug` is the error with all of its causes in one line, since that is what `main` shows of it.
#[derive(thiserror::Error)]
#[error("the key store `{place}` could not be opened")]
pub struct OpenError {
    /// Host, port and database; never the address itself, which may hold a password.
    place: String,
    #[source]
    source: Box<dyn Error + Send + Sync>,
}

impl OpenError {
    pub(crate) fn new(place: &str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { place: place.to_owned(), source: source.into() }
    }
}

impl fmt::Debug for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", ErrorChain(self))
    }
}
