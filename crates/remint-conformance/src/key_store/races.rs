//! Cases of many changes of one thing at once. They need a runtime of several threads.

use std::sync::Arc;

use remint_core::{Commit, KeyEnd, Page, Roles, StoreError, Timestamp, UsageFilter, UsageRow, UserChange};

use super::concurrency::{CALLERS, at_once};
use super::usage::{account, batch};
use super::{
    Plain as _, Store, event, found, key, link, made_by, once, rotation, sign_up, tenant, trail, user, user_id,
};

/// The number of the one that was done; the rest are told so.
fn winner<T: std::fmt::Debug>(outcomes: &[Result<T, StoreError>], lost: impl Fn(&StoreError) -> bool) -> u32 {
    let lost = |outcome: &Result<T, StoreError>| outcome.as_ref().is_err_and(&lost);
    assert!(outcomes.iter().all(|outcome| outcome.is_ok() || lost(outcome)), "{outcomes:?}");
    let mut won = (0..).zip(outcomes).filter(|(_, outcome)| outcome.is_ok()).map(|(number, _)| number);
    let first = won.next().expect("one that is done");
    assert_eq!(won.next(), None, "{outcomes:?}");
    first
}

/// Each makes a key of its own, as a service does; the rest are told of the one that is kept.
pub async fn of_many_equal_requests_one_is_done(store: impl Store) {
    let store = Arc::new(store);
    store.insert_user(&user("alice")).await.expect("a user");
    let outcomes = at_once(|number| {
        let store = store.clone();
        async move {
            store.insert(&[key("alice", number)], Commit::audited(&[event(number)]).with_once(Some(&once(1, 1)))).await
        }
    })
    .await;
    let number = winner(&outcomes, |lost| matches!(lost, StoreError::Replayed { .. }));
    let kept = key("alice", number);
    for outcome in outcomes {
        assert!(!matches!(outcome, Err(StoreError::Replayed { resource }) if resource != kept.id.as_str()));
    }
    assert_eq!(store.keys(&user_id("alice")).await.expect("a list"), [kept]);
    assert_eq!(trail(&*store).await, [event(number)]);
}

/// The old key has one successor, and no other key was made.
pub async fn of_many_rotations_one_wins(store: impl Store) {
    let store = Arc::new(store);
    store.sign_up(&sign_up("alice", &[], &[key("alice", 100)]), Commit::default()).await.expect("a user");
    let outcomes = at_once(|number| {
        let store = store.clone();
        async move { store.rotate(&rotation("alice", 100, number), Commit::audited(&[event(number)])).await }
    })
    .await;
    let number = winner(&outcomes, |lost| matches!(lost, StoreError::Ended));
    let old = found(&*store, &key("alice", 100)).await.expect("the old key").key;
    assert_eq!(old.rotated_to, Some(key("alice", number).id));
    assert_eq!(old.expires_at, Some(rotation("alice", 100, number).deadline));
    assert_eq!(store.keys(&user_id("alice")).await.expect("a list"), [old, key("alice", number)]);
    assert_eq!(trail(&*store).await, [event(number)]);
}

/// Whose it is, is who was told so; the others are not there at all.
pub async fn of_many_users_with_one_link_one_is_kept(store: impl Store) {
    let store = Arc::new(store);
    let outcomes = at_once(|number| {
        let (store, new) = (
            store.clone(),
            sign_up(&format!("user {number}"), &[link("a")], &[key(&format!("user {number}"), number)]),
        );
        async move { store.sign_up(&new, Commit::default()).await }
    })
    .await;
    let number = winner(&outcomes, |lost| matches!(lost, StoreError::Conflict));
    let linked = store.linked(&link("a")).await.expect("the store answers").expect("a user");
    assert_eq!(linked.user.id, user_id(&format!("user {number}")));
    for other in (0..CALLERS).filter(|other| *other != number) {
        assert_eq!(store.user(&user_id(&format!("user {other}"))).await.expect("the store answers"), None);
        assert_eq!(found(&*store, &key("any", other)).await, None);
    }
}

