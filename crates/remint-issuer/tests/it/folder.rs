use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use remint_issuer::{Issuer, IssuerError};
use remint_testkit::ManualClock;

use crate::support::{builder, key_id, mint, published, verify};

/// How long before it signs a key is made in a folder.
const AHEAD: Duration = Duration::from_secs(12 * 60);

fn files(folder: &tempfile::TempDir) -> Vec<PathBuf> {
    let mut files = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "pem"));
    files.sort();
    files
}

fn open(clock: &ManualClock, folder: &tempfile::TempDir) -> Result<Issuer, IssuerError> {
    builder(clock).key_folder(folder.path()).build()
}

/// A folder with one key in it.
fn with_a_key() -> (ManualClock, tempfile::TempDir, PathBuf) {
    let (clock, folder) = (ManualClock::default(), remint_testkit::private_folder());
    open(&clock, &folder).unwrap();
    let file = files(&folder).remove(0);
    (clock, folder, file)
}

#[test]
fn the_key_is_there_again_after_a_restart() {
    let (clock, folder) = (ManualClock::default(), remint_testkit::private_folder());
    let token = mint(&open(&clock, &folder).unwrap());
    clock.advance(Duration::from_secs(60));
    let again = open(&clock, &folder).unwrap();
    assert_eq!(key_id(&mint(&again)), key_id(&token));
    assert!(verify(&token, &again.key_set()).is_some());
    assert_eq!(files(&folder).len(), 1);
}

#[test]
fn a_file_is_named_by_activation_algorithm_and_key_id() {
    let (clock, folder, file) = with_a_key();
    let key_id = key_id(&mint(&open(&clock, &folder).unwrap()));
    assert_eq!(file.file_name().unwrap().to_str().unwrap(), format!("1767225600-ES256-{key_id}.pem"));
    assert!(fs::read_to_string(file).unwrap().starts_with("-----BEGIN PRIVATE KEY-----\n"));
}

#[test]
fn another_process_learns_of_the_next_key_by_maintaining() {
    let (clock, folder) = (ManualClock::default(), remint_testkit::private_folder());
    let (one, other) = (open(&clock, &folder).unwrap(), open(&clock, &folder).unwrap());
    one.rotate().unwrap();
    assert_eq!(published(&other).len(), 1);
    other.maintain().unwrap();
    assert_eq!(published(&other), published(&one));
    other.rotate().unwrap();
    assert_eq!(files(&folder).len(), 2, "the waiting key of the other process was enough");
    clock.advance(AHEAD);
    assert_eq!(key_id(&mint(&other)), key_id(&mint(&one)));
    assert_eq!(key_id(&mint(&one)), published(&one)[1]);
}

#[test]
fn a_retired_key_is_removed_by_the_next_upkeep_and_by_nobody_before() {
    let (clock, folder, file) = with_a_key();
    let issuer = open(&clock, &folder).unwrap();
    issuer.rotate().unwrap();
    clock.advance(AHEAD + Duration::from_secs(300 + 59));
    issuer.maintain().unwrap();
    assert!(file.exists());
    clock.advance(Duration::from_secs(1));
    assert!(file.exists());
    issuer.maintain().unwrap();
    assert!(!file.exists());
    assert_eq!(files(&folder).len(), 1);
}

#[test]
fn removing_the_file_of_a_compromised_key_replaces_it_at_once() {
    let (clock, folder, file) = with_a_key();
    let issuer = open(&clock, &folder).unwrap();
    let token = mint(&issuer);
    fs::remove_file(file).unwrap();
    issuer.maintain().unwrap();
    assert_ne!(key_id(&mint(&issuer)), key_id(&token));
    assert!(verify(&token, &issuer.key_set()).is_none());
}

#[test]
fn minting_goes_on_while_the_folder_is_away() {
    let (clock, folder, _) = with_a_key();
    let issuer = open(&clock, &folder).unwrap();
    let (before, path) = (key_id(&mint(&issuer)), folder.path().to_path_buf());
    let away = path.with_extension("away");
    fs::rename(&path, &away).unwrap();
    assert!(matches!(issuer.maintain(), Err(IssuerError::Io { .. })));
    assert!(matches!(issuer.rotate(), Err(IssuerError::Io { .. })));
    assert_eq!(key_id(&mint(&issuer)), before);
    fs::rename(&away, &path).unwrap();
    issuer.maintain().unwrap();
    assert_eq!(key_id(&mint(&issuer)), before);
}

#[test]
fn an_empty_folder_in_the_place_of_the_keys_gets_no_new_ones() {
    let (clock, folder, _) = with_a_key();
    let issuer = open(&clock, &folder).unwrap();
    let (before, path) = (key_id(&mint(&issuer)), folder.path().to_path_buf());
    let away = path.with_extension("away");
    fs::rename(&path, &away).unwrap();
    fs::create_dir(&path).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    for change in [issuer.maintain(), issuer.rotate(), issuer.retire(&before).map(drop)] {
        assert!(matches!(change, Err(IssuerError::KeysAreGone { .. })), "{change:?}");
    }
    assert_eq!(key_id(&mint(&issuer)), before, "it goes on signing with what it has");
    assert!(files(&folder).is_empty());
    fs::remove_dir_all(&path).unwrap();
    fs::rename(&away, &path).unwrap();
    issuer.maintain().unwrap();
    assert_eq!(key_id(&mint(&issuer)), before);
}

