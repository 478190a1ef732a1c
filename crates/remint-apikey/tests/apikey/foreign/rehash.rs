use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use remint_apikey::Leak;
use remint_core::{ApiKeyRecord, ApiKeyStore, DeniedKind, KeyDigest};

use super::{QUICK, SHA512, accepting, imported, is_ours, node};
use crate::support::{Bench, is_out};

#[tokio::test]
async fn an_imported_key_is_hashed_as_ours_at_its_first_use() {
    for made in [SHA512, QUICK] {
        let bench = accepting(&["remint", "drf"]).await;
        let record = imported(&bench, made.import()).await;
        let given = bench.keys.verify(made.text).await.unwrap().into_inner();
        let kept = bench.keys.key(&record.id).await.unwrap().unwrap();
        assert!(is_ours(&kept, "first") && given.key.digest == kept.digest);
        assert_eq!((kept.start, kept.name), (record.start, record.name));

        let before = bench.store.finds();
        bench.ask(made.text).await.unwrap().unwrap();
        assert_eq!(bench.store.finds() - before, 1, "it costs one look-up now");
        assert_eq!(bench.store.rehashed(), 1);
    }
}

#[tokio::test]
async fn a_refused_key_stays_as_it_is() {
    let bench = accepting(&["remint", "drf"]).await;
    for made in [SHA512, QUICK] {
        imported(&bench, made.import().revoked()).await;
        bench.denied(made.text).await;
        bench.denied(&made.wrong()).await;
    }
    assert_eq!(bench.store.rehashed(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_first_uses_at_once_hash_it_once() {
    for made in [SHA512, QUICK] {
        let bench = Arc::new(accepting(&["remint", "drf"]).await);
        let record = imported(&bench, made.import()).await;
        let mut asked = Vec::new();
        for _ in 0..8 {
            let keys = bench.keys.clone();
            asked.push(tokio::spawn(async move { keys.verify(made.text).await.unwrap().into_inner().key.id }));
        }
        for asked in asked {
            assert_eq!(asked.await.unwrap(), record.id);
        }
        assert_eq!(bench.store.rehashed(), 1);
    }
}

/// What comes of a call during whose look-ups, after so many of them, another first use hashes the key
/// anew.
async fn overtaken<T>(
    bench: &Bench,
    finds: usize,
    record: &ApiKeyRecord,
    to: &KeyDigest,
    call: impl Future<Output = T>,
) -> T {
    bench.store.pause_after(finds);
    let mut call = std::pin::pin!(call);
    let Poll::Pending = call.as_mut().poll(&mut Context::from_waker(Waker::noop())) else { unreachable!("it waits") };
    assert!(bench.store.rehash(&record.id, &record.digest, to).await.unwrap());
    call.await
}

#[tokio::test]
async fn a_key_that_another_use_hashes_anew_meanwhile_is_found_all_the_same() {
    for made in [SHA512, QUICK] {
        let bench = accepting(&["remint", "drf"]).await;
        let record = imported(&bench, made.import()).await;
        let ours = bench.keys.verify(made.text).await.unwrap().into_inner().key.digest;
        bench.store.rehash(&record.id, &ours, &record.digest).await.unwrap();
        let verified = overtaken(&bench, 1, &record, &ours, bench.keys.verify(made.text)).await;
        assert_eq!(verified.unwrap().into_inner().key.id, record.id);

        bench.store.rehash(&record.id, &ours, &record.digest).await.unwrap();
        let report = Leak::default();
        let reported = overtaken(&bench, 1, &record, &ours, bench.keys.report_leak(made.text, &report)).await;
        assert!(reported.unwrap().is_some(), "a leak that is reported meanwhile");
    }
}

#[tokio::test]
async fn a_key_that_moves_to_the_newest_pepper_meanwhile_is_found_all_the_same() {
    let (bench, key, record) = Bench::with_a_key().await;
    let rotated = bench.node(&["second", "first"]);
    bench.ten_minutes(&[&rotated]).await;
    rotated.accepted(&key).await;
    let newest = rotated.keys.key(&record.id).await.unwrap().unwrap().digest;
    bench.store.rehash(&record.id, &newest, &record.digest).await.unwrap();
    let verified = overtaken(&bench, 1, &record, &newest, rotated.keys.verify(key.expose_secret())).await;
    assert_eq!(verified.unwrap().into_inner().key.id, record.id);
}

#[tokio::test]
async fn a_key_that_moves_to_a_pepper_between_the_others_meanwhile_is_found_all_the_same() {
    let (bench, key, record) = Bench::with_a_key().await;
    let second = bench.node(&["second", "first"]);
    bench.ten_minutes(&[&second]).await;
    second.accepted(&key).await;
    let moved = second.keys.key(&record.id).await.unwrap().unwrap().digest;
    bench.store.rehash(&record.id, &moved, &record.digest).await.unwrap();
    let third = bench.node(&["third", "second", "first"]);
    let verified = overtaken(&bench, 2, &record, &moved, third.keys.verify(key.expose_secret())).await;
    assert_eq!(verified.unwrap().into_inner().key.id, record.id);
}

#[tokio::test]
async fn a_key_that_cannot_be_hashed_anew_is_let_in_all_the_same() {
    for made in [SHA512, QUICK] {
        let bench = accepting(&["remint", "drf"]).await;
        let record = imported(&bench, made.import()).await;
        bench.store.set_rehash_out(true);
        bench.ask(made.text).await.unwrap().unwrap();
        assert!(!is_ours(&bench.keys.key(&record.id).await.unwrap().unwrap(), "first"));
        bench.store.set_rehash_out(false);
        bench.ask(made.text).await.unwrap().unwrap();
        assert!(is_ours(&bench.keys.key(&record.id).await.unwrap().unwrap(), "first"));
    }
}

#[tokio::test]
async fn a_key_under_an_older_pepper_is_hashed_under_the_newest() {
    let (bench, key, record) = Bench::with_a_key().await;
    let rotated = bench.node(&["second", "first"]);
    bench.ten_minutes(&[&rotated]).await;
    rotated.accepted(&key).await;
    assert!(is_ours(&rotated.keys.key(&record.id).await.unwrap().unwrap(), "second"));
    let before = bench.store.finds();
    rotated.accepted(&key).await;
    assert_eq!(bench.store.finds() - before, 1);
    assert!(is_out(&bench.ask(key.expose_secret()).await), "a node without the new pepper");
}

#[tokio::test]
async fn a_key_under_the_newest_pepper_is_left_alone() {
    let (bench, key, _) = Bench::with_a_key().await;
    bench.accepted(&key).await;
    assert_eq!(bench.store.rehashed(), 0);
}

#[tokio::test]
async fn an_imported_key_moves_on_with_the_peppers() {
    let bench = accepting(&["remint", "drf"]).await;
    let record = imported(&bench, QUICK.import()).await;
    bench.ask(QUICK.text).await.unwrap().unwrap();
    let rotated = node(&bench, &["second", "first"]);
    bench.ten_minutes(&[&rotated]).await;
    rotated.ask(QUICK.text).await.unwrap().unwrap();
    assert!(is_ours(&rotated.keys.key(&record.id).await.unwrap().unwrap(), "second"));
    let alone = node(&bench, &["second"]);
    alone.ask(QUICK.text).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_key_that_was_hashed_anew_can_be_revoked() {
    for made in [SHA512, QUICK] {
        let bench = accepting(&["remint", "drf"]).await;
        let record = imported(&bench, made.import()).await;
        bench.ask(made.text).await.unwrap().unwrap();
        bench.keys.revoke(&record.id).await.unwrap();
        assert_eq!(bench.denied(made.text).await, DeniedKind::Revoked);
    }
}
