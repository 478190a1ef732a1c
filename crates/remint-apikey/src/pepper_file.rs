//! The pepper at rest: a file that only its owner can read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use remint_secret_file::Kind;
use zeroize::{Zeroize, Zeroizing};

use crate::{Pepper, PepperError, PepperErrorKind, Peppers};

impl Peppers {
    /// Reads the peppers of a file, one a line, newest first; if there is no such file, makes it,
    /// with one pepper of 32 random bytes.
    ///
    /// The file is made whole or not at all, with mode 0600, in a folder that is made with mode
    /// 0700 if it is missing. Of several processes that start at once, all get the same pepper.
    /// Keep a copy where the store's copies are not: without its pepper no key in the store works.
    ///
    /// This blocks: it is meant for the start of a program.
    ///
    /// # Errors
    ///
    /// [`Permissions`](crate::PepperErrorKind::Permissions) if others could have read or
    /// written the file (`remint-secret-file` says when), [`Malformed`](crate::PepperErrorKind::Malformed),
    /// [`TooShort`](crate::PepperErrorKind::TooShort) or [`Io`](crate::PepperErrorKind::Io).
    pub fn load_or_create(path: impl AsRef<Path>) -> Result<Self, PepperError> {
        load_or_create(path.as_ref())
    }

    /// Reads the peppers of a file as [`load_or_create`](Self::load_or_create) does; `None` if there is no such file.
    ///
    /// # Errors
    ///
    /// As of [`load_or_create`](Self::load_or_create).
    pub fn load(path: impl AsRef<Path>) -> Result<Option<Self>, PepperError> {
        load(path.as_ref())
    }
}

fn load_or_create(path: &Path) -> Result<Peppers, PepperError> {
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create(path)?;
            read(File::open(path)?, path)
        }
        opened => read(opened?, path),
    }
}

/// `None` if there is no such file.
pub(crate) fn load(path: &Path) -> Result<Option<Peppers>, PepperError> {
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => read(opened?, path).map(Some),
    }
}

fn read(file: File, path: &Path) -> Result<Peppers, PepperError> {
    // Of the opened file, not of the path: it cannot be another one by now.
    remint_secret_file::check(&file, path, Kind::Secret)?;
    let mut text = Zeroizing::new(String::with_capacity(MAX_LEN));
    let length = file.take(MAX_LEN as u64).read_to_string(&mut text);
    match length {
        Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(PepperErrorKind::Malformed.into()),
        Ok(MAX_LEN) => return Err(PepperErrorKind::Malformed.into()),
        length => length?,
    };
    remint_secret_file::drop_byte_order_mark(&mut text);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let newest = Pepper::from_text(lines.next().ok_or(PepperErrorKind::Malformed)?)?;
    lines.try_fold(Peppers::new(newest), |peppers, line| Ok(peppers.with_older(Pepper::from_text(line)?)))
}

/// Writes beside the path and links the finished file there, which fails if another process was
/// first: its pepper is then the one, and ours was never used.
fn create(path: &Path) -> Result<(), PepperError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    create_folder(folder)?;
    let mut draft_name = path.file_name().ok_or(PepperErrorKind::Io)?.to_owned();
    draft_name.push(format!(".{}", &*random_hex::<8>()?));
    let draft = folder.join(draft_name);
    let written = write_draft(&draft).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    fs::remove_file(&draft)?;
    written?;
    sync_folder(folder)?;
    Ok(())
}

fn write_draft(draft: &PathBuf) -> io::Result<()> {
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(draft)?;
    file.write_all(random_hex::<32>()?.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

pub(crate) fn random_hex<const N: usize>() -> io::Result<Zeroizing<String>> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    let mut text = Zeroizing::new(String::with_capacity(2 * N));
    for digit in bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]) {
        text.extend(char::from_digit(digit.into(), 16));
    }
    bytes.zeroize();
    Ok(text)
}

#[cfg(unix)]
pub(crate) fn create_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(unix)]
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub(crate) fn create_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(not(unix))]
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(not(unix))]
pub(crate) fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Some five hundred peppers.
const MAX_LEN: usize = 32 * 1024;

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn ids(peppers: &Peppers) -> Vec<String> {
        peppers.iter().map(|pepper| pepper.id().to_owned()).collect()
    }

    fn file(content: &[u8], mode: u32) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pepper");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        (folder, path)
    }

    #[test]
    fn the_first_start_makes_a_private_file_in_a_private_folder_and_the_second_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys").join("pepper");
        let first = load_or_create(&path).unwrap();
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "a draft was left behind");
        assert_eq!(ids(&load_or_create(&path).unwrap()), ids(&first));
    }

    #[test]
    fn processes_that_start_at_once_get_one_pepper() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pepper");
        let all: Vec<_> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8).map(|_| scope.spawn(|| ids(&load_or_create(&path).unwrap()))).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{all:?}");
    }

    #[test]
    fn a_file_that_others_may_read_or_write_is_refused() {
        for bits in [0o604, 0o620, 0o602, 0o644, 0o660] {
            let (_folder, path) = file(b"0123456789abcdef\n", bits);
            let error = load_or_create(&path).unwrap_err();
            assert_eq!(error.kind(), PepperErrorKind::Permissions, "{bits:o}");
            let said = std::error::Error::source(&error).unwrap().to_string();
            assert!(said.contains(path.to_str().unwrap()) && said.contains(&format!("mode {bits:04o}")), "{said}");
        }
        let (_folder, path) = file(b"0123456789abcdef\n", 0o640);
        assert!(load_or_create(&path).is_ok(), "a group of this process may read it");
    }

    #[test]
    fn the_lines_of_the_file_are_the_peppers_newest_first() {
        let (_folder, path) = file(b"newest-newest-newest\n\nolder-older-older-older\r\n", 0o600);
        let expected = ["newest-newest-newest", "older-older-older-older"];
        assert_eq!(
            ids(&load_or_create(&path).unwrap()),
            expected.map(|text| Pepper::from_text(text).unwrap().id().to_owned())
        );
    }

    #[test]
    fn a_file_of_an_editor_that_marks_texts_holds_the_same_peppers() {
        let (_folder, path) = file("\u{feff}newest-newest-newest\r\n".as_bytes(), 0o600);
        assert_eq!(ids(&load_or_create(&path).unwrap()), [Pepper::from_text("newest-newest-newest").unwrap().id()]);
    }

    #[test]
    fn a_file_without_a_pepper_is_refused_and_not_replaced() {
        let cases: [(&[u8], _); 4] = [
            (b"", PepperErrorKind::Malformed),
            (b"\n \n", PepperErrorKind::Malformed),
            (b"0123456789abcdef\nshort\n", PepperErrorKind::TooShort),
            (b"\xff\xfe0123456789abcdef", PepperErrorKind::Malformed),
        ];
        for (content, kind) in cases {
            let (_folder, path) = file(content, 0o600);
            assert_eq!(load_or_create(&path).unwrap_err().kind(), kind, "{content:?}");
            assert_eq!(fs::read(&path).unwrap(), content);
        }
    }

    #[test]
    fn a_file_of_any_size_is_not_read_into_memory() {
        let (_folder, path) = file(&[b'a'; MAX_LEN + 1], 0o600);
        assert_eq!(load_or_create(&path).unwrap_err().kind(), PepperErrorKind::Malformed);
    }
}
