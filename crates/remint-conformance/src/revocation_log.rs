//! What every [`RevocationWriter`] must do, and so every [`RevocationLog`](remint_core::RevocationLog). A case gets an
//! empty log.

use std::time::Duration;

use remint_core::{
    Cursor, KeyId, LogId, LoggedRevocation, Page, Position, Reading, Retention, Revocation, RevocationWriter, RowId,
    Subject, Target, TimedBy, Timestamp, UserId,
};

/// Stamps a test for each case of the suite; `$make` is an async closure that makes an empty log, which keeps at least
/// a thousand rows, and what must live as long as it does.
#[macro_export]
macro_rules! revocation_log_suite {
    ($make:expr) => {
        mod revocation_log_suite {
            use super::*;

            $crate::revocation_log_suite!(@ $make, positions_grow_by_one_and_rows_come_back_in_order,
                reading_at_the_head_is_empty, a_limit_is_kept_and_reading_goes_on, another_log_is_a_gap,
                another_row_at_the_cursor_is_rewritten_history, a_place_beyond_the_head_is_rewritten_history,
                what_is_kept_comes_in_pages, the_latest_row_that_ended_a_target_is_found,
                a_renewed_log_has_another_id_and_its_rows, what_is_forgotten_leaves_a_gap_and_nothing_else_goes,
                concurrent_appends_lose_nothing);
        }
    };
    (@ $make:expr, $($case:ident),*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                let make = $make;
                let (log, _lives_as_long) = make().await;
                $crate::revocation_log::$case(log).await;
            }
        )*
    };
}

fn key(number: u64) -> Target {
    Target::Key(KeyId::new(format!("k{number}")).expect("a name"))
}

fn subject(number: u64) -> Target {
    let issuer = "https://idp.example".parse().expect("an issuer");
    Target::Subject { issuer, subject: Subject::new(format!("s{number}")).expect("a name") }
}

/// With all that a row can have, and a time that no log replaces.
fn row(number: u64) -> Revocation {
    let row = Revocation::ended(key(number), Timestamp::from_secs(number)).timed_by_source();
    row.of_user(UserId::new("alice").expect("a name"))
}

async fn append(log: &impl RevocationWriter, row: Revocation) -> Position {
    log.append(&[row]).await.expect("append").position
}

async fn read(log: &impl RevocationWriter, cursor: &Cursor, limit: usize) -> Vec<LoggedRevocation> {
    let reading = log.read_after(cursor, limit).await.expect("read");
    let Reading::Rows(rows) = reading else { unreachable!("{reading:?} after {cursor}") };
    rows
}

async fn head(log: &impl RevocationWriter) -> Cursor {
    log.head().await.expect("head")
}

fn revocations(rows: &[LoggedRevocation]) -> Vec<Revocation> {
    rows.iter().map(|row| row.revocation.clone()).collect()
}

/// Positions grow by one, rows come back in their order and whole, and each has a name of its own.
pub async fn positions_grow_by_one_and_rows_come_back_in_order(log: impl RevocationWriter) {
    let start = head(&log).await;
    assert_eq!((start.position, start.row), (Position(0), RowId::NONE));
    for number in 1..5 {
        assert_eq!(append(&log, row(number)).await, Position(number));
    }
    let several: Vec<_> = (5..10).map(row).collect();
    assert_eq!(log.append(&several).await.expect("append").position, Position(9));
    assert_eq!(log.append(&[]).await.expect("nothing").position, Position(9));
    let rows = read(&log, &start, 100).await;
    assert_eq!(revocations(&rows), (1..10).map(row).collect::<Vec<_>>());
    assert_eq!(rows.iter().map(|row| row.position.0).collect::<Vec<_>>(), (1..10).collect::<Vec<_>>());
    let mut names: Vec<_> = rows.iter().map(|row| row.id.0).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!((names.len(), names.first() == Some(&0)), (9, false));
    let last = rows.last().expect("rows");
    assert_eq!(head(&log).await, Cursor { log: start.log, position: last.position, row: last.id });
    let changed = Revocation::changed(Target::Everything, Timestamp::from_secs(1));
    append(&log, changed.clone()).await;
    let read = read(&log, &head_of(&rows, &log).await, 10).await;
    assert_eq!(read.len(), 1);
    for found in read {
        assert_eq!(Revocation { at: changed.at, ..found.revocation.clone() }, changed);
        assert_eq!(found.revocation.timed_by, TimedBy::Us);
    }
}

