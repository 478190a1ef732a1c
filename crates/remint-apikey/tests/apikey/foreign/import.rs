use std::sync::Arc;
use std::time::Duration;

use remint_apikey::{KeyName, Peppers};
use remint_core::{AuditAction, AuditActor, AuditLog, Effect, Page, StoreError, Target, UserId};

use super::{PBKDF2, QUICK, SHA512, accepting, imported, under};
use crate::support::{Bench, alice, pepper};

#[tokio::test]
async fn an_import_keeps_what_it_is_told() {
    let bench = accepting(&["remint", "drf"]).await;
    let now = imported(&bench, SHA512.import()).await.created_at;
    let (made, end) = (now.saturating_sub(Duration::from_secs(9)), now.saturating_add(Duration::from_secs(9)));
    let key = QUICK
        .import()
        .with_name(KeyName::new("celery").unwrap())
        .with_scopes("read".parse().unwrap())
        .with_networks(vec!["10.0.0.0/8".parse().unwrap()])
        .created_at(made)
        .expires_at(end);
    let record = imported(&bench, key).await;
    assert_eq!((record.name.as_deref(), record.start.as_str()), (Some("celery"), "npTiTmsr"));
    assert_eq!((record.created_at, record.expires_at, record.revoked_at), (made, Some(end), None));
    assert_eq!(bench.keys.key(&record.id).await.unwrap(), Some(record));
    let found = bench.ask(QUICK.text).await.unwrap().unwrap();
    assert_eq!(found.identity.scopes.to_string(), "read");
    assert_eq!((found.issued_at, found.networks.len()), (made, 1));
    assert_eq!(found.act_for, None, "nobody of ours has said so");
}

#[tokio::test]
async fn a_key_is_not_made_in_the_future() {
    let bench = accepting(&["drf"]).await;
    let now = imported(&bench, SHA512.import()).await.created_at;
    let later = QUICK.import().created_at(now.saturating_add(Duration::from_secs(9)));
    assert_eq!(imported(&bench, later).await.created_at, now);
}

#[tokio::test]
async fn each_imported_key_is_audited_and_told_to_the_caches() {
    let bench = accepting(&["drf"]).await;
    let operator = AuditActor::Operator { account: Some("root".into()) };
    let keys = bench.keys.acting_as(operator.clone());
    let records = keys.import(vec![SHA512.import(), PBKDF2.import().revoked()]).await.unwrap();
    let events = bench.store.events(Page::all()).await.unwrap();
    let events: Vec<_> = events.iter().filter(|(_, event)| event.action == AuditAction::KeyImported).collect();
    assert_eq!(events.len(), 2);
    for ((_, event), (record, scheme)) in events.iter().zip(records.iter().zip(["sha512", "pbkdf2_sha256"])) {
        assert_eq!((&event.actor, &event.key, &event.user), (&operator, &Some(record.id.clone()), &Some(alice())));
        assert_eq!(event.detail["scheme"], scheme);
        assert_eq!(event.detail["start"], record.start);
        assert_eq!(event.detail.contains_key("revoked"), record.revoked_at.is_some());
    }
    let rows = bench.revoker.take();
    let targets: Vec<_> = rows.iter().map(|row| (row.target.clone(), row.effect)).collect();
    let expected: Vec<_> = records.into_iter().map(|record| (Target::Key(record.id), Effect::Changed)).collect();
    assert_eq!(targets, expected);
}

#[tokio::test]
async fn an_import_is_all_or_nothing() {
    let bench = accepting(&["drf"]).await;
    imported(&bench, QUICK.import()).await;
    for second in [QUICK, SHA512] {
        let outcome = bench.keys.import(vec![SHA512.import(), second.import()]).await;
        assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    }
    assert_eq!(bench.keys.list(&alice()).await.unwrap().len(), 1);
    bench.keys.delete_user(&alice()).await.unwrap();
    assert!(matches!(bench.keys.import(vec![SHA512.import()]).await, Err(StoreError::UnknownUser)));
    assert!(bench.keys.import(Vec::new()).await.unwrap().is_empty());
    bench.store.sever();
    assert!(matches!(bench.keys.import(vec![SHA512.import()]).await, Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn the_same_key_is_not_imported_again_after_it_was_hashed_anew() {
    let bench = accepting(&["drf"]).await;
    for made in [SHA512, QUICK] {
        assert!(bench.keys.imported(&made.import()).await.unwrap().is_none());
        let record = imported(&bench, made.import()).await;
        bench.ask(made.text).await.unwrap().unwrap();
        let rotated = under(&bench, Peppers::new(pepper("second")).with_older(pepper("first")));
        for keys in [&bench.keys, &rotated.keys] {
            assert!(matches!(keys.import(vec![made.import()]).await, Err(StoreError::Conflict)));
            assert_eq!(keys.imported(&made.import()).await.unwrap().unwrap().id, record.id);
        }
    }
}

#[tokio::test]
async fn an_id_tells_nothing_of_the_digest() {
    let bench = accepting(&["drf"]).await;
    let record = imported(&bench, SHA512.import()).await;
    let other = under(&Bench::new(), Peppers::new(pepper("another")));
    other.sign_up().await;
    assert_ne!(imported(&other, SHA512.import()).await.id, record.id);
}

#[tokio::test]
async fn nothing_of_a_digest_is_shown() {
    let bench = accepting(&["drf"]).await;
    let shown = format!("{:?} {:?}", SHA512.import(), Arc::new(imported(&bench, SHA512.import()).await));
    assert!(!shown.contains("be3cb9") && !shown.contains("190, 60, 185"), "{shown}");
    let mallory = UserId::new("mallory").unwrap();
    assert!(bench.keys.list(&mallory).await.unwrap().is_empty());
}
