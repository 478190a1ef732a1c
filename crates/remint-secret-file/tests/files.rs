//! Real files, with the modes that a user can give them.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use remint_secret_file::{Kind, SecretFileError, check, check_folder, read_to_string};
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn file(folder: &TempDir, name: &str, mode: u32) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, "secret").unwrap();
    set_mode(&path, mode);
    path
}

fn is_exposed<T: std::fmt::Debug>(outcome: Result<T, SecretFileError>) -> bool {
    matches!(outcome, Err(SecretFileError::Exposed { .. }))
}

#[test]
fn a_file_for_its_owner_is_read_and_one_for_others_is_refused_with_path_owner_and_mode() {
    let folder = folder();
    for mode in [0o600, 0o400, 0o640, 0o440] {
        assert_eq!(*read_to_string(file(&folder, "good", mode), 6).unwrap(), "secret", "{mode:o}");
    }
    for mode in [0o644, 0o604, 0o660, 0o620, 0o602, 0o444, 0o666] {
        let path = file(&folder, "bad", mode);
        let said = read_to_string(&path, 6).unwrap_err().to_string();
        let owner = format!("(owner {}, ", rustix::process::geteuid().as_raw());
        for part in [path.to_str().unwrap(), &owner, &format!("mode {mode:04o}")] {
            assert!(said.contains(part), "{said} lacks {part}");
        }
        assert!(!said.contains("secret\""), "{said}");
        set_mode(&path, 0o600);
    }
}

#[test]
fn a_link_is_judged_by_the_file_that_it_leads_to() {
    let folder = folder();
    let link = folder.path().join("link");
    symlink(file(&folder, "good", 0o600), &link).unwrap();
    assert!(read_to_string(&link, 6).is_ok(), "a link has the mode 0777 itself");
    fs::remove_file(&link).unwrap();
    symlink(file(&folder, "bad", 0o644), &link).unwrap();
    assert!(is_exposed(read_to_string(&link, 6)));
}

#[test]
fn a_file_that_is_too_long_or_missing_or_no_text_is_said_to_be_so() {
    let folder = folder();
    let path = file(&folder, "file", 0o600);
    assert!(matches!(read_to_string(&path, 5), Err(SecretFileError::TooLong { max_len: 5, .. })));
    fs::write(&path, b"\xff").unwrap();
    assert!(matches!(read_to_string(&path, 5), Err(SecretFileError::Io { .. })));
    assert!(matches!(read_to_string(folder.path().join("none"), 5), Err(SecretFileError::Io { .. })));
}

#[test]
fn a_folder_of_secrets_is_for_its_owner_or_a_group_of_this_process() {
    let folder = folder();
    for mode in [0o700, 0o500, 0o750] {
        set_mode(folder.path(), mode);
        assert!(check_folder(folder.path()).is_ok(), "{mode:o}");
    }
    for mode in [0o755, 0o770, 0o701, 0o777, 0o1777] {
        set_mode(folder.path(), mode);
        assert!(is_exposed(check_folder(folder.path())), "{mode:o}");
    }
}

#[test]
fn settings_may_be_read_by_everybody_and_written_by_nobody_else() {
    let folder = folder();
    for (mode, passes) in [(0o644, true), (0o600, true), (0o664, false), (0o646, false)] {
        let path = file(&folder, "settings", mode);
        assert_eq!(check(&File::open(&path).unwrap(), &path, Kind::Settings).is_ok(), passes, "{mode:o}");
    }
}

#[test]
fn a_byte_order_mark_at_the_beginning_is_not_of_the_secret() {
    let folder = folder();
    let path = file(&folder, "marked", 0o600);
    for (content, secret) in [
        ("\u{feff}secret", "secret"),
        ("\u{feff}secret\r\n", "secret\r\n"),
        ("se\u{feff}cret", "se\u{feff}cret"),
        ("\u{feff}", ""),
    ] {
        fs::write(&path, content).unwrap();
        assert_eq!(*read_to_string(&path, 64).unwrap(), secret);
    }
}
