//! Cases of [`UsageStore`](remint_core::UsageStore).

use remint_core::{
    Commit, Day, Environment, KeyId, Page, Subject, UsageBatch, UsageCount, UsageFilter, UsageKey, UsageRow,
};

use super::{MORNING, Plain as _, Store, key, sign_up, tenant_id, user_id};

/// The account of alice's first key in the live environment on this day.
#[must_use]
pub fn account(day: u32) -> UsageKey {
    UsageKey {
        day: Day(day),
        subject: subject("alice"),
        tenant: Some(tenant_id("acme")),
        key: Some(key("alice", 1).id),
        environment: Environment::Live,
    }
}

/// A batch of one row.
#[must_use]
pub fn batch(id: u8, key: UsageKey, requests: u64, units: u64) -> UsageBatch {
    UsageBatch { id: [id; 16], at: MORNING, rows: vec![row(key, requests, units)] }
}

fn subject(text: &str) -> Subject {
    Subject::new(text).expect("a subject")
}

const fn row(key: UsageKey, requests: u64, units: u64) -> UsageRow {
    UsageRow { key, count: UsageCount { requests, units } }
}

async fn add(store: &impl Store, batch: &UsageBatch) {
    store.add_usage(batch).await.expect("the store answers");
}

async fn all(store: &impl Store) -> Vec<UsageRow> {
    store.usage(&UsageFilter::default(), Page::all()).await.expect("the store answers")
}

/// Those of several batches, and those of one.
pub async fn usage_adds_up(store: impl Store) {
    assert_eq!(all(&store).await, []);
    add(&store, &batch(1, account(1), 1, 10)).await;
    add(&store, &batch(2, account(1), 2, 0)).await;
    let rows = vec![row(account(1), 3, 5), row(account(2), 4, 7), row(account(1), 1, 1)];
    add(&store, &UsageBatch { id: [3; 16], at: MORNING, rows }).await;
    add(&store, &UsageBatch { id: [4; 16], at: MORNING, rows: Vec::new() }).await;
    assert_eq!(all(&store).await, [row(account(1), 7, 16), row(account(2), 4, 7)]);
}

/// By its id, whatever it holds the second time.
pub async fn a_batch_counts_once(store: impl Store) {
    for requests in [1, 1, 5] {
        add(&store, &batch(1, account(1), requests, 1)).await;
    }
    let mut next = batch(1, account(1), 2, 2);
    next.id[15] = 0;
    add(&store, &next).await;
    add(&store, &batch(1, account(2), 1, 1)).await;
    assert_eq!(all(&store).await, [row(account(1), 3, 3)]);
}

/// What differs in any part has a line of its own.
fn accounts() -> Vec<UsageKey> {
    let base = account(2);
    let id = |text: &str| Some(KeyId::new(text).expect("a key id"));
    let keys = [
        UsageKey { day: Day(1), subject: subject("zoe"), ..base.clone() },
        UsageKey { subject: subject("Alice"), ..base.clone() },
        UsageKey { tenant: None, key: None, ..base.clone() },
        UsageKey { tenant: None, ..base.clone() },
        UsageKey { tenant: Some(tenant_id("Acme")), ..base.clone() },
        UsageKey { key: None, ..base.clone() },
        UsageKey { key: None, environment: Environment::Test, ..base.clone() },
        UsageKey { key: id("Key_1"), ..base.clone() },
        base.clone(),
        UsageKey { environment: Environment::Test, ..base.clone() },
        UsageKey { key: id("key_10"), ..base.clone() },
        UsageKey { tenant: Some(tenant_id("\u{e9}'%_")), ..base.clone() },
        UsageKey { subject: subject("idp|alice"), ..base.clone() },
        UsageKey { subject: subject("\u{e9}"), ..base.clone() },
        UsageKey { day: Day(10), ..base },
    ];
    keys.into()
}

fn rows() -> Vec<UsageRow> {
    (1..).zip(accounts()).map(|(count, key)| row(key, count, count * 2)).collect()
}

async fn filled(store: &impl Store) -> Vec<UsageRow> {
    let mut backwards = rows();
    backwards.reverse();
    let (first, second) = backwards.split_at(7);
    for (id, rows) in (1..).zip([first, second]) {
        add(store, &UsageBatch { id: [id; 16], at: MORNING, rows: rows.to_vec() }).await;
    }
    rows()
}

/// By the order of the keys: days, then texts by their bytes, `None` first, `live` before `test`.
pub async fn usage_comes_in_order(store: impl Store) {
    let expected = filled(&store).await;
    let mut sorted = expected.clone();
    sorted.sort_by(|a, b| a.key.cmp(&b.key));
    assert_eq!(sorted, expected, "the order of the keys is the one that is expected");
    assert_eq!(all(&store).await, expected);
}

