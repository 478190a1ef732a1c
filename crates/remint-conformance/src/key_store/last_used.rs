//! Cases of [`LastUsedStore`](remint_core::LastUsedStore).

use remint_core::{KeyId, Timestamp};

use super::{Plain as _, Store, found, key, user, user_id};

async fn one_key(store: &impl Store) -> KeyId {
    store.insert_user(&user("alice")).await.expect("a user");
    store.insert_key(&key("alice", 1)).await.expect("a key");
    key("alice", 1).id
}

async fn record(store: &impl Store, batch: &[(&KeyId, u64)]) {
    let batch: Vec<_> = batch.iter().map(|(id, at)| ((*id).clone(), Timestamp::from_millis(*at))).collect();
    store.record_last_used(&batch).await.expect("the store answers");
}

async fn last_used(store: &impl Store) -> Option<Timestamp> {
    found(store, &key("alice", 1)).await.expect("the key").key.last_used_at
}

/// To the millisecond, and nothing else changes.
pub async fn a_use_shows_in_the_list_and_in_the_look_up(store: impl Store) {
    let id = one_key(&store).await;
    store.insert_key(&key("alice", 2)).await.expect("a key");
    record(&store, &[(&id, 1_760_000_000_123)]).await;
    let mut used = key("alice", 1);
    used.last_used_at = Some(Timestamp::from_millis(1_760_000_000_123));
    assert_eq!(found(&store, &used).await.map(|found| found.key).as_ref(), Some(&used));
    assert_eq!(store.keys(&user_id("alice")).await.expect("a list"), [key("alice", 2), used]);
}

/// In whatever order the batches come.
pub async fn an_earlier_use_never_replaces_a_later_one(store: impl Store) {
    let id = one_key(&store).await;
    for (at, expected) in [(2_000, 2_000), (1_000, 2_000), (3_000, 3_000), (2_999, 3_000)] {
        record(&store, &[(&id, at)]).await;
        assert_eq!(last_used(&store).await, Some(Timestamp::from_millis(expected)));
    }
}

/// A key may stand in a batch several times.
pub async fn the_latest_of_one_batch_counts(store: impl Store) {
    let id = one_key(&store).await;
    record(&store, &[(&id, 2), (&id, 3), (&id, 1)]).await;
    assert_eq!(last_used(&store).await, Some(Timestamp::from_millis(3)));
}

/// The rest of the batch is recorded all the same; an empty batch is no error.
pub async fn a_key_that_is_gone_is_passed_over(store: impl Store) {
    let id = one_key(&store).await;
    let gone = KeyId::new("key_gone").expect("a key id");
    record(&store, &[]).await;
    record(&store, &[(&gone, 5), (&id, 7), (&gone, 6)]).await;
    assert_eq!(last_used(&store).await, Some(Timestamp::from_millis(7)));
    assert_eq!(store.keys(&user_id("alice")).await.expect("a list").len(), 1);
}

/// As many as a busy node flushes at once.
pub async fn a_large_batch_is_recorded_whole(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let keys: Vec<_> = (0..1_500).map(|number| key("alice", number)).collect();
    for key in &keys {
        store.insert_key(key).await.expect("a key");
    }
    let batch: Vec<_> = (1..).zip(&keys).map(|(at, key)| (key.id.clone(), Timestamp::from_millis(at))).collect();
    store.record_last_used(&batch).await.expect("the store answers");
    let list = store.keys(&user_id("alice")).await.expect("a list");
    let recorded: Vec<_> = list.into_iter().rev().map(|key| (key.id, key.last_used_at)).collect();
    assert_eq!(recorded, batch.into_iter().map(|(id, at)| (id, Some(at))).collect::<Vec<_>>());
}
