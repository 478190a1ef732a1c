//! What a store of keys and users must do that holds the revocation log, beside what each of the two must do: the rows
//! of a change stand in its transaction. A case gets an empty store.

use remint_core::{
    Commit, Effect, KeyEnd, Page, Reading, Revocation, RevocationLog, RevocationWriter, Target, TenantChange,
    Timestamp, UserChange,
};

use crate::key_store::{Plain as _, Store, event, key, link, rotation, sign_up, tenant_id, trail, user, user_id};

/// Stamps a test for each case of the suite; `$make` is an async closure that makes an empty store, and what must live
/// as long as it does.
#[macro_export]
macro_rules! logged_store_suite {
    ($make:expr) => {
        mod logged_store_suite {
            use super::*;

            $crate::logged_store_suite!(@ $make, each_change_writes_its_rows, a_change_that_fails_writes_no_row,
                a_change_that_changes_nothing_writes_no_row, changes_at_the_same_time_leave_no_hole);
        }
    };
    (@ $make:expr, $($case:ident),*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                let make = $make;
                let (store, _lives_as_long) = make().await;
                $crate::logged_store::$case(store).await;
            }
        )*
    };
}

const AT: Timestamp = Timestamp::from_secs(1);

fn row(number: u64) -> Revocation {
    let target = Target::Key(key("alice", u32::try_from(number).expect("a small number")).id);
    Revocation::new(target, Effect::Changed, Timestamp::from_secs(number)).timed_by_source()
}

async fn log(store: &impl RevocationLog) -> Vec<Revocation> {
    let id = store.head().await.expect("the store answers").log;
    let rows = store.kept(&id, Page::all()).await.expect("the store answers").expect("this log");
    rows.into_iter().map(|row| row.revocation).collect()
}

/// Each kind of change, in their order.
pub async fn each_change_writes_its_rows(store: impl Store + RevocationWriter) {
    let rows: Vec<_> = (1..=8).map(|number| [row(number), row(number + 100)]).collect();
    let commit = |number: usize| Commit::default().with_revocations(&rows[number - 1]);
    store.sign_up(&sign_up("alice", &[], &[]), commit(1)).await.expect("a user");
    store.insert(&[key("alice", 1)], commit(2)).await.expect("a key");
    store.rotate(&rotation("alice", 1, 2), commit(3)).await.expect("a rotation");
    store.revoke(&key("alice", 1).id, AT, commit(4)).await.expect("the store answers").expect("the key");
    let end = KeyEnd { id: key("alice", 2).id, audit: Vec::new(), revocations: rows[4].to_vec() };
    assert_eq!(store.revoke_all(&[end], AT).await.expect("the store answers"), [key("alice", 2).id]);
    let disabled = UserChange { enabled: Some(false), ..UserChange::default() };
    store.change_user(&user_id("alice"), &disabled, commit(6)).await.expect("the store answers").expect("alice");
    let disabled = TenantChange { enabled: Some(false), plan: None };
    store.change_tenant(&tenant_id("acme"), &disabled, commit(7)).await.expect("the store answers").expect("a tenant");
    store.delete_user(&user_id("alice"), commit(8)).await.expect("the store answers").expect("alice");
    assert_eq!(log(&store).await, rows.concat());
}

/// Whatever stands in its way.
pub async fn a_change_that_fails_writes_no_row(store: impl Store + RevocationWriter) {
    store.sign_up(&sign_up("alice", &[link("a")], &[key("alice", 1)]), Commit::default()).await.expect("a user");
    store.insert_user(&user("bob")).await.expect("a user");
    let rows = [row(1)];
    let commit = Commit::default().with_revocations(&rows);
    store.sign_up(&sign_up("alice", &[], &[]), commit).await.expect_err("a conflict");
    store.sign_up(&sign_up("carol", &[link("a")], &[]), commit).await.expect_err("a conflict");
    store.insert(&[key("nobody", 2)], commit).await.expect_err("no such user");
    store.rotate(&rotation("alice", 9, 2), commit).await.expect_err("no such key");
    store.rotate(&rotation("alice", 1, 1), commit).await.expect_err("a conflict");
    let change = UserChange { external: Some(vec![link("a")]), ..UserChange::default() };
    store.change_user(&user_id("bob"), &change, commit).await.expect_err("a conflict");
    assert_eq!(log(&store).await, []);
}

/// What is not there, and what had ended before: the rows were written then.
pub async fn a_change_that_changes_nothing_writes_no_row(store: impl Store + RevocationWriter) {
    let rows = [row(1)];
    let commit = Commit::audited(&[]).with_revocations(&rows);
    assert_eq!(store.revoke(&key("alice", 1).id, AT, commit).await.expect("the store answers"), None);
    assert_eq!(store.delete_user(&user_id("alice"), commit).await.expect("the store answers"), None);
    let nobody = store.change_user(&user_id("alice"), &UserChange::default(), commit).await;
    assert_eq!(nobody.expect("the store answers"), None);
    store.sign_up(&sign_up("alice", &[], &[key("alice", 1)]), Commit::default()).await.expect("a user");
    store.revoke(&key("alice", 1).id, AT, Commit::default()).await.expect("the store answers").expect("the key");
    store.revoke(&key("alice", 1).id, AT, commit).await.expect("the store answers").expect("the key");
    let end = KeyEnd { id: key("alice", 1).id, audit: Vec::new(), revocations: rows.to_vec() };
    assert_eq!(store.revoke_all(&[end], AT).await.expect("the store answers"), []);
    assert_eq!(log(&store).await, []);
}

/// A reader who reads meanwhile sees each row once, in the order of positions, and each change whose row they see.
pub async fn changes_at_the_same_time_leave_no_hole(store: impl Store + RevocationWriter) {
    const CHANGES: u32 = 40;
    let store = std::sync::Arc::new(store);
    let mut cursor = store.head().await.expect("the store answers");
    store.sign_up(&sign_up("alice", &[], &[]), Commit::default()).await.expect("a user");
    let changes: Vec<_> = (1..=CHANGES)
        .map(|number| {
            let store = std::sync::Arc::clone(&store);
            tokio::spawn(async move {
                let (rows, audit) = ([row(number.into())], [event(number)]);
                let commit = Commit::audited(&audit).with_revocations(&rows);
                store.insert(&[key("alice", number)], commit).await.expect("a key");
            })
        })
        .collect();
    let mut seen = Vec::new();
    while seen.len() < CHANGES as usize {
        let reading = store.read_after(&cursor, 7).await.expect("the store answers");
        let Reading::Rows(rows) = reading else { unreachable!("{reading:?}") };
        for row in rows {
            assert_eq!(row.position.0, cursor.position.0 + 1);
            (cursor.position, cursor.row) = (row.position, row.id);
            let Target::Key(id) = row.revocation.target else { unreachable!("{row:?}") };
            assert!(store.key(&id).await.expect("the store answers").is_some(), "{id} came after its row");
            seen.push(id);
        }
    }
    for change in changes {
        change.await.expect("a task");
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!((seen.len(), trail(&*store).await.len()), (CHANGES as usize, CHANGES as usize));
}