/// Whatever the pages' length, with and without a filter.
pub async fn usage_is_read_page_by_page(store: impl Store) {
    let expected = filled(&store).await;
    let acme = UsageFilter { tenant: Some(tenant_id("acme")), ..UsageFilter::default() };
    let of_acme = expected.iter().filter(|row| row.key.tenant == acme.tenant).cloned().collect();
    for (filter, expected) in [(UsageFilter::default(), expected), (acme, of_acme)] {
        for limit in 1..=expected.len() + 1 {
            let mut read: Vec<UsageRow> = Vec::new();
            loop {
                let after = read.last().map(|row| row.key.clone());
                let page = store.usage(&filter, Page { after, limit }).await.expect("the store answers");
                assert!(page.len() <= limit, "{} of {limit}", page.len());
                if page.is_empty() {
                    break;
                }
                read.extend(page);
                assert!(read.len() <= expected.len(), "pages of {limit} do not end");
            }
            assert_eq!(read, expected, "pages of {limit}");
        }
        assert_eq!(store.usage(&filter, Page::first(0)).await.expect("the store answers"), []);
    }
}

/// By subject, tenant and days, both ends of which count; and by all of them at once.
pub async fn usage_is_filtered(store: impl Store) {
    let expected = filled(&store).await;
    let (alice, acme) = (Some(subject("alice")), Some(tenant_id("acme")));
    let none = UsageFilter::default();
    let filters = [
        UsageFilter { subject: alice.clone(), ..none.clone() },
        UsageFilter { subject: Some(subject("alic_")), ..none.clone() },
        UsageFilter { subject: Some(subject("%")), ..none.clone() },
        UsageFilter { tenant: acme.clone(), ..none.clone() },
        UsageFilter { tenant: Some(tenant_id("\u{e9}'%_")), ..none.clone() },
        UsageFilter { from: Some(Day(2)), ..none.clone() },
        UsageFilter { to: Some(Day(2)), ..none.clone() },
        UsageFilter { from: Some(Day(3)), to: Some(Day(9)), ..none.clone() },
        UsageFilter { from: Some(Day(2)), to: Some(Day(1)), ..none.clone() },
        UsageFilter { from: Some(Day(0)), to: Some(Day(u32::MAX)), ..none.clone() },
        UsageFilter { subject: alice.clone(), tenant: acme.clone(), ..none },
        UsageFilter { subject: alice, tenant: acme, from: Some(Day(10)), to: Some(Day(10)) },
    ];
    for filter in filters {
        let wanted = |key: &UsageKey| {
            filter.subject.as_ref().is_none_or(|subject| *subject == key.subject)
                && (filter.tenant.is_none() || filter.tenant == key.tenant)
                && filter.from.is_none_or(|from| from <= key.day)
                && filter.to.is_none_or(|to| to >= key.day)
        };
        let wanted: Vec<_> = expected.iter().filter(|row| wanted(&row.key)).cloned().collect();
        assert_eq!(store.usage(&filter, Page::all()).await.expect("the store answers"), wanted, "{filter:?}");
    }
    // A page that begins before the first day asked for.
    let (from, page) = (Some(Day(10)), Page { after: Some(account(1)), ..Page::all() });
    let rows = store.usage(&UsageFilter { from, ..UsageFilter::default() }, page).await.expect("the store answers");
    assert!(!rows.is_empty() && rows.iter().all(|row| row.key.day == Day(10)), "{rows:?}");
}

/// A count that would overflow stops, and takes no other with it.
pub async fn counts_stop_at_the_greatest(store: impl Store) {
    const MOST: u64 = i64::MAX.unsigned_abs();
    add(&store, &batch(1, account(1), MOST - 1, 1)).await;
    add(&store, &batch(2, account(1), 1, 1)).await;
    assert_eq!(all(&store).await, [row(account(1), MOST, 2)]);
    add(&store, &batch(3, account(1), 1, 1)).await;
    add(&store, &batch(4, account(1), MOST, 1)).await;
    assert_eq!(all(&store).await, [row(account(1), MOST, 4)]);
    add(&store, &batch(5, account(2), u64::MAX, 3)).await;
    add(&store, &batch(6, account(2), 1, u64::MAX)).await;
    let rows = vec![row(account(3), MOST, 1), row(account(3), MOST, 1), row(account(3), MOST, 1)];
    add(&store, &UsageBatch { id: [7; 16], at: MORNING, rows }).await;
    let expected = [row(account(1), MOST, 4), row(account(2), MOST, MOST), row(account(3), MOST, 3)];
    assert_eq!(all(&store).await, expected);
}

/// It is billed after all.
pub async fn usage_stays_when_who_it_names_goes(store: impl Store) {
    store.sign_up(&sign_up("alice", &[], &[key("alice", 1)]), Commit::default()).await.expect("a user");
    add(&store, &batch(1, account(1), 1, 1)).await;
    store.remove_user(&user_id("alice")).await.expect("the store answers");
    add(&store, &batch(2, account(1), 1, 1)).await;
    assert_eq!(all(&store).await, [row(account(1), 2, 2)]);
}

/// As many as a busy node flushes at once.
pub async fn a_large_batch_is_added_whole(store: impl Store) {
    let rows: Vec<_> = (0..3_000).map(|day| row(account(day), 1, 2)).collect();
    add(&store, &UsageBatch { id: [1; 16], at: MORNING, rows: rows.clone() }).await;
    assert_eq!(all(&store).await, rows);
}
