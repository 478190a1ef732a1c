use std::fs::Permissions;

use tempfile::{Builder, TempDir};

/// A new folder for its owner alone, as a folder of keys must be. [`tempfile::tempdir`] leaves that to the umask.
///
/// # Panics
///
/// If it cannot be made.
#[must_use]
pub fn private_folder() -> TempDir {
    let mut builder = Builder::new();
    #[cfg(unix)]
    builder.permissions(<Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o700));
    builder.tempdir().expect("a folder for temporary files")
}
