use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::{Kind, SecretFileError};

/// Reads a secret: a text of at most `max_len` bytes, in a file that is guarded. A byte order mark, which some editors
/// write, is not of it.
///
/// # Errors
///
/// [`SecretFileError`].
pub fn read_to_string(path: impl AsRef<Path>, max_len: u64) -> Result<Zeroizing<String>, SecretFileError> {
    let path = path.as_ref();
    let file = File::open(path).map_err(at(path))?;
    check(&file, path, Kind::Secret)?;
    // Nothing of it is left behind where the text would have to move to grow.
    let capacity = file.metadata().map_or(0, |metadata| metadata.len()).min(max_len).saturating_add(1);
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(capacity).unwrap_or_default()));
    file.take(max_len.saturating_add(1)).read_to_string(&mut text).map_err(at(path))?;
    if text.len() as u64 > max_len {
        return Err(SecretFileError::TooLong { path: path.into(), max_len });
    }
    drop_byte_order_mark(&mut text);
    Ok(text)
}

/// Takes away the byte order mark (U+FEFF) with which some editors begin a text in UTF-8. The text is moved in place.
pub fn drop_byte_order_mark(text: &mut String) {
    if text.starts_with(BYTE_ORDER_MARK) {
        drop(text.drain(..BYTE_ORDER_MARK.len_utf8()));
    }
}

/// Judges a file that is open; `path` is what errors and the log call it.
///
/// # Errors
///
/// [`SecretFileError::Exposed`]; [`SecretFileError::Io`] if its owner cannot be found out.
pub fn check(file: &File, path: &Path, kind: Kind) -> Result<(), SecretFileError> {
    judge(&file.metadata().map_err(at(path))?, path, kind)
}

/// Judges a folder of secrets.
///
/// # Errors
///
/// [`SecretFileError::Exposed`]; [`SecretFileError::Io`] if its owner cannot be found out.
pub fn check_folder(path: impl AsRef<Path>) -> Result<(), SecretFileError> {
    let path = path.as_ref();
    judge(&fs::metadata(path).map_err(at(path))?, path, Kind::Folder)
}

#[cfg(unix)]
fn judge(metadata: &Metadata, path: &Path, kind: Kind) -> Result<(), SecretFileError> {
    use std::os::unix::fs::MetadataExt as _;

    use crate::{Access, Ownership, Process};

    let ownership = Ownership { owner: metadata.uid(), group: metadata.gid(), mode: metadata.mode() & 0o7777 };
    match kind.judge(ownership, &Process::this()) {
        Ok(Access::Private) => Ok(()),
        Ok(Access::Group) => {
            warn_once(path, ownership);
            Ok(())
        }
        Err(exposed) => Err(SecretFileError::Exposed { path: path.into(), exposed }),
    }
}

/// Keys are read every few seconds: each path is told of once.
#[cfg(unix)]
fn warn_once(path: &Path, ownership: crate::Ownership) {
    use std::collections::BTreeSet;
    use std::path::PathBuf;
    use std::sync::{Mutex, PoisonError};

    static TOLD: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

    if TOLD.lock().unwrap_or_else(PoisonError::into_inner).insert(path.into()) {
        tracing::warn!(
            target: "remint",
            path = %path.display(),
            group = ownership.group,
            mode = format_args!("{:04o}", ownership.mode),
            "every process of this group can read this secret: keep the group to those that may, or set the mode to 0600"
        );
    }
}

#[cfg(not(unix))]
fn judge(_metadata: &Metadata, _path: &Path, _kind: Kind) -> Result<(), SecretFileError> {
    Ok(())
}

const BYTE_ORDER_MARK: char = '\u{feff}';

fn at(path: &Path) -> impl FnOnce(io::Error) -> SecretFileError {
    let path = path.to_path_buf();
    move |source| SecretFileError::Io { path, source }
}
