use std::sync::Arc;
use std::time::Duration;

use remint_core::{Clock as _, InternalToken};
use remint_issuer::{Issuer, JWKS_MAX_AGE};
use remint_jwt::{Algorithm, JwkSet};
use remint_testkit::ManualClock;

use crate::support::{builder, key_id, mint, published, verify};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn the_next_key_is_published_before_it_signs_and_the_old_one_until_its_last_token_has_expired() {
    let clock = ManualClock::default();
    let issuer = builder(&clock).build().unwrap();
    let old = key_id(&mint(&issuer));
    assert_eq!(published(&issuer), std::slice::from_ref(&old));

    issuer.rotate().unwrap();
    let both = published(&issuer);
    assert_eq!((both.len(), &both[0]), (2, &old));
    let new = both[1].clone();
    assert_eq!(key_id(&mint(&issuer)), old);

    clock.advance(10 * MINUTE - SECOND);
    let last = mint(&issuer);
    assert_eq!(key_id(&last), old);
    clock.advance(SECOND);
    assert_eq!(key_id(&mint(&issuer)), new);

    clock.set(last.expires_at());
    assert_eq!(published(&issuer), both, "the old key's last token was still alive");
    clock.advance(MINUTE);
    assert_eq!(published(&issuer), both, "another process's clock may be a minute behind");
    clock.advance(SECOND);
    assert_eq!(published(&issuer), std::slice::from_ref(&new));
    issuer.maintain().unwrap();
    assert_eq!(published(&issuer), [new]);
}

#[test]
fn a_new_key_is_published_for_at_least_twice_as_long_as_others_keep_the_key_set() {
    for millis in [0, 1, 500, 999] {
        let clock = ManualClock::default();
        clock.advance(Duration::from_millis(millis));
        let issuer = builder(&clock).publish_ahead(2 * JWKS_MAX_AGE).build().unwrap();
        let old = key_id(&mint(&issuer));
        issuer.rotate().unwrap();
        clock.advance(2 * JWKS_MAX_AGE - Duration::from_millis(1));
        assert_eq!(key_id(&mint(&issuer)), old);
        clock.advance(SECOND);
        assert_ne!(key_id(&mint(&issuer)), old);
    }
}

/// Also by the process that learns of it last, and whose clock is ahead.
#[test]
fn in_a_shared_folder_every_process_publishes_a_new_key_for_that_long() {
    let (clock, ahead) = (ManualClock::default(), ManualClock::default());
    ahead.advance(MINUTE);
    let folder = remint_testkit::private_folder();
    let maker = builder(&clock).key_folder(folder.path()).build().unwrap();
    let other = builder(&ahead).key_folder(folder.path()).build().unwrap();
    maker.rotate().unwrap();
    ahead.advance(MINUTE);
    other.maintain().unwrap();
    let new = published(&other)[1].clone();
    ahead.advance(2 * JWKS_MAX_AGE - SECOND);
    assert_ne!(key_id(&mint(&other)), new);
    ahead.advance(SECOND);
    assert_eq!(key_id(&mint(&other)), new);
}

#[test]
fn rotating_twice_does_not_pile_up_keys() {
    let clock = ManualClock::default();
    let issuer = builder(&clock).build().unwrap();
    issuer.rotate().unwrap();
    issuer.rotate().unwrap();
    clock.advance(MINUTE);
    issuer.rotate().unwrap();
    assert_eq!(published(&issuer).len(), 2);
}

#[test]
fn nothing_rotates_unless_it_is_asked_for() {
    let clock = ManualClock::default();
    let issuer = builder(&clock).build().unwrap();
    let key = key_id(&mint(&issuer));
    clock.advance(Duration::from_secs(400 * 24 * 3600));
    issuer.maintain().unwrap();
    assert_eq!(published(&issuer), [key]);
}

#[test]
fn automatic_rotation_makes_the_next_key_in_time() {
    let clock = ManualClock::default();
    let issuer = builder(&clock).rotate_every(60 * MINUTE).build().unwrap();
    let first = key_id(&mint(&issuer));
    clock.advance(50 * MINUTE - SECOND);
    issuer.maintain().unwrap();
    assert_eq!(published(&issuer).len(), 1);
    clock.advance(SECOND);
    issuer.maintain().unwrap();
    assert_eq!(published(&issuer).len(), 2);
    clock.advance(10 * MINUTE - SECOND);
    assert_eq!(key_id(&mint(&issuer)), first);
    clock.advance(SECOND);
    assert_ne!(key_id(&mint(&issuer)), first);
}

