use std::error::Error;
use std::path::{Path, PathBuf};

/// A store that could not be opened.
///
/// Its [`source`](Error::source) says why: the file cannot be made or read, it is no SQLite
/// database, or its tables were made by another version of this crate.
#[derive(Debug, thiserror::Error)]
#[error("the key store `{}` could not be opened", path.display())]
pub struct OpenError {
    path: PathBuf,
    #[source]
    source: Box<dyn Error + Send + Sync>,
}

impl OpenError {
    pub(crate) fn new(path: &Path, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { path: path.to_owned(), source: source.into() }
    }
}
