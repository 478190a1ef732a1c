//! What every [`RevocationLog`] must do. A case gets an empty log.

use remint_core::{Effect, KeyId, LogId, Position, Revocation, RevocationLog, Stamp, Target, Timestamp};

/// Stamps a test for each case of the suite; `$make` builds an empty log that keeps at least a
/// thousand rows.
#[macro_export]
macro_rules! revocation_log_suite {
    ($make:expr) => {
        mod revocation_log_suite {
            use super::*;

            $crate::revocation_log_suite!(@ $make, positions_grow_and_rows_come_back_in_order,
                reading_at_the_head_is_empty, a_limit_is_kept_and_reading_goes_on, another_log_cannot_answer,
                concurrent_appends_lose_nothing);
        }
    };
    (@ $make:expr, $($case:ident),*) => {
        $(
            #[tokio::test]
            async fn $case() {
                let make = $make;
                $crate::revocation_log::$case(make()).await;
            }
        )*
    };
}

fn row(number: u64) -> Revocation {
    let target = Target::Key(KeyId::new(format!("k{number}")).expect("a name"));
    Revocation { target, effect: Effect::Ended, at: Timestamp::from_secs(number) }
}

/// Positions grow, and rows come back in their order, whole.
pub async fn positions_grow_and_rows_come_back_in_order(log: impl RevocationLog) {
    let start = log.head().await.expect("head");
    let mut last = start.position;
    for number in 0..10 {
        let position = log.append(&row(number)).await.expect("append");
        assert!(position > last);
        last = position;
    }
    let rows = log.read_after(&start, 100).await.expect("read").expect("reaches back");
    assert_eq!(rows.iter().map(|r| r.revocation.clone()).collect::<Vec<_>>(), (0..10).map(row).collect::<Vec<_>>());
    assert!(rows.windows(2).all(|pair| pair[0].position < pair[1].position));
    assert_eq!(log.head().await.expect("head").position, last);
}

/// At the head there is nothing to read.
pub async fn reading_at_the_head_is_empty(log: impl RevocationLog) {
    log.append(&row(1)).await.expect("append");
    let head = log.head().await.expect("head");
    assert_eq!(log.read_after(&head, 10).await.expect("read"), Some(Vec::new()));
}

/// A reader that takes a few rows at a time misses none.
pub async fn a_limit_is_kept_and_reading_goes_on(log: impl RevocationLog) {
    let mut read = log.head().await.expect("head");
    for number in 0..25 {
        log.append(&row(number)).await.expect("append");
    }
    let mut seen = Vec::new();
    loop {
        let rows = log.read_after(&read, 4).await.expect("read").expect("reaches back");
        assert!(rows.len() <= 4);
        let Some(last) = rows.last() else { break };
        read.position = last.position;
        seen.extend(rows.into_iter().map(|row| row.revocation.at.as_secs()));
    }
    assert_eq!(seen, (0..25).collect::<Vec<_>>());
}

/// A stamp of another log, or from beyond the head, has no answer.
pub async fn another_log_cannot_answer(log: impl RevocationLog) {
    log.append(&row(1)).await.expect("append");
    let head = log.head().await.expect("head");
    let other = Stamp { log: LogId::new("another").expect("a name"), position: head.position };
    assert_eq!(log.read_after(&other, 10).await.expect("read"), None);
    let beyond = Stamp { position: Position(head.position.0 + 1000), ..head };
    assert_eq!(log.read_after(&beyond, 10).await.expect("read"), None);
}

/// Rows appended at the same time are all there, each once.
pub async fn concurrent_appends_lose_nothing(log: impl RevocationLog) {
    let log = std::sync::Arc::new(log);
    let start = log.head().await.expect("head");
    let appends: Vec<_> = (0..50)
        .map(|number| {
            let log = log.clone();
            tokio::spawn(async move { log.append(&row(number)).await.expect("append") })
        })
        .collect();
    let mut positions = Vec::new();
    for append in appends {
        positions.push(append.await.expect("a task"));
    }
    positions.sort_unstable();
    positions.dedup();
    assert_eq!(positions.len(), 50);
    assert_eq!(log.read_after(&start, 100).await.expect("read").expect("reaches back").len(), 50);
}
