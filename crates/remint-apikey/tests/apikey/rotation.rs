use std::time::Duration;

use remint_apikey::{NewKey, RotateKey};
use remint_core::{AuditAction, AuditLog, DeniedKind, Effect, Environment, KeyId, Page, StoreError, Target, Timestamp};

use crate::support::{Bench, alice};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn both_keys_work_until_the_deadline_and_only_the_new_one_from_then_on() {
    let (bench, key, record) = Bench::with_a_key().await;
    let rotated = bench.keys.rotate(RotateKey::new(record.id.clone()).overlapping(HOUR)).await.unwrap();
    let deadline = rotated.old.expires_at.unwrap();
    assert_eq!(deadline, rotated.new.created_at.saturating_add(HOUR));
    assert_eq!(bench.accepted(&key).await.expires_at, deadline);
    assert_eq!(bench.accepted(&rotated.key).await.expires_at, Timestamp::MAX);

    bench.clock.advance(HOUR - Duration::from_millis(1));
    bench.accepted(&key).await;
    bench.clock.advance(Duration::from_millis(1));
    assert_eq!(bench.denied(key.expose_secret()).await, DeniedKind::Expired);
    bench.accepted(&rotated.key).await;
}

#[tokio::test]
async fn the_new_key_is_as_the_old_one_was() {
    let (bench, ..) = Bench::with_a_key().await;
    let networks = vec!["192.0.2.0/24".parse().unwrap()];
    let new = NewKey::new(alice(), Environment::Test).with_name("ci".parse().unwrap()).with_networks(networks);
    let (_, old) = bench.keys.create(new.with_scopes("read".parse().unwrap()).expiring_in(HOUR)).await.unwrap();
    bench.clock.advance(HOUR / 2);
    let rotated = bench.keys.rotate(RotateKey::new(old.id.clone())).await.unwrap();
    let new = &rotated.new;
    assert_eq!((&new.user, new.environment, &new.name), (&old.user, old.environment, &old.name));
    assert_eq!((&new.scopes, &new.networks), (&old.scopes, &old.networks));
    assert_eq!(new.expires_at, Some(new.created_at.saturating_add(HOUR)), "as long a life");
    assert_eq!(rotated.old.expires_at, old.expires_at, "the deadline does not extend it");
    assert_eq!(rotated.old.rotated_to.as_ref(), Some(&new.id));
    let answer = bench.accepted(&rotated.key).await;
    assert_eq!(answer.networks, old.networks);
}

#[tokio::test]
async fn a_bound_on_the_end_is_kept() {
    let (bench, _, record) = Bench::with_a_key().await;
    let end = record.created_at.saturating_add(HOUR);
    let rotated = bench.keys.rotate(RotateKey::new(record.id).not_after(end)).await.unwrap();
    assert_eq!(rotated.new.expires_at, Some(end));
}

#[tokio::test]
async fn what_has_ended_or_was_rotated_is_not_rotated() {
    let (bench, _, record) = Bench::with_a_key().await;
    let unknown = RotateKey::new(KeyId::new("key_unknown").unwrap());
    assert!(matches!(bench.keys.rotate(unknown).await, Err(StoreError::UnknownKey)));
    let rotated = bench.keys.rotate(RotateKey::new(record.id.clone())).await.unwrap();
    assert!(matches!(bench.keys.rotate(RotateKey::new(record.id)).await, Err(StoreError::Ended)));
    bench.keys.revoke(&rotated.new.id).await.unwrap();
    assert!(matches!(bench.keys.rotate(RotateKey::new(rotated.new.id)).await, Err(StoreError::Ended)));
}

#[tokio::test]
async fn a_rotation_changes_the_old_key_and_ends_nothing() {
    let (bench, _, record) = Bench::with_a_key().await;
    let rotated = bench.keys.rotate(RotateKey::new(record.id.clone())).await.unwrap();
    let rows = bench.revoker.take();
    let expected = [Target::Key(record.id.clone()), Target::Key(rotated.new.id.clone())];
    assert_eq!(rows.iter().map(|row| row.target.clone()).collect::<Vec<_>>(), expected);
    assert!(rows.iter().all(|row| row.effect == Effect::Changed));
    let (_, event) = bench.store.events(Page::all()).await.unwrap().pop().unwrap();
    assert_eq!((event.action, event.key), (AuditAction::KeyRotated, Some(rotated.new.id)));
    assert_eq!(event.detail["old"], record.id.as_str());
}

#[tokio::test]
async fn a_rotation_without_overlap_ends_the_old_key_and_what_was_made_from_it() {
    let (bench, key, record) = Bench::with_a_key().await;
    let rotated = bench.keys.rotate(RotateKey::new(record.id.clone()).overlapping(Duration::ZERO)).await.unwrap();
    let rows: Vec<_> = bench.revoker.take().into_iter().map(|row| (row.target, row.effect)).collect();
    assert_eq!(rows, [(Target::Key(record.id), Effect::Ended), (Target::Key(rotated.new.id), Effect::Changed)]);
    assert_eq!(bench.denied(key.expose_secret()).await, DeniedKind::Expired);
}

#[tokio::test]
async fn a_rotation_of_which_the_caches_cannot_be_told_leaves_no_working_new_key() {
    let (bench, key, record) = Bench::with_a_key().await;
    bench.revoker.set_out(true);
    assert!(bench.keys.rotate(RotateKey::new(record.id)).await.is_err());
    bench.accepted(&key).await;
    let keys = bench.keys.list(&alice()).await.unwrap();
    assert_eq!(keys.iter().filter(|key| key.revoked_at.is_none()).count(), 1);
}
