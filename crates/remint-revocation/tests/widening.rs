//! What ends nothing does not wait for those who read the log.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use remint_core::{
    Cursor, KeyId, LogId, LoggedRevocation, Page, Position, Reading, Retention, Revocation, RevocationLog,
    RevocationWriter, Revoker as _, Stamp, Target, Timestamp, Unavailable,
};
use remint_revocation::{MemoryLog, Revocations};
use remint_testkit::ManualClock;
use tokio::sync::watch;
use tokio::time::timeout;

/// A store whose log takes rows, and may hang when it is read.
#[derive(Debug)]
struct Store {
    log: MemoryLog,
    hangs: watch::Sender<bool>,
}

#[async_trait]
impl RevocationLog for Store {
    async fn head(&self) -> Result<Cursor, Unavailable> {
        self.log.head().await
    }

    async fn read_after(&self, cursor: &Cursor, limit: usize) -> Result<Reading, Unavailable> {
        // Who set it is there.
        let _ = self.hangs.subscribe().wait_for(|hangs| !hangs).await;
        self.log.read_after(cursor, limit).await
    }

    async fn kept(&self, log: &LogId, page: Page<Position>) -> Result<Option<Vec<LoggedRevocation>>, Unavailable> {
        self.log.kept(log, page).await
    }

    async fn latest(&self, targets: &[Target]) -> Result<Vec<LoggedRevocation>, Unavailable> {
        self.log.latest(targets).await
    }

    fn pause(&self) -> Duration {
        self.log.pause()
    }
}

#[async_trait]
impl RevocationWriter for Store {
    async fn append(&self, rows: &[Revocation]) -> Result<Stamp, Unavailable> {
        self.log.append(rows).await
    }

    async fn renew(&self, log: &LogId) -> Result<(), Unavailable> {
        self.log.renew(log).await
    }

    async fn forget(&self, retention: Retention, limit: usize) -> Result<usize, Unavailable> {
        self.log.forget(retention, limit).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_key_waits_for_no_reader_and_is_known_here_at_once() {
    let store = Arc::new(Store { log: MemoryLog::new(100).unwrap(), hangs: watch::Sender::new(false) });
    let node = Revocations::of_store(Arc::clone(&store) as _, ManualClock::default()).await.unwrap();
    let key = Target::Key(KeyId::new("k1").unwrap());
    let (made, ended) = (
        [Revocation::changed(key.clone(), Timestamp::from_secs(1))],
        [Revocation::ended(key.clone(), Timestamp::from_secs(2))],
    );
    store.hangs.send_replace(true);
    let absent = node.table().stamp();
    store.append(&made).await.unwrap(); // as the store does with its change
    timeout(Duration::from_secs(1), node.announce(&made)).await.expect("it waited for a reader").unwrap();
    assert!(node.table().overtaken(std::slice::from_ref(&key), absent), "that there is no such key is still cached");

    store.append(&ended).await.unwrap();
    assert!(timeout(Duration::from_secs(1), node.announce(&ended)).await.is_err(), "it was not read");
    store.hangs.send_replace(false);
    node.catch_up().await.unwrap();
    assert!(node.table().ended(&[key], Timestamp::from_secs(0)));
}
