//! What an operator sees and does.

use std::fs;
use std::path::Path;
use std::time::Duration;

use remint_core::Clock as _;
use remint_issuer::{Issuer, KeyState};
use remint_testkit::ManualClock;

use crate::support::{builder, key_id, mint, published, verify};

fn states(issuer: &Issuer) -> Vec<(String, KeyState)> {
    issuer.keys().into_iter().map(|key| (key.key_id, key.state)).collect()
}

fn files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".pem")).collect()
}

#[test]
fn keys_are_listed_with_what_they_do() {
    let clock = ManualClock::default();
    let issuer = builder(&clock).build().unwrap();
    let first = key_id(&mint(&issuer));
    assert_eq!(states(&issuer), [(first.clone(), KeyState::Signing)]);
    let made_at = clock.now();
    issuer.rotate().unwrap();
    let next = published(&issuer)[1].clone();
    assert_eq!(states(&issuer), [(first.clone(), KeyState::Signing), (next.clone(), KeyState::Next)]);
    let listed = issuer.keys().remove(1);
    assert_eq!(listed.activates_at, Some(made_at.saturating_add(Duration::from_secs(600))));
    assert_eq!(listed.public.key_id(), Some(&*next));
    clock.advance(Duration::from_secs(600));
    assert_eq!(states(&issuer), [(first, KeyState::Published), (next.clone(), KeyState::Signing)]);
    clock.advance(Duration::from_secs(360));
    assert_eq!(states(&issuer), [(next, KeyState::Signing)], "what is published no more is listed no more");
}

#[test]
fn looking_makes_nothing_and_removes_nothing() {
    let (clock, parent) = (ManualClock::default(), remint_testkit::private_folder());
    let folder = parent.path().join("keys");
    assert_eq!(builder(&clock).key_folder(&folder).inspect().unwrap(), []);
    assert!(!folder.exists());
    let issuer = builder(&clock).key_folder(&folder).build().unwrap();
    issuer.rotate().unwrap();
    clock.advance(Duration::from_secs(3600));
    let seen = builder(&clock).key_folder(&folder).inspect().unwrap();
    assert_eq!(seen, issuer.keys());
    assert_eq!((seen.len(), files(&folder).len()), (1, 2), "what is retired is not removed by looking");
}

#[test]
fn the_only_key_is_replaced_at_once() {
    let (clock, folder) = (ManualClock::default(), remint_testkit::private_folder());
    let issuer = builder(&clock).key_folder(folder.path()).build().unwrap();
    let token = mint(&issuer);
    assert!(issuer.retire(&key_id(&token)).unwrap());
    assert!(verify(&token, &issuer.key_set()).is_none());
    let new = mint(&issuer);
    assert!(verify(&new, &issuer.key_set()).is_some());
    assert_eq!(files(folder.path()).len(), 1);
    assert!(!files(folder.path())[0].contains(&key_id(&token)));
}

#[test]
fn without_the_signing_key_the_one_before_signs_else_the_next() {
    let clock = ManualClock::default();
    let issuer = builder(&clock).build().unwrap();
    let first = key_id(&mint(&issuer));
    issuer.rotate().unwrap();
    let second = published(&issuer)[1].clone();
    clock.advance(Duration::from_secs(600));
    assert!(issuer.retire(&second).unwrap());
    assert_eq!(states(&issuer), [(first.clone(), KeyState::Signing)], "everybody knows it");

    issuer.rotate().unwrap();
    let third = published(&issuer)[1].clone();
    assert!(issuer.retire(&first).unwrap());
    assert_eq!(states(&issuer), [(third.clone(), KeyState::Signing)]);
    assert_eq!(key_id(&mint(&issuer)), third);
}

#[test]
fn the_next_key_can_be_removed_and_the_present_one_goes_on() {
    let clock = ManualClock::default();
    let issuer = builder(&clock).build().unwrap();
    let first = key_id(&mint(&issuer));
    issuer.rotate().unwrap();
    assert!(issuer.retire(&published(&issuer)[1]).unwrap());
    clock.advance(Duration::from_secs(3600));
    assert_eq!(states(&issuer), [(first, KeyState::Signing)]);
}

#[test]
fn an_unknown_key_is_not_removed() {
    let (clock, folder) = (ManualClock::default(), remint_testkit::private_folder());
    let issuer = builder(&clock).key_folder(folder.path()).build().unwrap();
    for unknown in ["", "nobody", "../x"] {
        assert!(!issuer.retire(unknown).unwrap());
    }
    assert_eq!(files(folder.path()).len(), 1);
}

#[test]
fn no_copy_of_a_compromised_key_is_left() {
    let (clock, folder) = (ManualClock::default(), remint_testkit::private_folder());
    let issuer = builder(&clock).key_folder(folder.path()).build().unwrap();
    let name = files(folder.path()).remove(0);
    fs::copy(folder.path().join(&name), folder.path().join(name.replace("1767225600", "1767225000"))).unwrap();
    let compromised = key_id(&mint(&issuer));
    assert!(issuer.retire(&compromised).unwrap());
    assert!(files(folder.path()).iter().all(|name| !name.contains(&compromised)));
    issuer.maintain().unwrap();
    assert_ne!(key_id(&mint(&issuer)), compromised);
}

#[test]
fn another_process_gives_a_compromised_key_up_when_it_maintains() {
    let (clock, folder) = (ManualClock::default(), remint_testkit::private_folder());
    let open = || builder(&clock).key_folder(folder.path()).build().unwrap();
    let (one, other) = (open(), open());
    let token = mint(&one);
    assert!(other.retire(&key_id(&token)).unwrap());
    one.maintain().unwrap();
    assert!(verify(&token, &one.key_set()).is_none());
    assert_eq!(published(&one), published(&other));
    assert_eq!(files(folder.path()).len(), 1);
}
