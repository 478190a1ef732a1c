//! Cases of [`Directory`](remint_core::Directory).

use remint_core::{Roles, Scopes, StoreError, Timestamp, User};

use super::{Plain as _, Store, found, key, user, user_id};

async fn read(store: &impl Store, id: &str) -> Option<User> {
    store.user(&user_id(id)).await.expect("the store answers")
}

/// Every field comes back as it was given.
pub async fn a_user_comes_back_whole(store: impl Store) {
    let mut bare = user("bob");
    (bare.tenant, bare.scopes, bare.enabled) = (None, Scopes::new(), false);
    (bare.roles, bare.entitlements, bare.plan) = (Roles::none(), Vec::new(), None);
    for user in [user("alice"), bare] {
        store.insert_user(&user).await.expect("a user");
        assert_eq!(read(&store, user.id.as_str()).await, Some(user));
    }
}

/// Absence is `None`, also in a store that has other users.
pub async fn an_absent_user_is_absent(store: impl Store) {
    assert_eq!(read(&store, "alice").await, None);
    store.insert_user(&user("alice")).await.expect("a user");
    assert_eq!(read(&store, "bob").await, None);
}

/// Neither the user nor their keys.
pub async fn a_second_user_of_the_same_id_changes_nothing(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    store.insert_key(&key("alice", 1)).await.expect("a key");
    let mut second = user("alice");
    (second.tenant, second.enabled, second.created_at) = (None, false, Timestamp::from_secs(1));
    let outcome = store.insert_user(&second).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    assert_eq!(read(&store, "alice").await, Some(user("alice")));
    assert_eq!(found(&store, &key("alice", 1)).await.map(|found| found.user), Some(user("alice")));
}

/// Case, white space, wildcards and the two spellings of one letter make different users.
pub async fn names_that_look_alike_are_different_users(store: impl Store) {
    let names =
        ["alice", "Alice", "alice ", "al_ce", "al%", "al\u{ef}ce", "ali\u{308}ce", "\u{430}lice", "1", "01", "1.0"];
    for name in names {
        assert_eq!(read(&store, name).await, None, "{name}");
        store.insert_user(&user(name)).await.expect("a user");
    }
    store.set_enabled(&user_id("alice"), false).await.expect("the store answers");
    store.remove_user(&user_id("al%")).await.expect("the store answers");
    for name in names {
        let expected = (name != "al%").then_some(name != "alice");
        assert_eq!(read(&store, name).await.map(|user| user.enabled), expected, "{name}");
    }
}

/// Each look-up that begins after `set_enabled` has returned shows it.
pub async fn disabling_shows_in_each_of_the_users_keys(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let keys = [key("alice", 1), key("alice", 2)];
    for key in &keys {
        store.insert_key(key).await.expect("a key");
    }
    assert!(store.set_enabled(&user_id("alice"), false).await.expect("the store answers"));
    for key in &keys {
        let found = found(&store, key).await.expect("the key is still there");
        assert!(!found.user.enabled && found.key == *key);
    }
    assert_eq!(read(&store, "alice").await.map(|user| user.enabled), Some(false));
}

/// With the keys, and the revoked ones still revoked.
pub async fn enabling_brings_the_user_back(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let (kept, revoked) = (key("alice", 1), key("alice", 2));
    store.insert_key(&kept).await.expect("a key");
    store.insert_key(&revoked).await.expect("a key");
    store.revoke_key(&revoked.id, Timestamp::from_secs(1)).await.expect("the store answers");
    for enabled in [false, false, true, true] {
        assert!(store.set_enabled(&user_id("alice"), enabled).await.expect("the store answers"));
    }
    let kept = found(&store, &kept).await.expect("the key");
    let revoked = found(&store, &revoked).await.expect("the key");
    assert!(kept.user.enabled && kept.key.revoked_at.is_none());
    assert_eq!(revoked.key.revoked_at, Some(Timestamp::from_secs(1)));
}

/// One user's state is theirs alone.
pub async fn disabling_one_user_leaves_the_others(store: impl Store) {
    for (number, name) in [(1, "alice"), (2, "bob")] {
        store.insert_user(&user(name)).await.expect("a user");
        store.insert_key(&key(name, number)).await.expect("a key");
    }
    store.set_enabled(&user_id("alice"), false).await.expect("the store answers");
    assert_eq!(found(&store, &key("bob", 2)).await.map(|found| found.user.enabled), Some(true));
}

/// It says that there is no such user, and creates none.
pub async fn enabling_who_is_not_there_is_no_error(store: impl Store) {
    store.insert_user(&user("bob")).await.expect("a user");
    for enabled in [true, false] {
        assert!(!store.set_enabled(&user_id("alice"), enabled).await.expect("the store answers"));
    }
    assert_eq!(read(&store, "alice").await, None);
}

/// Found by nothing: not the digest, not the list, not the id.
pub async fn deleting_a_user_takes_every_key(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let keys = [key("alice", 1), key("alice", 2), key("alice", 3)];
    for key in &keys {
        store.insert_key(key).await.expect("a key");
    }
    store.revoke_key(&keys[2].id, Timestamp::from_secs(1)).await.expect("the store answers");
    assert!(store.remove_user(&user_id("alice")).await.expect("the store answers"));
    assert_eq!(read(&store, "alice").await, None);
    assert_eq!(store.keys(&user_id("alice")).await.expect("a list"), []);
    for key in &keys {
        assert_eq!(found(&store, key).await, None);
        assert_eq!(store.revoke_key(&key.id, Timestamp::from_secs(2)).await.expect("the store answers"), None);
    }
}

/// Neither the user nor the keys.
pub async fn deleting_one_user_leaves_the_others(store: impl Store) {
    for (number, name) in [(1, "alice"), (2, "bob")] {
        store.insert_user(&user(name)).await.expect("a user");
        store.insert_key(&key(name, number)).await.expect("a key");
    }
    store.remove_user(&user_id("alice")).await.expect("the store answers");
    assert_eq!(read(&store, "bob").await, Some(user("bob")));
    assert_eq!(found(&store, &key("bob", 2)).await.map(|found| found.key), Some(key("bob", 2)));
}

/// Twice is no error either.
pub async fn deleting_who_is_not_there_is_no_error(store: impl Store) {
    assert!(!store.remove_user(&user_id("alice")).await.expect("the store answers"));
    store.insert_user(&user("alice")).await.expect("a user");
    assert!(store.remove_user(&user_id("alice")).await.expect("the store answers"));
    assert!(!store.remove_user(&user_id("alice")).await.expect("the store answers"));
}

/// An id that is given to somebody else gives them nothing of whoever had it before.
pub async fn a_user_created_again_inherits_nothing(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    store.insert_key(&key("alice", 1)).await.expect("a key");
    store.set_enabled(&user_id("alice"), false).await.expect("the store answers");
    store.remove_user(&user_id("alice")).await.expect("the store answers");

    let mut second = user("alice");
    (second.tenant, second.scopes) = (None, Scopes::new());
    store.insert_user(&second).await.expect("a user of the same id");
    assert_eq!(read(&store, "alice").await, Some(second));
    assert_eq!(found(&store, &key("alice", 1)).await, None);
    assert_eq!(store.keys(&user_id("alice")).await.expect("a list"), []);
    store.insert_key(&key("alice", 2)).await.expect("a key");
    assert_eq!(store.keys(&user_id("alice")).await.expect("a list"), [key("alice", 2)]);
}
