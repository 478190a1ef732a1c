use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use fs4::{FileExt, TryLockError};

use crate::{IssuerError, permissions};

/// While it lives, nobody else makes or retires a key in that folder: no other process, and no other
/// issuer of this one. The operating system gives it up for a process that dies.
#[derive(Debug)]
pub(crate) struct FolderLock(File);

impl FolderLock {
    /// Waits for the lock, for so long and no longer.
    pub(crate) fn take(folder: &Path, patience: Duration) -> Result<Self, IssuerError> {
        let path = folder.join(NAME);
        let file = open(&path).map_err(|source| IssuerError::Io { path: path.clone(), source })?;
        // By the machine's own time: the clock of the settings may stand still.
        let begun = Instant::now();
        loop {
            // By its full name: the standard library has one of the same name from Rust 1.89 on.
            match FileExt::try_lock(&file) {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if begun.elapsed() >= patience => {
                    return Err(IssuerError::Locked { path });
                }
                Err(TryLockError::WouldBlock) => thread::sleep(PAUSE.min(patience)),
                Err(TryLockError::Error(source)) => return Err(at(path, source)),
            }
        }
    }
}

/// Whether a key was ever made in this folder: the lock's file stays.
pub(crate) fn was_taken(folder: &Path) -> bool {
    folder.join(NAME).exists()
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Closing the file ends the lock too.
        let _ = FileExt::unlock(&self.0);
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    permissions::owner_only(&mut options);
    options.open(path)
}

fn at(path: PathBuf, source: io::Error) -> IssuerError {
    IssuerError::Io { path, source }
}

const NAME: &str = ".lock";
const PAUSE: Duration = Duration::from_millis(10);
