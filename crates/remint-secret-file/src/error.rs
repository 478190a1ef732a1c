use std::io;
use std::path::PathBuf;

use crate::Exposed;

/// Why a file is not used. It shows nothing of what stands in the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretFileError {
    /// It cannot be read, or is no text in UTF-8.
    #[error("{} cannot be read: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// It is longer than what is expected there.
    #[error("{} is over {max_len} bytes", path.display())]
    TooLong {
        /// Which.
        path: PathBuf,
        /// The most that is read.
        max_len: u64,
    },
    /// Others could have read or written it.
    #[error("{} is refused: {exposed}", path.display())]
    Exposed {
        /// Which.
        path: PathBuf,
        /// What is wrong with its owner or its mode.
        exposed: Exposed,
    },
}