/// No two of them are linked to one subject, and nobody waits for the other for ever.
pub async fn of_many_who_claim_one_link_one_has_it(store: impl Store) {
    let store = Arc::new(store);
    for number in 0..CALLERS {
        store.insert_user(&user(&format!("user {number}"))).await.expect("a user");
    }
    let outcomes = at_once(|number| {
        let store = store.clone();
        // In either order, which is how changes run into each other.
        let external = if number % 2 == 0 { vec![link("a"), link("b")] } else { vec![link("b"), link("a")] };
        let change = UserChange { external: Some(external), ..UserChange::default() };
        async move { store.change_user(&user_id(&format!("user {number}")), &change, Commit::default()).await }
    })
    .await;
    let number = winner(&outcomes, |lost| matches!(lost, StoreError::Conflict));
    for subject in ["a", "b"] {
        let linked = store.linked(&link(subject)).await.expect("the store answers").expect("a user");
        assert_eq!(linked.user.id, user_id(&format!("user {number}")));
    }
}

/// None of them is in the other's way.
pub async fn many_first_users_share_one_tenant(store: impl Store) {
    let store = Arc::new(store);
    let outcomes = at_once(|number| {
        let store = store.clone();
        async move { store.insert_user(&user(&format!("user {number}"))).await }
    })
    .await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(store.tenant(&tenant().id).await.expect("the store answers"), Some(tenant()));
}

/// The one whose moment stays.
pub async fn of_many_revocations_one_is_written(store: impl Store) {
    let store = Arc::new(store);
    store.sign_up(&sign_up("alice", &[], &[key("alice", 1)]), Commit::default()).await.expect("a user");
    at_once(|number| {
        let store = store.clone();
        async move {
            let at = Timestamp::from_secs(number.into());
            store
                .revoke(&key("alice", 1).id, at, Commit::audited(&[event(number)]))
                .await
                .expect("the store answers")
                .expect("the key")
        }
    })
    .await;
    let kept = found(&*store, &key("alice", 1)).await.and_then(|found| found.key.revoked_at).expect("revoked");
    let number = u32::try_from(kept.as_secs()).expect("a caller's number");
    assert_eq!(trail(&*store).await, [event(number)]);
}

/// Each change of a user is there, whatever the others change.
pub async fn changes_of_one_user_do_not_undo_each_other(store: impl Store) {
    let store = Arc::new(store);
    for round in 0..10 {
        let name = format!("user {round}");
        store.insert_user(&user(&name)).await.expect("a user");
        let outcomes = at_once(|number| {
            let (store, id) = (store.clone(), user_id(&name));
            let change = match number % 5 {
                0 => UserChange { enabled: Some(false), ..UserChange::default() },
                1 => UserChange { plan: Some(None), ..UserChange::default() },
                2 => UserChange { entitlements: Some(Vec::new()), ..UserChange::default() },
                3 => UserChange { roles: Some(Roles::none()), ..UserChange::default() },
                _ => UserChange { tenant: Some(None), ..UserChange::default() },
            };
            async move { store.change_user(&id, &change, Commit::default()).await }
        })
        .await;
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        let now = store.user(&user_id(&name)).await.expect("the store answers").expect("the user");
        assert_eq!((now.enabled, now.plan, now.tenant), (false, None, None));
        assert_eq!((now.roles, now.entitlements), (Roles::none(), Vec::new()));
    }
}

/// Of many nodes, on the same lines in any order.
pub async fn concurrent_usage_adds_up(store: impl Store) {
    let store = Arc::new(store);
    at_once(|number| {
        let store = store.clone();
        async move {
            let mut batch = batch(number.to_be_bytes()[3], account(0), 1, 2);
            let row = batch.rows[0].clone();
            batch.rows = (0..3).map(|step| UsageRow { key: account((number + step) % 3), ..row.clone() }).collect();
            store.add_usage(&batch).await.expect("the store answers");
        }
    })
    .await;
    let rows = store.usage(&UsageFilter::default(), Page::all()).await.expect("the store answers");
    let counts: Vec<_> = rows.iter().map(|row| (row.count.requests, row.count.units)).collect();
    assert_eq!(counts, [(CALLERS.into(), u64::from(CALLERS) * 2); 3]);
}

