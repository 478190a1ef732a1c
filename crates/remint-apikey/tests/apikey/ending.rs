use std::time::Duration;

use remint_apikey::{NewKey, NewUser};
use remint_core::{DeniedKind, Effect, Environment, KeyId, Revocation, StoreError, Target, UnavailableKind, UserId};

use crate::support::{Bench, alice};

fn effects(rows: &[Revocation]) -> Vec<(&Target, Effect)> {
    rows.iter().map(|row| (&row.target, row.effect)).collect()
}

#[tokio::test]
async fn a_revoked_key_is_refused_and_its_row_is_in_the_log() {
    let (bench, key, record) = Bench::with_a_key().await;
    let revoked = bench.keys.revoke(&record.id).await.unwrap().unwrap();
    assert_eq!(bench.denied(key.expose_secret()).await, DeniedKind::Revoked);
    let rows = bench.revoker.take();
    assert_eq!(effects(&rows), [(&Target::Key(record.id), Effect::Ended)]);
    assert_eq!(revoked.revoked_at, Some(rows[0].at));
}

#[tokio::test]
async fn a_revoked_key_stays_revoked_whatever_happens_to_its_user() {
    let (bench, key, record) = Bench::with_a_key().await;
    bench.keys.revoke(&record.id).await.unwrap();
    bench.keys.set_user_enabled(&alice(), false).await.unwrap();
    bench.keys.set_user_enabled(&alice(), true).await.unwrap();
    assert_eq!(bench.denied(key.expose_secret()).await, DeniedKind::Revoked);
}

#[tokio::test]
async fn revoking_one_key_leaves_the_others_of_its_user() {
    let (bench, _, record) = Bench::with_a_key().await;
    let (other, _) = bench.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
    bench.keys.revoke(&record.id).await.unwrap();
    bench.accepted(&other).await;
}

#[tokio::test]
async fn disabling_a_user_ends_each_of_their_keys_and_enabling_brings_them_back() {
    let (bench, key, _) = Bench::with_a_key().await;
    let (other, _) = bench.keys.create(NewKey::new(alice(), Environment::Test)).await.unwrap();
    let _ = bench.revoker.take();

    assert!(bench.keys.set_user_enabled(&alice(), false).await.unwrap());
    for key in [&key, &other] {
        assert_eq!(bench.denied(key.expose_secret()).await, DeniedKind::UserDisabled);
    }
    assert_eq!(effects(&bench.revoker.take()), [(&Target::User(alice()), Effect::Ended)]);

    assert!(bench.keys.set_user_enabled(&alice(), true).await.unwrap());
    for key in [&key, &other] {
        bench.accepted(key).await;
    }
    assert_eq!(effects(&bench.revoker.take()), [(&Target::User(alice()), Effect::Changed)]);
}

#[tokio::test]
async fn a_key_made_for_a_disabled_user_works_only_once_they_are_enabled() {
    let (bench, ..) = Bench::with_a_key().await;
    bench.keys.set_user_enabled(&alice(), false).await.unwrap();
    let (key, _) = bench.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
    assert_eq!(bench.denied(key.expose_secret()).await, DeniedKind::UserDisabled);
}