async fn head_of(rows: &[LoggedRevocation], log: &impl RevocationWriter) -> Cursor {
    let last = rows.last().expect("rows");
    Cursor { log: head(log).await.log, position: last.position, row: last.id }
}

/// At the head there is nothing to read.
pub async fn reading_at_the_head_is_empty(log: impl RevocationWriter) {
    append(&log, row(1)).await;
    assert_eq!(read(&log, &head(&log).await, 10).await, Vec::new());
}

/// A reader that takes a few rows at a time misses none.
pub async fn a_limit_is_kept_and_reading_goes_on(log: impl RevocationWriter) {
    let mut cursor = head(&log).await;
    for number in 0..25 {
        append(&log, row(number)).await;
    }
    let mut seen = Vec::new();
    loop {
        let rows = read(&log, &cursor, 4).await;
        assert!(rows.len() <= 4);
        let Some(last) = rows.last() else { break };
        (cursor.position, cursor.row) = (last.position, last.id);
        seen.extend(rows.into_iter().map(|row| row.revocation.at.as_secs()));
    }
    assert_eq!(seen, (0..25).collect::<Vec<_>>());
}

/// What another log's reader missed, this one cannot say.
pub async fn another_log_is_a_gap(log: impl RevocationWriter) {
    append(&log, row(1)).await;
    let other = Cursor { log: LogId::new("another").expect("a name"), ..head(&log).await };
    assert_eq!(log.read_after(&other, 10).await.expect("read"), Reading::Gap);
    assert_eq!(log.kept(&other.log, Page::first(10)).await.expect("kept"), None);
}

/// Where a reader read another row, the log is not the one that they had read.
pub async fn another_row_at_the_cursor_is_rewritten_history(log: impl RevocationWriter) {
    append(&log, row(1)).await;
    let first = head(&log).await;
    append(&log, row(2)).await;
    for cursor in [&first, &head(&log).await] {
        let other = Cursor { row: RowId(cursor.row.0 ^ 1), ..cursor.clone() };
        assert_eq!(log.read_after(&other, 10).await.expect("read"), Reading::Rewritten);
    }
    assert_eq!(read(&log, &first, 10).await.len(), 1);
}

/// Where a reader was further than the log is, rows were lost.
pub async fn a_place_beyond_the_head_is_rewritten_history(log: impl RevocationWriter) {
    append(&log, row(1)).await;
    let beyond = Cursor { position: Position(1000), row: RowId(7), ..head(&log).await };
    assert_eq!(log.read_after(&beyond, 10).await.expect("read"), Reading::Rewritten);
}

/// A node that starts reads what is there, a page at a time.
pub async fn what_is_kept_comes_in_pages(log: impl RevocationWriter) {
    let id = head(&log).await.log;
    log.append(&(0..10).map(row).collect::<Vec<_>>()).await.expect("append");
    let mut after = None;
    let mut seen = Vec::new();
    loop {
        let rows = log.kept(&id, Page { after, limit: 4 }).await.expect("kept").expect("the same log");
        assert!(rows.len() <= 4);
        let Some(last) = rows.last() else { break };
        after = Some(last.position);
        seen.extend(revocations(&rows));
    }
    assert_eq!(seen, (0..10).map(row).collect::<Vec<_>>());
}

