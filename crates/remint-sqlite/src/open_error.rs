use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};

use remint_core::ErrorChain;

use crate::file_access;

/// A store that could not be opened.
///
/// It says who owns the file (or the folder in which there is none) and its mode, since SQLite itself only says that it
/// is unable to open it. Its [`source`](Error::source) says why: the file cannot be made or read, it is no SQLite
/// database, or its tables were made by another version of this crate.
///
/// Its `Debug` is the error with all of its causes in one line, since that is what `main` shows of it.
#[derive(thiserror::Error)]
#[error("the key store `{}` could not be opened{access}", path.display())]
pub struct OpenError {
    path: PathBuf,
    /// Who may use it, where that may be the reason.
    access: String,
    #[source]
    source: Box<dyn Error + Send + Sync>,
}

impl OpenError {
    pub(crate) fn new(path: &Path, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let source = source.into();
        let access = if is_of_access(&*source) { file_access::told(path) } else { String::new() };
        Self { path: path.to_owned(), access, source }
    }
}

impl fmt::Debug for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", ErrorChain(self))
    }
}

/// Whether the operating system said it, or SQLite of a file that it can only read or not open.
fn is_of_access(error: &(dyn Error + 'static)) -> bool {
    match error.downcast_ref::<sqlx::Error>() {
        Some(sqlx::Error::Database(error)) => error
            .code()
            .and_then(|code| code.parse::<u32>().ok())
            .is_some_and(|code| [SQLITE_PERM, SQLITE_READONLY, SQLITE_CANTOPEN].contains(&(code & 0xff))),
        Some(error) => matches!(error, sqlx::Error::Io(_)),
        None => error.is::<std::io::Error>(),
    }
}

// <https://www.sqlite.org/rescode.html>: primary result codes are the least byte of extended ones.
const SQLITE_PERM: u32 = 3;
const SQLITE_READONLY: u32 = 8;
const SQLITE_CANTOPEN: u32 = 14;
