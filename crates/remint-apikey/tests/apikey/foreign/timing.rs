//! What the clock would tell of refused texts, as far as it is certain: how often the store is asked,
//! and what the answer is. The clock itself is read by `cargo bench --bench table -- enumeration`.
#![expect(clippy::panic, reason = "a helper of tests fails the test")]

use std::num::NonZeroUsize;
use std::time::Duration;

use remint_apikey::{NewKey, Peppers};
use remint_core::{DeniedClass, Environment, Refusal};

use super::{QUICK, SHA512, SLOW, accepting, imported, under, unknown_of_ours};
use crate::support::{Bench, alice, pepper};

async fn refused(bench: &Bench, text: &str) -> (usize, DeniedClass) {
    let before = bench.store.finds();
    match bench.keys.verify(text).await {
        Err(Refusal::Denied(denied)) => (bench.store.finds() - before, denied.kind().class()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_refused_text_of_the_package_costs_the_same_look_ups() {
    let bench = accepting(&["drf"]).await;
    let bench = under(&bench, Peppers::new(pepper("second")).with_older(pepper("first")));
    // Two peppers, SHA-512, SHA-256, by the prefix, and the two peppers once more.
    let same = (7, DeniedClass::InvalidToken);
    for made in [SHA512, QUICK] {
        assert_eq!(refused(&bench, made.text).await, same, "unknown");
    }
    let (sha512, quick) = (imported(&bench, SHA512.import()).await, imported(&bench, QUICK.import()).await);
    for made in [SHA512, QUICK] {
        assert_eq!(refused(&bench, &made.wrong()).await, same, "another secret");
        bench.keys.set_user_enabled(&alice(), false).await.unwrap();
        assert_eq!(refused(&bench, made.text).await, same, "disabled");
        bench.keys.set_user_enabled(&alice(), true).await.unwrap();
    }
    for record in [sha512, quick] {
        bench.keys.revoke(&record.id).await.unwrap();
    }
    for made in [SHA512, QUICK] {
        assert_eq!(refused(&bench, made.text).await, same, "revoked");
    }
}

#[tokio::test]
async fn a_refused_text_that_was_hashed_anew_costs_the_same_look_ups() {
    let bench = accepting(&["drf"]).await;
    for made in [SHA512, QUICK] {
        let record = imported(&bench, made.import()).await;
        bench.ask(made.text).await.unwrap().unwrap();
        bench.keys.revoke(&record.id).await.unwrap();
        assert_eq!(refused(&bench, made.text).await, refused(&bench, &made.wrong()).await);
    }
}

#[tokio::test]
async fn every_refused_text_of_ours_costs_the_same_look_ups() {
    let bench = Bench::new();
    bench.sign_up().await;
    let same = refused(&bench, &unknown_of_ours().await).await;
    assert_eq!(same, (1, DeniedClass::InvalidToken));
    let new = NewKey::new(alice(), Environment::Live).expiring_in(Duration::from_secs(5));
    let (ending, _) = bench.keys.create(new).await.unwrap();
    let (key, record) = bench.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
    bench.clock.advance(Duration::from_secs(5));
    assert_eq!(refused(&bench, ending.expose_secret()).await, same, "expired");
    bench.keys.set_user_enabled(&alice(), false).await.unwrap();
    assert_eq!(refused(&bench, key.expose_secret()).await, same, "disabled");
    bench.keys.set_user_enabled(&alice(), true).await.unwrap();
    bench.keys.revoke(&record.id).await.unwrap();
    assert_eq!(refused(&bench, key.expose_secret()).await, same, "revoked");
}

#[tokio::test]
async fn a_key_that_would_be_refused_anyway_is_not_hashed() {
    let mut bench = accepting(&["drf"]).await;
    bench.keys = bench.keys.hashing_on(NonZeroUsize::MIN, 0);
    bench.store.set_rehash_out(true);
    let record = imported(&bench, QUICK.import()).await;
    imported(&bench, SLOW.import()).await;
    // While the only place is taken, by a slow hash, whoever needs a hash is told to come again.
    let (slow, needs_one) = tokio::join!(bench.keys.verify(SLOW.text), bench.keys.verify(QUICK.text));
    assert!(slow.is_ok() && matches!(needs_one, Err(Refusal::Unavailable(_))));
    bench.keys.set_user_enabled(&alice(), false).await.unwrap();
    assert_eq!(refused(&bench, QUICK.text).await.1, DeniedClass::InvalidToken);
    bench.keys.set_user_enabled(&alice(), true).await.unwrap();
    bench.keys.revoke(&record.id).await.unwrap();
    let (slow, revoked) = tokio::join!(bench.keys.verify(SLOW.text), refused(&bench, QUICK.text));
    assert!(slow.is_ok());
    assert_eq!(revoked.1, DeniedClass::InvalidToken);
}
