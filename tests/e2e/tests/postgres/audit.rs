use remint_conformance::key_store::{event, trail};
use remint_core::{AuditLog, Page};

use crate::database::Database;

#[tokio::test]
async fn the_database_itself_refuses_to_change_the_trail() {
    let (store, database) = Database::with_store().await;
    store.append(&[event(1), event(2)]).await.unwrap();
    let attempts = [
        "UPDATE remint.audit SET at = 0",
        "UPDATE remint.audit SET at = 0 WHERE seq = 1",
        "DELETE FROM remint.audit WHERE seq = 2",
        "TRUNCATE remint.audit",
        "TRUNCATE remint.audit RESTART IDENTITY CASCADE",
        "INSERT INTO remint.audit (seq, at, action, actor, detail) VALUES (1, 0, '', '{}', '{}')",
        "INSERT INTO remint.audit OVERRIDING SYSTEM VALUE VALUES (1, 0, '', '{}', NULL, NULL, NULL, '{}') \
         ON CONFLICT (seq) DO UPDATE SET at = 0",
    ];
    for attempt in attempts {
        assert!(database.run(attempt).await.is_err(), "{attempt}");
    }
    assert_eq!(trail(&store).await, [event(1), event(2)]);
}

/// Numbers are given out before transactions end, and a later one may end first.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_who_goes_on_from_the_last_number_misses_nothing() {
    const WRITERS: u32 = 8;
    const EACH: u32 = 25;
    let (store, _database) = Database::with_store().await;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for number in 0..EACH {
                    store.append(&[event(writer * EACH + number)]).await.unwrap();
                }
            })
        })
        .collect();
    let (mut read, mut after) = (Vec::new(), None);
    let mut done = false;
    while !done {
        done = writers.iter().all(|writer| writer.is_finished());
        for (number, event) in store.events(Page { after, limit: 7 }).await.unwrap() {
            assert!(after.is_none_or(|before| before < number));
            after = Some(number);
            read.push(event);
            done = false;
        }
    }
    assert_eq!(read.len(), (WRITERS * EACH) as usize);
}
