use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Whether the file at a path is still the one that connections were opened to: one that was put in its place has
/// another history.
#[derive(Debug)]
pub(crate) struct SameFile {
    path: PathBuf,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    file: Option<FileId>,
    since: Option<Instant>,
}

/// The device and the inode.
pub(crate) type FileId = (u64, u64);

impl SameFile {
    /// As it is now.
    pub(crate) fn at(path: PathBuf) -> Self {
        let seen = Seen { file: identify(&path), since: None };
        Self { path, seen: Mutex::new(seen) }
    }

    /// Which file is there now; `None`: none that can be looked at.
    pub(crate) fn now(&self) -> Option<FileId> {
        identify(&self.path)
    }

    /// Whether a connection of this age was opened to the file that is there now.
    pub(crate) fn is_of_age(&self, age: Duration) -> bool {
        let now = self.now();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.file != now {
            *seen = Seen { file: now, since: Some(Instant::now()) };
        }
        seen.since.is_none_or(|since| age < since.elapsed())
    }
}

#[cfg(unix)]
fn identify(path: &std::path::Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt as _;
    path.metadata().ok().map(|file| (file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn identify(_: &std::path::Path) -> Option<FileId> {
    None
}
