use std::time::Duration;

use remint_core::{KeyId, Revocation, Target, Timestamp};

use crate::RevocationTable;

fn key(id: u32) -> Target {
    Target::Key(KeyId::new(format!("k{id}")).unwrap())
}

fn row(id: u32, at: u64) -> Revocation {
    Revocation::ended(key(id), Timestamp::from_secs(at))
}

fn is_kept(table: &RevocationTable, id: u32) -> bool {
    table.ended(&[key(id)], Timestamp::from_secs(0))
}

#[test]
fn rows_are_forgotten_only_after_the_retention() {
    let table = RevocationTable::with_retention(None, Duration::from_secs(100));
    table.apply(&row(1, 1000));
    (2..4000).for_each(|id| table.apply(&row(id, 1050)));
    assert!(is_kept(&table, 1));
    (4000..20_000).for_each(|id| table.apply(&row(id, 1200)));
    assert!(!is_kept(&table, 1));
}

#[test]
fn rows_are_kept_for_longer_once_an_issuer_is_trusted_whose_tokens_live_longer() {
    let table = RevocationTable::with_retention(None, Duration::from_secs(100));
    table.retain_at_least(Duration::from_secs(1000));
    table.retain_at_least(Duration::from_secs(10));
    table.apply(&row(1, 1000));
    (2..20_000).for_each(|id| table.apply(&row(id, 2000)));
    assert!(is_kept(&table, 1));
}
