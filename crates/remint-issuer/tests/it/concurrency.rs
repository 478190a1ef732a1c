use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use remint_testkit::ManualClock;

use crate::support::{builder, mint, verify};

#[test]
fn minting_goes_on_while_keys_rotate() {
    let clock = ManualClock::default();
    let folder = remint_testkit::private_folder();
    let issuer = builder(&clock).key_folder(folder.path()).build().unwrap();
    let done = AtomicBool::new(false);
    let tokens = thread::scope(|scope| {
        let minters: Vec<_> =
            (0..4).map(|_| scope.spawn(|| (0..100).map(|_| mint(&issuer)).collect::<Vec<_>>())).collect();
        let rotating = scope.spawn(|| {
            while !done.load(Ordering::Acquire) {
                issuer.rotate().unwrap();
                clock.advance(Duration::from_secs(1));
            }
        });
        let tokens: Vec<_> = minters.into_iter().flat_map(|minter| minter.join().unwrap()).collect();
        done.store(true, Ordering::Release);
        rotating.join().unwrap();
        tokens
    });
    let ids: HashSet<_> = tokens.iter().map(remint_core::InternalToken::id).collect();
    assert_eq!(ids.len(), 400);
    let keys = issuer.key_set();
    let now = remint_core::Clock::now(&clock);
    let refused = tokens.iter().filter(|token| token.expires_at() > now && verify(token, &keys).is_none()).count();
    assert_eq!(refused, 0);
}

#[test]
fn two_processes_that_rotate_at_once_end_with_the_same_keys() {
    let clock = ManualClock::default();
    let folder = remint_testkit::private_folder();
    let open = || builder(&clock).key_folder(folder.path()).build().unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| open().rotate().unwrap());
        }
    });
    let (one, other) = (open(), open());
    assert_eq!(crate::support::published(&one), crate::support::published(&other));
    clock.advance(Duration::from_secs(600));
    assert_eq!(crate::support::key_id(&mint(&one)), crate::support::key_id(&mint(&other)));
}
