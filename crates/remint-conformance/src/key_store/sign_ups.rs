//! Cases of users who come with keys and external identities.

use remint_core::{Commit, FoundKey, SignUp, StoreError, UserId};

use super::{Plain as _, Store, event, found, key, link, sign_up, tenant, tenant_id, trail, user, user_id};

/// All of it is there at once.
pub async fn a_user_signs_up_with_keys_and_links(store: impl Store) {
    let keys = [key("alice", 1), key("alice", 2)];
    let links = [link("a"), link("b")];
    store.sign_up(&sign_up("alice", &links, &keys), Commit::audited(&[event(1)])).await.expect("a user");
    assert_eq!(store.user(&user_id("alice")).await.expect("the store answers"), Some(user("alice")));
    assert_eq!(store.external(&user_id("alice")).await.expect("the store answers"), links);
    for key in keys {
        let expected = FoundKey { key: key.clone(), user: user("alice"), tenant: Some(tenant()) };
        assert_eq!(found(&store, &key).await, Some(expected));
    }
    assert_eq!(store.keys(&user_id("alice")).await.expect("a list"), [key("alice", 2), key("alice", 1)]);
    assert_eq!(trail(&store).await, [event(1)]);
}

/// No user, no tenant, no key, no other link, no event.
pub async fn a_sign_up_with_a_link_that_exists_leaves_no_trace(store: impl Store) {
    store.sign_up(&sign_up("bob", &[link("b")], &[]), Commit::default()).await.expect("a user");
    let mut refused = sign_up("alice", &[link("a"), link("b")], &[key("alice", 1)]);
    refused.user.tenant = Some(tenant_id("other"));
    conflicts_without_a_trace(&store, &refused).await;
    let owner = store.linked(&link("b")).await.expect("the store answers").map(|found| found.user.id);
    assert_eq!(owner, Some(user_id("bob")));
}

/// The id or the digest, of another's key or twice among the new ones.
pub async fn a_sign_up_with_a_key_that_exists_leaves_no_trace(store: impl Store) {
    store.sign_up(&sign_up("bob", &[], &[key("bob", 3)]), Commit::default()).await.expect("a user");
    let (mut same_id, mut same_digest, mut twin) = (key("alice", 2), key("alice", 2), key("alice", 2));
    same_id.id = key("bob", 3).id;
    same_digest.digest = key("bob", 3).digest;
    twin.digest = key("alice", 1).digest;
    for last in [same_id, same_digest, twin] {
        let mut refused = sign_up("alice", &[link("a")], &[key("alice", 1), last]);
        refused.user.tenant = Some(tenant_id("other"));
        conflicts_without_a_trace(&store, &refused).await;
    }
    assert_eq!(found(&store, &key("bob", 3)).await.map(|found| found.key), Some(key("bob", 3)));
}

/// What the second brings is not given to the first.
pub async fn a_sign_up_of_a_user_who_exists_brings_nothing(store: impl Store) {
    store.sign_up(&sign_up("alice", &[link("a")], &[key("alice", 1)]), Commit::default()).await.expect("a user");
    let mut second = sign_up("alice", &[link("b")], &[key("alice", 2)]);
    second.user.tenant = Some(tenant_id("other"));
    let outcome = store.sign_up(&second, Commit::audited(&[event(1)])).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    assert_eq!(store.user(&user_id("alice")).await.expect("the store answers"), Some(user("alice")));
    assert_eq!(store.external(&user_id("alice")).await.expect("the store answers"), [link("a")]);
    assert_eq!(store.linked(&link("b")).await.expect("the store answers"), None);
    assert_eq!(store.keys(&user_id("alice")).await.expect("a list"), [key("alice", 1)]);
    assert_eq!(found(&store, &key("alice", 2)).await, None);
    assert_eq!(store.tenant(&tenant_id("other")).await.expect("the store answers"), None);
    assert_eq!(trail(&store).await, []);
}

/// One of them who exists, or stands there twice, keeps all of them out.
pub async fn many_users_are_kept_together_or_not_at_all(store: impl Store) {
    let mut users = ["alice", "bob", "carol"].map(user);
    users[1].tenant = Some(tenant_id("other"));
    store.insert_user(&users[2]).await.expect("a user");
    let twice = [users[0].clone(), users[1].clone(), users[0].clone()];
    for refused in [&users[..], &twice[..]] {
        let outcome = store.insert_users(refused, Commit::audited(&[event(1)])).await;
        assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
        for user in &users[..2] {
            assert_eq!(store.user(&user.id).await.expect("the store answers"), None);
        }
        assert_eq!(store.tenant(&tenant_id("other")).await.expect("the store answers"), None);
        assert_eq!(trail(&store).await, []);
    }
    store.insert_users(&[], Commit::default()).await.expect("nobody");
    store.insert_users(&users[..2], Commit::audited(&[event(1)])).await.expect("two users");
    for user in users {
        assert_eq!(store.user(&user.id).await.expect("the store answers"), Some(user));
    }
    assert!(store.tenant(&tenant_id("other")).await.expect("the store answers").is_some());
    assert_eq!(trail(&store).await, [event(1)]);
}

async fn conflicts_without_a_trace(store: &impl Store, refused: &SignUp) {
    let outcome = store.sign_up(refused, Commit::audited(&[event(1)])).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    let id: &UserId = &refused.user.id;
    assert_eq!(store.user(id).await.expect("the store answers"), None);
    assert_eq!(store.external(id).await.expect("the store answers"), []);
    assert_eq!(store.keys(id).await.expect("a list"), []);
    assert_eq!(found(store, &key("alice", 1)).await, None);
    assert_eq!(store.linked(&link("a")).await.expect("the store answers"), None);
    assert_eq!(store.tenant(&tenant_id("other")).await.expect("the store answers"), None);
    assert_eq!(trail(store).await, []);
    store.insert_user(&user("alice")).await.expect("a user");
    assert_eq!(store.keys(id).await.expect("a list"), []);
    store.remove_user(id).await.expect("the store answers");
}
