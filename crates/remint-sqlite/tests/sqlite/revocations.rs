//! The log of revocations in one file that several processes have open.

use std::path::Path;

use remint_core::{
    Cursor, KeyId, Reading, Revocation, RevocationLog, RevocationWriter, Target, Timestamp, UnavailableKind,
};
use remint_sqlite::Sqlite;

fn row(number: u64) -> Revocation {
    Revocation::ended(Target::Key(KeyId::new(format!("k{number}")).unwrap()), Timestamp::from_secs(number))
}

async fn open(path: &Path) -> Sqlite {
    Sqlite::open(path).await.unwrap()
}

async fn read(store: &Sqlite, from: &Cursor) -> Reading {
    store.read_after(from, 100).await.unwrap()
}

fn count(reading: &Reading) -> Option<usize> {
    match reading {
        Reading::Rows(rows) => Some(rows.len()),
        Reading::Gap | Reading::Rewritten => None,
    }
}

#[tokio::test]
async fn what_another_process_writes_is_seen_after_there_was_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let [here, there] = [open(&path).await, open(&path).await];
    let head = here.head().await.unwrap();
    for number in 1..5 {
        for _ in 0..2 {
            assert_eq!(count(&read(&here, &head).await), Some(number - 1));
        }
        there.append(&[row(1)]).await.unwrap();
        assert_eq!(count(&read(&here, &head).await), Some(number));
    }
    let now = here.head().await.unwrap();
    assert_eq!(count(&read(&here, &now).await), Some(0));
    assert_eq!(count(&read(&here, &head).await), Some(4), "from another cursor");
}

#[tokio::test]
async fn our_own_time_is_the_logs_and_a_sources_is_its_own() {
    let store = Sqlite::in_memory().await.unwrap();
    store.append(&[row(7), row(7).timed_by_source()]).await.unwrap();
    let log = store.head().await.unwrap().log;
    let rows = store.kept(&log, remint_core::Page::all()).await.unwrap().unwrap();
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    assert!(now - rows[0].revocation.at.as_secs() < 60, "whatever the clock of the process says");
    assert!(now - rows[1].logged_at.as_secs() < 60);
    assert_eq!(rows[1].revocation.at, Timestamp::from_secs(7));
}

/// A copy of the database as it is, in one file.
async fn copy(store: &Sqlite, from: &Path, to: &Path) {
    store.close().await;
    std::fs::copy(from, to).unwrap();
}

/// As SQLite's documentation asks for: the write-ahead log of the file that was there goes with it.
fn replace(by: &Path, path: &Path) {
    for ending in ["-wal", "-shm"] {
        let mut beside = path.as_os_str().to_owned();
        beside.push(ending);
        if std::fs::exists(&beside).unwrap() {
            std::fs::remove_file(beside).unwrap();
        }
    }
    std::fs::rename(by, path).unwrap();
}

#[tokio::test]
async fn a_file_that_was_put_in_the_place_of_another_is_another_history() {
    let folder = tempfile::tempdir().unwrap();
    let [path, backup] = ["keys.db", "backup.db"].map(|name| folder.path().join(name));
    let store = open(&path).await;
    store.append(&[row(1)]).await.unwrap();
    copy(&store, &path, &backup).await;

    let store = open(&path).await;
    let before = store.head().await.unwrap();
    store.append(&[row(2)]).await.unwrap();
    let read_up_to = store.head().await.unwrap();
    assert_eq!(count(&read(&store, &read_up_to).await), Some(0));
    replace(&backup, &path);
    assert_eq!(read(&store, &read_up_to).await, Reading::Rewritten, "the second row is not there any more");
    assert_eq!(count(&read(&store, &before).await), Some(0));
    assert_eq!(store.head().await.unwrap(), before, "other connections read the new file, too");
    store.append(&[row(3)]).await.unwrap();
    assert_eq!(read(&store, &read_up_to).await, Reading::Rewritten, "another row stands at its place");
    assert_eq!(open(&path).await.head().await.unwrap().position, read_up_to.position, "it was written there");
}

#[tokio::test]
async fn a_new_file_is_another_log_and_none_is_an_outage() {
    let folder = tempfile::tempdir().unwrap();
    let [path, other] = ["keys.db", "other.db"].map(|name| folder.path().join(name));
    let (store, new) = (open(&path).await, open(&other).await);
    let head = store.head().await.unwrap();
    assert_eq!(count(&read(&store, &head).await), Some(0));
    new.close().await;
    std::fs::rename(&path, folder.path().join("elsewhere.db")).unwrap();
    let error = store.read_after(&head, 100).await.unwrap_err();
    assert_eq!(error.kind(), UnavailableKind::RevocationLog);
    replace(&other, &path);
    assert_eq!(read(&store, &head).await, Reading::Gap);
}
