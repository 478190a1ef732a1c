//! Cases of [`ApiKeyStore`](remint_core::ApiKeyStore).

use remint_core::{
    ActFor, ApiKeyRecord, ClientId, CredentialRef, Environment, FoundKey, KeyDigest, KeyId, MadeBy, Roles, Scopes,
    StoreError, Timestamp, TokenId,
};

use super::{Plain as _, Store, found, key, link, tenant, tenant_id, user, user_id};

/// Every field comes back as it was given, with the user, from the look-up and from the list.
pub async fn a_key_comes_back_whole_with_its_user(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let mut test = key("alice", 2);
    test.environment = Environment::Test;
    for key in [key("alice", 1), test] {
        store.insert_key(&key).await.expect("a key");
        assert_eq!(
            found(&store, &key).await,
            Some(FoundKey { key: key.clone(), user: user("alice"), tenant: Some(tenant()) })
        );
        assert_eq!(store.keys(&key.user).await.expect("a list").first(), Some(&key));
    }
}

/// `None` and an empty set of scopes are different things: "what the user may" and "nothing".
pub async fn what_is_absent_stays_absent_and_what_is_empty_stays_empty(store: impl Store) {
    let mut bare_user = user("alice");
    (bare_user.tenant, bare_user.scopes, bare_user.enabled) = (None, Scopes::new(), false);
    (bare_user.roles, bare_user.entitlements, bare_user.plan) = (Roles::none(), Vec::new(), None);
    store.insert_user(&bare_user).await.expect("a user");
    let mut bare = key("alice", 1);
    (bare.name, bare.scopes, bare.expires_at, bare.networks) = (None, None, None, Vec::new());
    bare.act_for = None;
    let mut empty = key("alice", 2);
    (empty.name, empty.scopes, empty.act_for) = (Some(String::new()), Some(Scopes::new()), Some(ActFor::default()));
    for key in [bare, empty] {
        store.insert_key(&key).await.expect("a key");
        assert_eq!(found(&store, &key).await, Some(FoundKey { key, user: bare_user.clone(), tenant: None }));
    }
}

/// Each kind, with all that it says.
pub async fn what_made_a_key_comes_back_as_it_was_given(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let jwt = |id: Option<&str>| CredentialRef::Jwt {
        issuer: link("a").issuer,
        subject: link("o'%_\u{e9}\"\\").subject,
        id: id.map(|id| TokenId::new(id).expect("a token id")),
        digest: None,
    };
    let client = ClientId::new("app").expect("a client id");
    let makers = [
        MadeBy::Bootstrap,
        MadeBy::SignUp,
        MadeBy::Operator,
        MadeBy::System,
        MadeBy::Unknown,
        MadeBy::Credential(jwt(None)),
        MadeBy::Credential(jwt(Some("t1"))),
        MadeBy::Credential(CredentialRef::Client { id: client }),
        MadeBy::Credential(CredentialRef::ApiKey { id: key("alice", 1).id }),
    ];
    for (number, made_by) in (1..).zip(makers) {
        let key = ApiKeyRecord { made_by, ..key("alice", number) };
        store.insert_key(&key).await.expect("a key");
        assert_eq!(found(&store, &key).await.map(|found| found.key).as_ref(), Some(&key));
        assert_eq!(store.key(&key.id).await.expect("the store answers"), Some(key));
    }
}

/// Each part by itself; scopes that are none are not all, and the order is kept.
pub async fn for_whom_a_key_may_act_comes_back_as_it_was_given(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let many: Vec<_> = (0..100).rev().map(|number| user_id(&format!("user {number}"))).collect();
    let rights = [
        ActFor { anyone: true, ..ActFor::default() },
        ActFor { users: many, ..ActFor::default() },
        ActFor { tenants: vec![tenant_id("b"), tenant_id("a|c"), tenant_id("{}")], ..ActFor::default() },
        ActFor { anyone: true, scopes: Some(Scopes::new()), ..ActFor::default() },
        ActFor { anyone: true, scopes: Some("a b".parse().expect("scopes")), ..ActFor::default() },
        ActFor { anyone: true, environments: vec![Environment::Test, Environment::Live], ..ActFor::default() },
    ];
    for (number, right) in (1..).zip(rights) {
        let mut key = key("alice", number);
        key.act_for = Some(right);
        store.insert_key(&key).await.expect("a key");
        assert_eq!(store.key(&key.id).await.expect("the store answers").as_ref(), Some(&key));
        assert_eq!(found(&store, &key).await.map(|found| found.key), Some(key));
    }
}

/// A key that ends, or ended, at either end of time.
pub async fn the_furthest_moments_come_back(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let year_9999 = Timestamp::from_secs(253_402_300_799);
    for (number, moment) in [(1, Timestamp::from_millis(0)), (2, year_9999), (3, Timestamp::MAX)] {
        let mut key = key("alice", number);
        (key.expires_at, key.revoked_at, key.last_used_at) = (Some(moment), Some(moment), Some(moment));
        store.insert_key(&key).await.expect("a key");
        assert_eq!(found(&store, &key).await.map(|found| found.key), Some(key));
    }
}