/// Sent again while it is still on its way.
pub async fn of_many_equal_batches_one_counts(store: impl Store) {
    let store = Arc::new(store);
    at_once(|_| {
        let store = store.clone();
        async move { store.add_usage(&batch(1, account(1), 1, 2)).await.expect("the store answers") }
    })
    .await;
    let rows = store.usage(&UsageFilter::default(), Page::all()).await.expect("the store answers");
    assert_eq!(rows, batch(1, account(1), 1, 2).rows);
}

/// Each is there once, and those of one call are in their order.
pub async fn concurrent_events_lose_nothing(store: impl Store) {
    let store = Arc::new(store);
    at_once(|number| {
        let store = store.clone();
        async move { store.append(&[event(number * 2), event(number * 2 + 1)]).await.expect("the store answers") }
    })
    .await;
    let written = trail(&*store).await;
    assert_eq!(written.len(), 2 * CALLERS as usize);
    let place = |number| written.iter().position(|written| *written == event(number)).expect("an event");
    for number in 0..CALLERS {
        assert!(place(number * 2) < place(number * 2 + 1), "{written:?}");
    }
}

/// Each call that makes one has made it before, so that a look at what the maker made finds it, or is refused.
pub async fn no_key_is_made_behind_the_end_of_its_maker(store: impl Store) {
    let store = Arc::new(store);
    store.sign_up(&sign_up("alice", &[], &[key("alice", 100)]), Commit::default()).await.expect("a user");
    let maker = key("alice", 100).id;
    let outcomes = at_once(|number| {
        let (store, maker) = (store.clone(), maker.clone());
        async move {
            if number == CALLERS / 2 {
                let end = KeyEnd { id: maker.clone(), audit: Vec::new(), revocations: Vec::new() };
                store.revoke_all(&[end], Timestamp::from_secs(1)).await.expect("the store answers");
                let made = store.descent(&[maker], Page::all()).await.expect("the store answers");
                return (None, made);
            }
            (Some(store.insert(&[made_by(100, "alice", number)], Commit::default()).await), Vec::new())
        }
    })
    .await;
    let seen: Vec<_> = outcomes.iter().flat_map(|(_, made)| made).map(|made| made.key.clone()).collect();
    for (number, (outcome, _)) in (0..).zip(&outcomes) {
        match outcome {
            Some(Ok(())) => assert!(seen.contains(&key("alice", number).id), "{number} was made unseen"),
            Some(Err(refused)) => assert!(matches!(refused, StoreError::MakerEnded), "{refused:?}"),
            None => {}
        }
    }
    let late = store.insert(&[made_by(100, "alice", 200)], Commit::default()).await;
    assert!(matches!(late, Err(StoreError::MakerEnded)), "{late:?}");
}

/// Whatever the order in which they name them.
pub async fn of_many_who_end_the_same_keys_one_ends_each(store: impl Store) {
    let store = Arc::new(store);
    let keys: Vec<_> = (0..20).map(|number| key("alice", number)).collect();
    store.sign_up(&sign_up("alice", &[], &keys), Commit::default()).await.expect("a user");
    let outcomes = at_once(|number| {
        let store = store.clone();
        let mut ends: Vec<_> = keys
            .iter()
            .map(|key| KeyEnd { id: key.id.clone(), audit: vec![event(number)], revocations: Vec::new() })
            .collect();
        if number % 2 == 1 {
            ends.reverse();
        }
        async move { store.revoke_all(&ends, Timestamp::from_secs(1)).await.expect("the store answers") }
    })
    .await;
    let mut ended: Vec<_> = outcomes.into_iter().flatten().collect();
    ended.sort();
    let mut ids: Vec<_> = keys.iter().map(|key| key.id.clone()).collect();
    ids.sort();
    assert_eq!(ended, ids);
    assert_eq!(trail(&*store).await.len(), keys.len());
}
