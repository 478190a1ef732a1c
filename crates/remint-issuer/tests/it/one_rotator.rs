//! Issuers and processes that share a folder make one key, not one each.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use remint_core::SystemClock;
use remint_issuer::{Issuer, IssuerError};
use remint_testkit::ManualClock;

use crate::support::{builder, key_id, mint, published};

fn keys(folder: &Path) -> usize {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".pem")).count()
}

/// Does it with eight at once, each on a thread of its own.
fn at_once<T: Send>(work: impl Fn() -> T + Sync) -> Vec<T> {
    let start = Barrier::new(8);
    thread::scope(|scope| {
        let one = || {
            start.wait();
            work()
        };
        let all: Vec<_> = (0..8).map(|_| scope.spawn(one)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

#[test]
fn issuers_that_start_on_an_empty_folder_at_once_make_one_key() {
    for _ in 0..10 {
        let (clock, folder) = (ManualClock::default(), remint_testkit::private_folder());
        let all = at_once(|| builder(&clock).key_folder(folder.path()).build().unwrap());
        assert_eq!(keys(folder.path()), 1);
        let first = key_id(&mint(&all[0]));
        assert!(all.iter().all(|issuer| key_id(&mint(issuer)) == first));
    }
}

#[test]
fn issuers_whose_key_is_due_at_once_make_one_next_key() {
    let (clock, folder) = (ManualClock::default(), remint_testkit::private_folder());
    let open = || builder(&clock).key_folder(folder.path()).rotate_every(Duration::from_secs(3600)).build().unwrap();
    let all: Vec<Issuer> = (0..8).map(|_| open()).collect();
    for round in 0..5 {
        clock.advance(Duration::from_secs(3600 - 12 * 60));
        let start = Barrier::new(all.len());
        thread::scope(|scope| {
            for issuer in &all {
                scope.spawn(|| {
                    start.wait();
                    issuer.maintain().unwrap();
                });
            }
        });
        assert_eq!(keys(folder.path()), 2, "round {round}");
        clock.advance(Duration::from_secs(12 * 60));
        let next = key_id(&mint(&all[0]));
        assert!(all.iter().all(|issuer| key_id(&mint(issuer)) == next), "round {round}");
        clock.advance(Duration::from_secs(6 * 60));
        all.iter().for_each(|issuer| issuer.maintain().unwrap());
        clock.set(remint_core::Clock::now(&clock).saturating_sub(Duration::from_secs(6 * 60)));
    }
}

/// Holds the lock of a folder as a process that is stuck in the middle of it does.
fn stuck(folder: &Path) -> fs::File {
    let lock = fs::File::options().write(true).create(true).truncate(false).open(folder.join(".lock")).unwrap();
    fs4::FileExt::lock(&lock).unwrap();
    lock
}

#[test]
fn whoever_is_stuck_with_the_lock_does_not_keep_others_from_issuing() {
    let (clock, folder) = (ManualClock::default(), remint_testkit::private_folder());
    let open = || builder(&clock).key_folder(folder.path()).lock_patience(Duration::from_millis(30)).build();
    let (one, other) = (open().unwrap(), open().unwrap());
    let before = key_id(&mint(&one));
    let lock = stuck(folder.path());
    let begun = Instant::now();
    assert!(matches!(one.rotate(), Err(IssuerError::Locked { .. })));
    assert!(matches!(one.retire(&before), Err(IssuerError::Locked { .. })));
    assert!(begun.elapsed() < Duration::from_secs(20), "the wait is bounded");
    assert_eq!((key_id(&mint(&one)), keys(folder.path())), (before.clone(), 1));
    one.maintain().unwrap();
    open().expect("where there is a key, nobody has to be waited for");
    drop(lock);
    other.rotate().unwrap();
    assert_eq!(keys(folder.path()), 2);

    // What others did is taken over also by one that may not make a key itself.
    clock.advance(Duration::from_secs(12 * 60));
    let _lock = stuck(folder.path());
    assert!(matches!(one.rotate(), Err(IssuerError::Locked { .. })));
    assert_eq!(published(&one), published(&other));
    assert_ne!(key_id(&mint(&one)), before);
}

#[test]
fn without_a_first_key_an_issuer_that_may_not_make_one_does_not_start() {
    let (clock, folder) = (ManualClock::default(), remint_testkit::private_folder());
    let _lock = stuck(folder.path());
    let patience = Duration::from_millis(30);
    let error = builder(&clock).key_folder(folder.path()).lock_patience(patience).build().unwrap_err();
    assert!(matches!(error, IssuerError::Locked { .. }), "{error}");
    assert_eq!(keys(folder.path()), 0);
}

/// This test again, as processes of their own that are told the folder.
#[test]
fn processes_that_start_on_an_empty_folder_at_once_make_one_key() {
    const FOLDER: &str = "REMINT_TEST_KEY_FOLDER";
    if let Some(folder) = std::env::var_os(FOLDER) {
        let issuer = builder(&ManualClock::default()).clock(SystemClock).key_folder(folder);
        issuer.build().unwrap().rotate().unwrap();
        return;
    }
    let folder = remint_testkit::private_folder();
    let mut processes = Vec::new();
    for _ in 0..4 {
        let mut process = Command::new(std::env::current_exe().unwrap());
        process.args(["--exact", "one_rotator::processes_that_start_on_an_empty_folder_at_once_make_one_key"]);
        process.env(FOLDER, folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        processes.push(process.spawn().unwrap());
    }
    for process in processes {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
    }
    assert_eq!(keys(folder.path()), 2, "the first key, and one next key");
}