/// Neither an empty store, nor a digest that shares its beginning with a known one.
pub async fn another_digest_finds_nothing(store: impl Store) {
    let known = key("alice", 1);
    assert_eq!(found(&store, &known).await, None);
    store.insert_user(&user("alice")).await.expect("a user");
    store.insert_key(&known).await.expect("a key");
    assert_eq!(found(&store, &key("alice", 2)).await, None);
    let bytes = &known.digest.bytes;
    for other in [&bytes[..31], &bytes[1..], &[], &[&**bytes, &[0]].concat()] {
        let digest = KeyDigest { scheme: known.digest.scheme.clone(), bytes: other.into() };
        assert_eq!(store.find(&digest).await.expect("the store answers"), None, "{other:x?}");
    }
}

/// Bytes that are no UTF-8, a zero in the middle, and letters whose case could be folded.
pub async fn a_digest_is_bytes_and_not_text(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let samples: [&[u8]; 5] = [b"a\0b", b"a\0c", b"\xff\xfe", b"abc", b"ABC"];
    for (number, bytes) in (1..).zip(samples) {
        let mut key = key("alice", number);
        key.digest.bytes = bytes.into();
        store.insert_key(&key).await.expect("a key");
    }
    for (number, bytes) in (1..).zip(samples) {
        let mut key = key("alice", number);
        key.digest.bytes = bytes.into();
        assert_eq!(found(&store, &key).await.map(|found| found.key.id), Some(key.id), "{bytes:x?}");
    }
}

/// The same bytes of two schemes are two keys.
pub async fn the_scheme_is_part_of_the_digest(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let (first, mut second) = (key("alice", 1), key("alice", 2));
    second.digest = KeyDigest { scheme: "another".into(), bytes: first.digest.bytes.clone() };
    store.insert_key(&first).await.expect("a key");
    assert_eq!(found(&store, &second).await, None);
    store.insert_key(&second).await.expect("a key of another scheme");
    assert_eq!(found(&store, &first).await.map(|found| found.key), Some(first));
    assert_eq!(found(&store, &second).await.map(|found| found.key), Some(second));
}

/// The user must be there first, and the key does not wait for them.
pub async fn a_key_of_an_unknown_user_leaves_no_trace(store: impl Store) {
    let key = key("nobody", 1);
    let outcome = store.insert_key(&key).await;
    assert!(matches!(outcome, Err(StoreError::UnknownUser)), "{outcome:?}");
    assert_eq!(store.revoke_key(&key.id, Timestamp::from_secs(1)).await.expect("the store answers"), None);
    store.insert_user(&user("nobody")).await.expect("a user");
    assert_eq!(found(&store, &key).await, None);
    assert_eq!(store.keys(&key.user).await.expect("a list"), []);
}

/// The first key stays as it is; the second cannot be found.
pub async fn a_key_with_an_id_that_exists_leaves_no_trace(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    store.insert_user(&user("bob")).await.expect("a user");
    let (first, mut second) = (key("alice", 1), key("bob", 2));
    second.id = first.id.clone();
    store.insert_key(&first).await.expect("a key");
    let outcome = store.insert_key(&second).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    assert_eq!(found(&store, &second).await, None);
    assert_eq!(store.keys(&second.user).await.expect("a list"), []);
    assert_eq!(found(&store, &first).await.map(|found| found.key), Some(first));
}

/// Whoever presents the text is the first key's user, not the second's.
pub async fn a_key_with_a_digest_that_exists_leaves_no_trace(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    store.insert_user(&user("bob")).await.expect("a user");
    let (first, mut second) = (key("alice", 1), key("bob", 2));
    second.digest = first.digest.clone();
    store.insert_key(&first).await.expect("a key");
    let outcome = store.insert_key(&second).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    assert_eq!(store.keys(&second.user).await.expect("a list"), []);
    assert_eq!(store.revoke_key(&second.id, Timestamp::from_secs(1)).await.expect("the store answers"), None);
    assert_eq!(found(&store, &first).await.map(|found| found.key), Some(first));
}

/// The caller tells a revoked key from an unknown one, so the store must show it.
pub async fn a_revoked_key_is_found_as_revoked(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let mut key = key("alice", 1);
    store.insert_key(&key).await.expect("a key");
    let at = Timestamp::from_millis(1_760_000_000_789);
    let revoked = store.revoke_key(&key.id, at).await.expect("the store answers");
    key.revoked_at = Some(at);
    assert_eq!(revoked.as_ref(), Some(&key));
    assert_eq!(found(&store, &key).await.map(|found| found.key), revoked);
    assert_eq!(store.keys(&key.user).await.expect("a list"), [key]);
}

/// Calling again, with an earlier or a later moment, changes nothing.
pub async fn the_first_revocation_stands(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let key = key("alice", 1);
    store.insert_key(&key).await.expect("a key");
    for seconds in [1_000, 2_000, 500] {
        let revoked = store.revoke_key(&key.id, Timestamp::from_secs(seconds)).await.expect("the store answers");
        assert_eq!(revoked.and_then(|key| key.revoked_at), Some(Timestamp::from_secs(1_000)));
    }
    let found = found(&store, &key).await.expect("the key");
    assert_eq!(found.key.revoked_at, Some(Timestamp::from_secs(1_000)));
}

