//! Cases of a user's list that is read page by page.

use remint_core::{ApiKeyRecord, KeyCursor, KeyId, Page, Timestamp};

use super::{Plain as _, Store, key, user, user_id};

async fn page(store: &impl Store, after: Option<&ApiKeyRecord>, limit: usize) -> Vec<ApiKeyRecord> {
    let after = after.map(|key| KeyCursor { created_at: key.created_at, id: key.id.clone() });
    store.list(&user_id("alice"), Page { after, limit }).await.expect("a page")
}

fn made(number: u32, id: &str, millis: u64) -> ApiKeyRecord {
    let mut key = key("alice", number);
    (key.id, key.created_at) = (KeyId::new(id).expect("a key id"), Timestamp::from_millis(millis));
    key
}

/// In the order of the list: many of one moment, and ids of other orders than that of bytes.
fn in_order() -> Vec<ApiKeyRecord> {
    let keys =
        [(30, "a"), (20, "\u{e9}"), (20, "z"), (20, "b"), (20, "_"), (20, "Z"), (20, "10"), (20, "1"), (10, "c")];
    (0..).zip(keys).map(|(number, (millis, id))| made(number, id, millis)).collect()
}

async fn filled(store: &impl Store) -> Vec<ApiKeyRecord> {
    for name in ["alice", "bob"] {
        store.insert_user(&user(name)).await.expect("a user");
    }
    let expected = in_order();
    for step in 0..expected.len() {
        // Not in the order of the list.
        store.insert_key(&expected[step * 4 % expected.len()]).await.expect("a key");
    }
    let mut others = key("bob", 100);
    others.created_at = Timestamp::from_millis(20);
    store.insert_key(&others).await.expect("a key");
    expected
}

/// Whatever the pages' length, also where many keys were made at one moment.
pub async fn pages_have_no_gap_and_repeat_nothing(store: impl Store) {
    let expected = filled(&store).await;
    assert_eq!(store.keys(&user_id("alice")).await.expect("a list"), expected);
    for limit in 1..=expected.len() + 1 {
        let mut read = Vec::new();
        loop {
            let next = page(&store, read.last(), limit).await;
            if next.is_empty() {
                break;
            }
            read.extend(next);
            assert!(read.len() <= expected.len(), "pages of {limit} do not end");
        }
        assert_eq!(read, expected, "pages of {limit}");
    }
}

/// Nor less, where there is more.
pub async fn a_page_holds_no_more_than_its_limit(store: impl Store) {
    let expected = filled(&store).await;
    for limit in [0, 1, 3, expected.len(), usize::MAX] {
        assert_eq!(page(&store, None, limit).await, expected[..limit.min(expected.len())]);
        assert_eq!(page(&store, Some(&expected[1]), limit).await, expected[2..][..limit.min(expected.len() - 2)]);
    }
}

/// It need not be of a key that is there, or of the same user.
pub async fn a_cursor_is_a_place(store: impl Store) {
    let expected = filled(&store).await;
    let rest = |from: usize| expected[from..].to_vec();
    for (millis, id, from) in [
        (40, "a", 0),
        (30, "b", 0),
        (30, "0", 1),
        (25, "a", 1),
        (20, "zz", 2),
        (20, "key_100", 3),
        (20, "00", 8),
        (10, "d", 8),
        (9, "z", 9),
        (0, "z", 9),
    ] {
        assert_eq!(page(&store, Some(&made(0, id, millis)), usize::MAX).await, rest(from), "{millis} {id}");
    }
    let mut end = made(0, "z", 0);
    end.created_at = Timestamp::MAX;
    assert_eq!(page(&store, Some(&end), usize::MAX).await, expected);
}

/// What is made after a page was read does not move the next one.
pub async fn new_keys_do_not_move_the_pages(store: impl Store) {
    let expected = filled(&store).await;
    let first = page(&store, None, 4).await;
    store.insert_key(&made(50, "new", 50)).await.expect("a key");
    assert_eq!(page(&store, first.last(), usize::MAX).await, expected[4..]);
}
