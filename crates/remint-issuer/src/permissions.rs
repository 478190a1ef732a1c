//! Who may read and write keys. Outside Unix this is the business of whoever made the folder.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
#[cfg(unix)]
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use crate::IssuerError;

/// Makes the folder, for the owner alone, unless it is there.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(0o700);
    builder.create(path)
}

/// Makes the file to be created one for the owner alone.
pub(crate) fn owner_only(options: &mut OpenOptions) {
    #[cfg(unix)]
    options.mode(0o600);
    #[cfg(not(unix))]
    let _ = options;
}

/// Refuses a folder that others may write to.
pub(crate) fn check_folder(path: &Path) -> Result<(), IssuerError> {
    let metadata = fs::metadata(path).map_err(|source| IssuerError::Io { path: path.into(), source })?;
    match mode(&metadata) {
        mode if mode & 0o022 != 0 => Err(IssuerError::FolderMode { path: path.into(), mode }),
        _ => Ok(()),
    }
}

/// Refuses a private key that anyone but its owner may read or write.
pub(crate) fn check_file(file: &File, path: &Path) -> Result<(), IssuerError> {
    let metadata = file.metadata().map_err(|source| IssuerError::Io { path: path.into(), source })?;
    match mode(&metadata) {
        mode if mode & 0o077 != 0 => Err(IssuerError::FileMode { path: path.into(), mode }),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn mode(metadata: &fs::Metadata) -> u32 {
    metadata.permissions().mode() & 0o777
}

#[cfg(not(unix))]
fn mode(_metadata: &fs::Metadata) -> u32 {
    0
}