/// Absence is `None`, also in a store that has other keys.
pub async fn revoking_what_is_not_there_is_no_error(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    store.insert_key(&key("alice", 1)).await.expect("a key");
    for id in ["key_2", "key_", "KEY_1", "key_1 ", "%"] {
        let id = KeyId::new(id).expect("a key id");
        assert_eq!(store.revoke_key(&id, Timestamp::from_secs(1)).await.expect("the store answers"), None, "{id}");
    }
    assert_eq!(found(&store, &key("alice", 1)).await.and_then(|found| found.key.revoked_at), None);
}

/// Of the same user and of others.
pub async fn revoking_one_key_leaves_the_others(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    store.insert_user(&user("bob")).await.expect("a user");
    let keys = [key("alice", 1), key("alice", 2), key("bob", 3)];
    for key in &keys {
        store.insert_key(key).await.expect("a key");
    }
    store.revoke_key(&keys[0].id, Timestamp::from_secs(1)).await.expect("the store answers");
    for key in &keys[1..] {
        assert_eq!(found(&store, key).await.map(|found| &found.key == key), Some(true));
    }
}

/// By the moment of creation; of two of the same moment, by the id.
pub async fn the_newest_key_comes_first(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    for (number, created_at) in [(1, 20), (5, 30), (3, 10), (2, 30), (4, 30)] {
        let mut key = key("alice", number);
        key.created_at = Timestamp::from_secs(created_at);
        store.insert_key(&key).await.expect("a key");
    }
    let list = store.keys(&user_id("alice")).await.expect("a list");
    let ids: Vec<_> = list.iter().map(|key| key.id.as_str()).collect();
    assert_eq!(ids, ["key_5", "key_4", "key_2", "key_1", "key_3"]);
}

/// Not another's, and none for whoever has none.
pub async fn a_list_holds_one_users_keys(store: impl Store) {
    for name in ["alice", "bob", "carol"] {
        store.insert_user(&user(name)).await.expect("a user");
    }
    let keys = [key("alice", 1), key("bob", 2)];
    for key in &keys {
        store.insert_key(key).await.expect("a key");
        assert_eq!(store.keys(&key.user).await.expect("a list"), std::slice::from_ref(key));
    }
    for name in ["carol", "nobody", "Alice", "alic", "%"] {
        assert_eq!(store.keys(&user_id(name)).await.expect("a list"), [], "{name}");
    }
}

/// Quotes, wildcards, controls, other scripts, and two spellings of one letter. No text holds a
/// NUL: not every store can keep one, and none gets that far.
pub async fn texts_are_kept_to_the_byte(store: impl Store) {
    let texts = [
        "'; DROP TABLE users; --",
        "100%_*?[a]",
        "\u{e9}",
        "e\u{301}",
        "🔑 ключ 鍵",
        " x ",
        "$1 ?1 :a {}",
        "a\\'\"\n",
        "NULL",
        "\u{10ffff}\u{202e}",
    ];
    for (number, text) in (1..).zip(texts) {
        let name: String = text.chars().filter(|c| !c.is_control()).collect();
        store.insert_user(&user(&name)).await.expect("a user");
        let mut key = key(&name, number);
        key.id = KeyId::new(name).expect("a key id");
        (key.name, key.start) = (Some(text.into()), text.into());
        store.insert_key(&key).await.expect("a key");
        assert_eq!(found(&store, &key).await.map(|found| found.key).as_ref(), Some(&key));
        assert_eq!(store.keys(&key.user).await.expect("a list"), [key]);
    }
}

/// Not those without scopes (no scopes are scopes, too), without entitlements, revoked, or at their end.
pub async fn keys_with_scopes_of_users_with_entitlements_are_counted(store: impl Store) {
    let now = Timestamp::from_millis(1_800_000_000_000);
    let count = async || store.keys_without_entitlements(now).await.expect("the store answers");
    assert_eq!(count().await, 0);
    let mut bare_user = user("bob");
    bare_user.entitlements = Vec::new();
    for user in [user("alice"), bare_user] {
        store.insert_user(&user).await.expect("a user");
    }
    let changed = |number, change: fn(&mut ApiKeyRecord)| {
        let mut key = key("alice", number);
        change(&mut key);
        key
    };
    for (key, counted) in [
        (changed(1, |_| ()), 1),
        (changed(2, |key| key.scopes = Some(Scopes::new())), 2),
        (changed(3, |key| key.expires_at = None), 3),
        (changed(4, |key| key.scopes = None), 3),
        (changed(5, |key| key.revoked_at = Some(Timestamp::from_millis(1_750_000_000_999))), 3),
        (changed(6, |key| key.expires_at = Some(Timestamp::from_millis(1_800_000_000_000))), 3),
        (changed(7, |key| key.expires_at = Some(Timestamp::from_millis(1_800_000_000_001))), 4),
        (key("bob", 8), 4),
    ] {
        store.insert_key(&key).await.expect("a key");
        assert_eq!(count().await, counted, "{key:?}");
    }
}
