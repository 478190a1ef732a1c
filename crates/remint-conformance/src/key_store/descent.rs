//! Cases of keys that keys made.

use remint_core::{ApiKeyRecord, Commit, Descent, KeyEnd, KeyId, Page, StoreError, Timestamp};

use super::{Plain as _, Store, event, found, key, link, made_by, once, rotation, sign_up, trail, user, user_id};

fn id(number: u32) -> KeyId {
    key("alice", number).id
}

fn descents(pairs: &[(u32, u32)]) -> Vec<Descent> {
    pairs.iter().map(|(maker, key)| Descent { maker: id(*maker), key: id(*key) }).collect()
}

/// Keys 1 and 2 are nobody's; 1 made 3, 4 and 5, 2 made 6, and 3 made 7, which is another user's.
async fn family(store: &impl Store) {
    store
        .sign_up(&sign_up("alice", &[], &[key("alice", 1), key("alice", 2)]), Commit::default())
        .await
        .expect("a user");
    store.insert_user(&user("bob")).await.expect("a user");
    for key in [
        made_by(1, "alice", 3),
        made_by(1, "alice", 4),
        made_by(1, "alice", 5),
        made_by(2, "alice", 6),
        made_by(3, "bob", 7),
    ] {
        store.insert_key(&key).await.expect("a key");
    }
}

async fn all(store: &impl Store, makers: &[u32]) -> Vec<Descent> {
    let makers: Vec<_> = makers.iter().copied().map(id).collect();
    store.descent(&makers, Page::all()).await.expect("the store answers")
}

/// In order, without a gap, each once, and nothing of what their keys made in turn.
pub async fn what_keys_made_is_read_page_by_page(store: impl Store) {
    family(&store).await;
    let made = [(1, 3), (1, 4), (1, 5), (2, 6)];
    for makers in [vec![1, 2], vec![2, 1], vec![2, 1, 2, 9, 6]] {
        assert_eq!(all(&store, &makers).await, descents(&made), "{makers:?}");
    }
    assert_eq!(all(&store, &[3]).await, descents(&[(3, 7)]));
    assert_eq!(all(&store, &[4, 9]).await, []);
    assert_eq!(all(&store, &[]).await, []);
    for limit in 1..=5 {
        let (mut read, mut page) = (Vec::new(), Page::first(limit));
        loop {
            let made = store.descent(&[id(1), id(2)], page.clone()).await.expect("the store answers");
            assert!(made.len() <= limit, "{made:?}");
            let Some(last) = made.last().cloned() else { break };
            page.after = Some(last);
            read.extend(made);
            assert!(read.len() <= 4, "pages of {limit} do not end");
        }
        assert_eq!(read, descents(&made), "pages of {limit}");
    }
}

/// By the old key or by another; a rotation that nobody's key makes is none.
pub async fn a_rotation_that_a_key_makes_is_descent(store: impl Store) {
    family(&store).await;
    for (old, new) in [(4, made_by(4, "alice", 14)), (5, made_by(2, "alice", 15)), (6, key("alice", 16))] {
        let rotation = remint_core::KeyRotation { new, ..rotation("alice", old, 99) };
        store.rotate(&rotation, Commit::default()).await.expect("a rotation");
    }
    assert_eq!(all(&store, &[2, 4, 5, 6]).await, descents(&[(2, 15), (2, 6), (4, 14)]));
}

/// Each with its own; of those that had ended before, or are not there, none is written.
pub async fn keys_end_together_with_their_own_events(store: impl Store) {
    family(&store).await;
    let (before, at) = (Timestamp::from_secs(1), Timestamp::from_secs(2));
    store.revoke_key(&id(3), before).await.expect("the store answers");
    let ends: Vec<_> = [1, 3, 7, 9]
        .map(|number| KeyEnd { id: id(number), audit: vec![event(number), event(number)], revocations: Vec::new() })
        .into();
    let mut ended = store.revoke_all(&ends, at).await.expect("the store answers");
    ended.sort();
    assert_eq!(ended, [id(1), id(7)]);
    for (number, revoked_at) in [(1, Some(at)), (2, None), (3, Some(before)), (4, None), (7, Some(at))] {
        let found = store.key(&id(number)).await.expect("the store answers").expect("a key");
        assert_eq!(found.revoked_at, revoked_at, "{number}");
    }
    assert_eq!(found(&store, &key("bob", 7)).await.and_then(|found| found.key.revoked_at), Some(at));
    assert_eq!(trail(&store).await, [1, 1, 7, 7].map(event));
    assert_eq!(store.revoke_all(&ends, at).await.expect("the store answers"), [] as [KeyId; 0]);
    assert_eq!(trail(&store).await, [1, 1, 7, 7].map(event));
    assert_eq!(store.revoke_all(&[], at).await.expect("the store answers"), [] as [KeyId; 0]);
}

/// Revoked, at its end, or not there: nothing is kept of what it would have made.
pub async fn a_key_that_has_ended_makes_no_other(store: impl Store) {
    family(&store).await;
    store.revoke_key(&id(1), Timestamp::from_secs(1)).await.expect("the store answers");
    let mut ending = key("alice", 8);
    ending.expires_at = Some(key("alice", 12).created_at);
    store.insert_key(&ending).await.expect("a key");
    for (maker, number) in [(1, 10), (9, 11), (8, 12)] {
        let new = made_by(maker, "alice", number);
        let refused =
            store.insert(std::slice::from_ref(&new), Commit::audited(&[event(1)]).with_once(Some(&once(1, 1)))).await;
        assert!(matches!(refused, Err(StoreError::MakerEnded)), "{maker}: {refused:?}");
        let carol = sign_up("carol", &[link("c")], &[ApiKeyRecord { user: user_id("carol"), ..new.clone() }]);
        let refused = store.sign_up(&carol, Commit::audited(&[event(1)]).with_once(Some(&once(1, 1)))).await;
        assert!(matches!(refused, Err(StoreError::MakerEnded)), "{maker}: {refused:?}");
        let rotation = remint_core::KeyRotation { new: new.clone(), ..rotation("alice", 2, 99) };
        let refused = store.rotate(&rotation, Commit::audited(&[event(1)]).with_once(Some(&once(1, 1)))).await;
        assert!(matches!(refused, Err(StoreError::MakerEnded)), "{maker}: {refused:?}");
        assert_eq!(store.key(&new.id).await.expect("the store answers"), None);
        assert_eq!(all(&store, &[maker]).await.iter().filter(|made| made.key == new.id).count(), 0);
    }
    assert_eq!(store.user(&user_id("carol")).await.expect("the store answers"), None);
    assert_eq!(store.key(&id(2)).await.expect("the store answers"), Some(key("alice", 2)));
    assert_eq!(trail(&store).await, []);
    // To the last moment.
    let mut in_time = made_by(8, "alice", 13);
    in_time.created_at = key("alice", 11).created_at;
    store.insert(&[in_time], Commit::default().with_once(Some(&once(1, 1)))).await.expect("a key");
}

/// The maker with its user, and what it made as well: what is further down is still found.
pub async fn descent_stays_when_a_key_goes(store: impl Store) {
    family(&store).await;
    store.remove_user(&user_id("alice")).await.expect("the store answers");
    assert_eq!(all(&store, &[1, 2, 3]).await, descents(&[(1, 3), (1, 4), (1, 5), (2, 6), (3, 7)]));
    assert!(store.key(&id(7)).await.expect("the store answers").is_some());
    store.remove_user(&user_id("bob")).await.expect("the store answers");
    assert_eq!(all(&store, &[3]).await, descents(&[(3, 7)]));
}
