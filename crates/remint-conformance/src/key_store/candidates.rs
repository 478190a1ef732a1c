//! Cases of keys that are found by something else than their digest.

use remint_core::{ApiKeyRecord, Commit, FoundKey, KeyId, Timestamp};

use super::{Plain as _, Store, key, tenant, user, user_id};

fn slow(number: u32, scheme: &str, start: &str) -> ApiKeyRecord {
    let mut key = key("alice", number);
    key.digest.scheme = scheme.into();
    key.start = start.into();
    key
}

/// The numbers of the keys that are found.
async fn numbers(store: &impl Store, scheme: &str, start: &str) -> Vec<u32> {
    let found = store.candidates(scheme, start).await.expect("the store answers");
    let mut numbers: Vec<u32> =
        found.iter().map(|found| found.key.id.as_str()["key_".len()..].parse().expect("a number")).collect();
    numbers.sort_unstable();
    numbers
}

/// The whole of the one and the beginning of the other.
pub async fn candidates_have_the_start_and_the_beginning_of_the_scheme(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let keys = [
        slow(1, "pbkdf2-sha256:a", "abc"),
        slow(2, "pbkdf2-sha512:b", "abc"),
        slow(3, "pbkdf2-sha256:a", "abcd"),
        slow(4, "hmac-sha256:a", "abc"),
        slow(5, "pbkdf2", "abc"),
    ];
    store.insert(&keys, Commit::default()).await.expect("keys");
    for (scheme, start, expected) in [
        ("pbkdf2", "abc", &[1, 2, 5][..]),
        ("pbkdf2-sha256:", "abc", &[1]),
        ("pbkdf2-sha256:a", "abcd", &[3]),
        ("pbkdf2-sha256:ab", "abcd", &[]),
        ("", "abc", &[1, 2, 4, 5]),
        ("pbkdf2", "ab", &[]),
        ("pbkdf2", "", &[]),
        ("bkdf2", "abc", &[]),
    ] {
        assert_eq!(numbers(&store, scheme, start).await, expected, "{scheme} {start}");
    }
}

/// Wildcards of `LIKE` and `GLOB`, letters whose case could be folded, and the last character there is.
pub async fn candidates_are_compared_byte_by_byte(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let keys = [
        slow(1, "pbkdf2_a", "a_c"),
        slow(2, "pbkdf2-a", "abc"),
        slow(3, "PBKDF2_A", "A_C"),
        slow(4, "pbkdf2%a", "a%"),
        slow(5, "pbkdf2*a", "a*"),
        slow(6, "pbkdf2_\u{10ffff}\u{10ffff}", "a_c"),
        slow(7, "pbkdf2_\u{e9}", "a_c"),
        slow(8, "pbkdf2'\\", "a'\\"),
    ];
    store.insert(&keys, Commit::default()).await.expect("keys");
    for (scheme, start, expected) in [
        ("pbkdf2_", "a_c", &[1, 6, 7][..]),
        ("pbkdf2", "abc", &[2]),
        ("PBKDF2", "A_C", &[3]),
        ("pbkdf2%", "a%", &[4]),
        ("%", "a_c", &[]),
        ("pbkdf2", "%", &[]),
        ("pbkdf2*", "a*", &[5]),
        ("pbkdf2?", "a_c", &[]),
        ("pbkdf2_\u{10ffff}", "a_c", &[6]),
        ("pbkdf2_e", "a_c", &[]),
        ("pbkdf2'\\", "a'\\", &[8]),
    ] {
        assert_eq!(numbers(&store, scheme, start).await, expected, "{scheme} {start}");
    }
}

/// Revoked ones too: the caller tells them apart.
pub async fn candidates_come_whole(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let mut key = slow(1, "pbkdf2-sha256", "abc");
    store.insert_key(&key).await.expect("a key");
    store.revoke_key(&key.id, Timestamp::from_secs(1)).await.expect("the store answers");
    key.revoked_at = Some(Timestamp::from_secs(1));
    let found = store.candidates("pbkdf2", "abc").await.expect("the store answers");
    assert_eq!(found, [FoundKey { key, user: user("alice"), tenant: Some(tenant()) }]);
    store.remove_user(&user_id("alice")).await.expect("the store answers");
    assert!(numbers(&store, "pbkdf2", "abc").await.is_empty());
}

/// A stranger names the start, and each candidate costs much.
pub async fn there_are_eight_candidates_at_most(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    for number in 1..=10 {
        let scheme = if number % 2 == 0 { "pbkdf2-a" } else { "pbkdf2-b" };
        store.insert_key(&slow(number, scheme, "abc")).await.expect("a key");
    }
    let mut found = numbers(&store, "pbkdf2", "abc").await;
    found.dedup();
    assert_eq!(found.len(), 8);
}

/// Whole, and by the exact id.
pub async fn a_key_is_found_by_its_id(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let mut known = key("alice", 1);
    store.insert_key(&known).await.expect("a key");
    store.revoke_key(&known.id, Timestamp::from_secs(1)).await.expect("the store answers");
    known.revoked_at = Some(Timestamp::from_secs(1));
    assert_eq!(store.key(&known.id).await.expect("the store answers"), Some(known));
    for id in ["key_2", "key_", "KEY_1", "key%1", "keyx1", "%"] {
        let id = KeyId::new(id).expect("a key id");
        assert_eq!(store.key(&id).await.expect("the store answers"), None, "{id}");
    }
}