/// Of each target, the row that reaches furthest; of one that only changed, none.
pub async fn the_latest_row_that_ended_a_target_is_found(log: impl RevocationWriter) {
    let at = Timestamp::from_secs(1);
    append(&log, row(1)).await;
    append(&log, Revocation::ended(key(2), at)).await;
    append(&log, Revocation::ended(key(1), at)).await;
    append(&log, Revocation::changed(key(1), at)).await;
    append(&log, Revocation::changed(key(3), at)).await;
    let mut found = log.latest(&[key(1), key(2), key(3), key(4)]).await.expect("latest");
    found.sort_by_key(|row| row.position);
    let found: Vec<_> = found.into_iter().map(|row| (row.position.0, row.revocation.target)).collect();
    assert_eq!(found, [(2, key(2)), (3, key(1))]);
    assert_eq!(log.latest(&[]).await.expect("latest"), Vec::new());
}

/// Another id for the same rows; and only once for those who ask at the same time.
pub async fn a_renewed_log_has_another_id_and_its_rows(log: impl RevocationWriter) {
    append(&log, row(1)).await;
    let before = head(&log).await;
    log.renew(&before.log).await.expect("renew");
    let after = head(&log).await;
    assert_ne!(before.log, after.log);
    assert_eq!((before.position, before.row), (after.position, after.row));
    assert_eq!(log.read_after(&before, 10).await.expect("read"), Reading::Gap);
    assert_eq!(log.kept(&after.log, Page::first(10)).await.expect("kept").expect("this log").len(), 1);
    log.renew(&before.log).await.expect("renew");
    assert_eq!(head(&log).await, after, "it has another id already");
}

/// What is old goes by its kind, and who had not read it is told so.
pub async fn what_is_forgotten_leaves_a_gap_and_nothing_else_goes(log: impl RevocationWriter) {
    let (start, at) = (head(&log).await, Timestamp::from_secs(1));
    append(&log, Revocation::ended(subject(1), at)).await;
    append(&log, Revocation::ended(key(1), at)).await;
    append(&log, Revocation::changed(subject(1), at)).await;
    append(&log, Revocation::ended(key(2), at)).await;
    append(&log, Revocation::ended(subject(2), at)).await;
    let none = Retention { held: HOUR, external: HOUR };
    assert_eq!(log.forget(none, 100).await.expect("forget"), 0);
    assert_eq!(read(&log, &start, 100).await.len(), 5);
    let ours = Retention { held: Duration::ZERO, external: HOUR };
    assert_eq!(log.forget(ours, 2).await.expect("forget"), 2);
    assert_eq!(log.read_after(&start, 100).await.expect("read"), Reading::Gap);
    let id = head(&log).await.log;
    let kept = log.kept(&id, Page::all()).await.expect("kept").expect("this log");
    assert_eq!(kept.iter().map(|row| row.position.0).collect::<Vec<_>>(), [1, 4, 5]);
    assert_eq!(log.forget(ours, 100).await.expect("forget"), 1);
    let kept = log.kept(&id, Page::all()).await.expect("kept").expect("this log");
    assert_eq!(kept.iter().map(|row| row.position.0).collect::<Vec<_>>(), [1, 5]);
    let all = Retention { held: Duration::ZERO, external: Duration::ZERO };
    assert_eq!(log.forget(all, 100).await.expect("forget"), 2);
    assert_eq!(read(&log, &head(&log).await, 100).await, Vec::new(), "who has read everything misses nothing");
    assert_eq!(append(&log, row(1)).await, Position(6));
}

const HOUR: Duration = Duration::from_secs(3600);

/// Rows appended at the same time are all there, each once.
pub async fn concurrent_appends_lose_nothing(log: impl RevocationWriter) {
    let log = std::sync::Arc::new(log);
    let start = head(&*log).await;
    let appends: Vec<_> = (0..50)
        .map(|number| {
            let log = log.clone();
            tokio::spawn(async move { append(&*log, row(number)).await })
        })
        .collect();
    let mut positions = Vec::new();
    for append in appends {
        positions.push(append.await.expect("a task").0);
    }
    positions.sort_unstable();
    assert_eq!(positions, (1..=50).collect::<Vec<_>>());
    assert_eq!(read(&*log, &start, 100).await.len(), 50);
}