#[tokio::test]
async fn deleting_a_user_takes_every_key_along() {
    let (bench, key, record) = Bench::with_a_key().await;
    assert!(bench.keys.delete_user(&alice()).await.unwrap());
    assert_eq!(bench.denied(key.expose_secret()).await, DeniedKind::UnknownApiKey);
    assert_eq!(effects(&bench.revoker.take()), [(&Target::User(alice()), Effect::Ended)]);
    assert!(bench.keys.list(&alice()).await.unwrap().is_empty());
    assert!(bench.keys.revoke(&record.id).await.unwrap().is_none());
    assert!(bench.keys.user(&alice()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_user_created_again_under_the_same_id_inherits_no_key() {
    let (bench, key, _) = Bench::with_a_key().await;
    bench.keys.delete_user(&alice()).await.unwrap();
    bench.sign_up().await;
    assert_eq!(bench.denied(key.expose_secret()).await, DeniedKind::UnknownApiKey);
    let (new, _) = bench.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
    bench.accepted(&new).await;
}

#[tokio::test]
async fn when_the_log_fails_the_caller_learns_it_and_may_call_again() {
    let (bench, key, record) = Bench::with_a_key().await;
    bench.revoker.set_out(true);
    let error = bench.keys.revoke(&record.id).await.unwrap_err();
    assert_eq!(error.kind(), UnavailableKind::RevocationLog);
    assert_eq!(bench.denied(key.expose_secret()).await, DeniedKind::Revoked, "the store comes first");
    bench.keys.set_user_enabled(&alice(), false).await.unwrap_err();
    bench.keys.set_user_enabled(&alice(), true).await.unwrap_err();
    bench.keys.delete_user(&alice()).await.unwrap_err();

    bench.revoker.set_out(false);
    bench.clock.advance(Duration::from_secs(5));
    assert!(bench.keys.revoke(&record.id).await.unwrap().is_none(), "deleted with its user");
    assert!(!bench.keys.delete_user(&alice()).await.unwrap(), "deleted before");
    assert!(!bench.keys.set_user_enabled(&alice(), false).await.unwrap());
    let (key, user) = (Target::Key(record.id), Target::User(alice()));
    assert_eq!(effects(&bench.revoker.take()), [(&key, Effect::Ended), (&user, Effect::Ended), (&user, Effect::Ended)]);
}

#[tokio::test]
async fn revoking_again_repeats_the_row_and_keeps_the_first_moment() {
    let (bench, _, record) = Bench::with_a_key().await;
    let first = bench.keys.revoke(&record.id).await.unwrap().unwrap();
    bench.clock.advance(Duration::from_secs(5));
    let second = bench.keys.revoke(&record.id).await.unwrap().unwrap();
    assert_eq!(first, second);
    assert_eq!(bench.revoker.take().len(), 2);
}

#[tokio::test]
async fn when_the_store_fails_no_row_claims_otherwise() {
    let (bench, _, record) = Bench::with_a_key().await;
    bench.store.sever();
    assert_eq!(bench.keys.revoke(&record.id).await.unwrap_err().kind(), UnavailableKind::Store);
    assert_eq!(bench.keys.set_user_enabled(&alice(), false).await.unwrap_err().kind(), UnavailableKind::Store);
    assert_eq!(bench.keys.delete_user(&alice()).await.unwrap_err().kind(), UnavailableKind::Store);
    assert!(bench.revoker.take().is_empty());
}

#[tokio::test]
async fn a_new_key_makes_caches_forget_that_it_was_unknown() {
    let bench = Bench::new();
    bench.sign_up().await;
    let _ = bench.revoker.take();
    let (_, record) = bench.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
    assert_eq!(effects(&bench.revoker.take()), [(&Target::Key(record.id), Effect::Changed)]);
}

#[tokio::test]
async fn a_key_that_nobody_was_told_is_revoked_at_once() {
    let (bench, ..) = Bench::with_a_key().await;
    bench.revoker.set_out(true);
    let error = bench.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)));
    let keys = bench.keys.list(&alice()).await.unwrap();
    assert_eq!(keys.iter().filter(|key| key.revoked_at.is_some()).count(), 1);
    assert_eq!(keys.len(), 2);
}

#[tokio::test]
async fn a_key_needs_a_user_and_a_user_needs_an_id_of_their_own() {
    let (bench, ..) = Bench::with_a_key().await;
    let nobody = UserId::new("nobody").unwrap();
    let error = bench.keys.create(NewKey::new(nobody.clone(), Environment::Live)).await.unwrap_err();
    assert!(matches!(error, StoreError::UnknownUser));
    let error = bench.keys.create_user(NewUser::new(alice())).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict));
    let unknown = KeyId::new("key_unknown").unwrap();
    assert!(bench.keys.revoke(&unknown).await.unwrap().is_none());
    assert!(!bench.keys.delete_user(&nobody).await.unwrap());
}

#[tokio::test]
async fn a_user_has_many_keys_and_sees_the_newest_first() {
    let (bench, _, first) = Bench::with_a_key().await;
    bench.clock.advance(Duration::from_secs(1));
    let new = NewKey::new(alice(), Environment::Test).with_name("ci".parse().unwrap());
    let (_, second) = bench.keys.create(new).await.unwrap();
    assert_eq!(second.name.as_deref(), Some("ci"));
    assert_eq!(bench.keys.list(&alice()).await.unwrap(), [second, first]);
}

#[tokio::test]
async fn a_target_that_the_store_does_not_hold_ends_by_its_row_and_is_recorded_first() {
    let bench = Bench::new();
    let client = Target::Client("svc".parse().unwrap());
    bench.store.sever();
    bench.keys.end(client.clone(), None).await.unwrap_err();
    assert!(bench.revoker.take().is_empty(), "nothing is done of which there is no record");
    bench.store.mend();
    assert!(bench.keys.end(client.clone(), Some("it leaked")).await.unwrap().is_some());
    assert_eq!(effects(&bench.revoker.take()), [(&client, Effect::Ended)]);
    bench.revoker.set_out(true);
    let error = bench.keys.end(client, None).await.unwrap_err();
    assert_eq!(error.kind(), UnavailableKind::RevocationLog, "the caller learns it");
    let events = bench.keys.store().events(remint_core::Page::all()).await.unwrap();
    assert_eq!(events.len(), 2);
}

#[tokio::test]
async fn a_key_user_or_tenant_that_is_ended_as_a_target_ends_in_the_store() {
    let (bench, key, record) = Bench::with_a_key().await;
    let (other, _) = bench.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
    assert!(bench.keys.end(Target::Key(record.id), None).await.unwrap().is_some());
    assert_eq!(bench.denied(key.expose_secret()).await, DeniedKind::Revoked);
    bench.accepted(&other).await;
    assert!(bench.keys.end(Target::User(alice()), None).await.unwrap().is_some());
    assert_eq!(bench.denied(other.expose_secret()).await, DeniedKind::UserDisabled);
    let nobody = Target::User(UserId::new("nobody").unwrap());
    assert!(bench.keys.end(nobody, None).await.unwrap().is_none());
    assert!(bench.keys.end(Target::Key(KeyId::new("key_none").unwrap()), None).await.unwrap().is_none());
}