#[test]
fn files_that_are_not_keys_are_left_alone() {
    let (clock, folder, _) = with_a_key();
    fs::write(folder.path().join("README"), "keys").unwrap();
    fs::write(folder.path().join(".abc.tmp"), "half a key").unwrap();
    open(&clock, &folder).unwrap().maintain().unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "one key, the lock, and these two");
    assert_eq!(files(&folder).len(), 1);
}

#[test]
fn a_key_under_a_wrong_name_is_refused() {
    let (clock, folder, file) = with_a_key();
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    let key_id = name.splitn(3, '-').nth(2).unwrap();
    let other_id = key_id.replacen(&key_id[..1], if key_id.starts_with('A') { "B" } else { "A" }, 1);
    for wrong in [
        "key.pem".to_owned(),
        format!("x-ES256-{key_id}"),
        format!("-1-ES256-{key_id}"),
        format!("1-HS256-{key_id}"),
        format!("1-ES256-{other_id}"),
        "1-ES256.pem".to_owned(),
    ] {
        let renamed = folder.path().join(&wrong);
        fs::rename(&file, &renamed).unwrap();
        assert!(matches!(open(&clock, &folder), Err(IssuerError::FileName { .. })), "{wrong}");
        fs::rename(&renamed, &file).unwrap();
    }
    open(&clock, &folder).unwrap();
}

#[test]
fn a_file_without_a_usable_key_is_refused() {
    let (clock, folder, file) = with_a_key();
    let good = fs::read(&file).unwrap();
    for bad in [&b""[..], b"rubbish", &good[..good.len() / 2], &[b'A'; 100_000], b"\xff\xfe"] {
        fs::write(&file, bad).unwrap();
        let error = open(&clock, &folder).unwrap_err();
        assert!(matches!(error, IssuerError::FileKey { .. } | IssuerError::Io { .. }), "{error}");
    }
}

#[test]
fn a_copy_of_a_key_counts_once() {
    let (clock, folder, file) = with_a_key();
    let name = file.file_name().unwrap().to_str().unwrap().replace("1767225600", "1767225000");
    fs::copy(&file, folder.path().join(name)).unwrap();
    let issuer = open(&clock, &folder).unwrap();
    assert_eq!(published(&issuer).len(), 1);
    assert!(verify(&mint(&issuer), &issuer.key_set()).is_some());
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use remint_secret_file::SecretFileError;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn folder_and_files_are_for_their_owner_alone() {
        let (clock, parent) = (ManualClock::default(), remint_testkit::private_folder());
        let path = parent.path().join("deep").join("keys");
        builder(&clock).key_folder(&path).build().unwrap().rotate().unwrap();
        assert_eq!(mode(&path), 0o700);
        let files: Vec<_> = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 3, "two keys and the lock");
        assert!(files.iter().all(|file| mode(file) == 0o600));
    }

    #[test]
    fn a_private_key_that_others_may_read_is_refused() {
        let (clock, folder, file) = with_a_key();
        for bad in [0o604, 0o620, 0o602, 0o660, 0o644, 0o666] {
            set_mode(&file, bad);
            let error = open(&clock, &folder).unwrap_err();
            assert!(is_exposed(&error), "{bad:o}");
            let said = error.to_string();
            assert!(said.contains(&format!("mode {bad:04o}")) && said.contains("0600"), "{said}");
        }
        for good in [0o400, 0o640] {
            set_mode(&file, good);
            open(&clock, &folder).unwrap();
        }
    }

    #[test]
    fn a_key_that_becomes_readable_is_noticed_by_maintaining() {
        let (clock, folder, file) = with_a_key();
        let issuer = open(&clock, &folder).unwrap();
        set_mode(&file, 0o644);
        assert!(is_exposed(&issuer.maintain().unwrap_err()));
    }

    #[test]
    fn a_folder_that_others_may_list_or_write_to_is_refused() {
        let (clock, folder, _) = with_a_key();
        for bad in [0o770, 0o707, 0o777, 0o722, 0o755] {
            set_mode(folder.path(), bad);
            assert!(is_exposed(&open(&clock, &folder).unwrap_err()), "{bad:o}");
        }
        for good in [0o700, 0o750] {
            set_mode(folder.path(), good);
            open(&clock, &folder).unwrap();
        }
    }

    fn is_exposed(error: &IssuerError) -> bool {
        matches!(error, IssuerError::Permissions(SecretFileError::Exposed { .. }))
    }
}

/// As an editor on Windows leaves it.
#[test]
fn a_key_with_a_byte_order_mark_and_other_line_ends_is_the_same_key() {
    let (clock, folder, file) = with_a_key();
    let expected = mint(&open(&clock, &folder).unwrap());
    let pem = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("\u{feff}{}", pem.replace('\n', "\r\n"))).unwrap();
    assert_eq!(key_id(&mint(&open(&clock, &folder).unwrap())), key_id(&expected));
}