#[test]
fn another_algorithm_takes_over_like_a_rotation() {
    let clock = ManualClock::default();
    let folder = remint_testkit::private_folder();
    let old = builder(&clock).key_folder(folder.path()).build().unwrap();
    let token = mint(&old);

    let new = builder(&clock).key_folder(folder.path()).algorithm(Algorithm::EdDSA).build().unwrap();
    assert_eq!(key_id(&mint(&new)), key_id(&token));
    assert!(verify(&token, &new.key_set()).is_some());
    clock.advance(12 * MINUTE);
    let token = mint(&new);
    assert!(verify(&token, &new.key_set()).is_some());
    let algorithms: Vec<_> = new.key_set().iter().filter_map(remint_jwt::Jwk::algorithm).collect();
    assert_eq!(algorithms, [Algorithm::Es256, Algorithm::EdDSA]);
    assert_eq!(key_id(&token), published(&new)[1]);
}

#[test]
fn a_clock_that_goes_back_leaves_a_key_to_sign_with() {
    let clock = ManualClock::default();
    let issuer = builder(&clock).build().unwrap();
    let start = clock.now();
    clock.set(start.saturating_sub(60 * MINUTE));
    let token = mint(&issuer);
    assert!(verify(&token, &issuer.key_set()).is_some());
}

#[test]
fn the_key_set_is_prepared_once_for_as_long_as_it_stays_the_same() {
    let clock = ManualClock::default();
    let issuer = builder(&clock).build().unwrap();
    let alone = issuer.key_set();
    assert!(Arc::ptr_eq(&alone, &issuer.key_set()));

    issuer.rotate().unwrap();
    let both = issuer.key_set();
    assert_eq!((alone.len(), both.len()), (1, 2), "whoever holds the old one keeps it");
    // The new key signs after ten minutes; the last token of the old one ends five minutes later,
    // by the slowest clock six. Nobody has to call `maintain` for that.
    clock.advance(16 * MINUTE - SECOND);
    assert!(Arc::ptr_eq(&both, &issuer.key_set()));
    clock.advance(SECOND);
    let new = issuer.key_set();
    assert_eq!(new.iter().map(remint_jwt::Jwk::key_id).collect::<Vec<_>>(), [Some(&*key_id(&mint(&issuer)))]);
    assert!(Arc::ptr_eq(&new, &issuer.key_set()));
    clock.set(clock.now().saturating_sub(SECOND));
    assert!(Arc::ptr_eq(&both, &issuer.key_set()), "a clock that goes back finds what was published then");
}

/// Two processes on one folder, each with a service behind it that keeps the key set for as long
/// as it may: through many rotations no live token is refused.
#[test]
fn a_service_with_a_kept_key_set_never_refuses_a_live_token() {
    let clock = ManualClock::default();
    let folder = remint_testkit::private_folder();
    let process = || builder(&clock).key_folder(folder.path()).rotate_every(30 * MINUTE).build().unwrap();
    let processes: [Issuer; 2] = [process(), process()];
    let mut kept: [Arc<JwkSet>; 2] = [processes[0].key_set(), processes[1].key_set()];
    let mut live: Vec<InternalToken> = Vec::new();
    let mut keys_seen = std::collections::HashSet::new();

    let step = Duration::from_secs(20);
    for tick in 0_u32..(4 * 3600 / 20) {
        for (index, issuer) in processes.iter().enumerate() {
            let minute_and_phase = tick + u32::try_from(index).unwrap() * 5;
            if minute_and_phase % 12 == 0 {
                issuer.maintain().unwrap();
            }
            if minute_and_phase % 15 == 7 {
                kept[index] = JwkSet::parse(&issuer.jwks()).unwrap().into();
            }
            let token = mint(issuer);
            keys_seen.insert(key_id(&token));
            live.push(token);
        }
        live.retain(|token| token.expires_at() > clock.now());
        for (index, keys) in kept.iter().enumerate() {
            let refused = live.iter().filter(|token| verify(token, keys).is_none()).count();
            assert_eq!(refused, 0, "at {tick}, service {index}");
        }
        clock.advance(step);
    }
    assert_eq!(keys_seen.len(), 8, "one key for each half hour");
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert!(files <= 4, "{files} files are left, with the lock");
}
