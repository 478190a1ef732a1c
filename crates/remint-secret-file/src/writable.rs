use std::io;
use std::path::Path;

use rustix::fs::{Access, AtFlags, CWD, accessat};

/// Whether this process, by its effective user and groups, can make files in this folder.
///
/// # Errors
///
/// What the operating system answers: no permission, a file system that is read-only, no such folder.
pub fn check_writable(folder: &Path) -> io::Result<()> {
    Ok(accessat(CWD, folder, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_ones_own_is_writable_and_one_that_is_not_there_is_not() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check_writable(folder.path()).is_ok());
        let error = check_writable(&folder.path().join("missing")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
