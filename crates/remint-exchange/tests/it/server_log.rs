//! A server's log, which answers or does not at will.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use remint_core::{
    Cursor, KeyId, LogId, LoggedRevocation, Page, Position, Reading, Revocation, RevocationLog, RevocationWriter as _,
    Target, Timestamp, Unavailable, UnavailableKind,
};
use remint_exchange::{HttpLogError, PermittedLog};
use remint_revocation::{MemoryLog, Revocations};
use remint_testkit::ManualClock;

pub(crate) const ANSWERS: u8 = 0;
pub(crate) const REFUSES: u8 = 1;

/// A server's log.
#[derive(Debug)]
pub(crate) struct Server {
    log: MemoryLog,
    state: AtomicU8,
    pub(crate) asked: AtomicUsize,
}

impl Server {
    fn answer(&self) -> Result<(), Unavailable> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match self.state.load(Ordering::SeqCst) {
            ANSWERS => Ok(()),
            REFUSES => Err(HttpLogError::NotPermitted(403).into()),
            _ => Err(Unavailable::new(UnavailableKind::RevocationLog)),
        }
    }

    pub(crate) fn becomes(&self, state: u8) {
        self.state.store(state, Ordering::SeqCst);
    }

    pub(crate) async fn end(&self, key: &str) {
        self.log.append(&[Revocation::ended(target(key), Timestamp::from_secs(1))]).await.unwrap();
    }
}

#[async_trait]
impl RevocationLog for Server {
    async fn head(&self) -> Result<Cursor, Unavailable> {
        self.answer()?;
        self.log.head().await
    }

    async fn read_after(&self, cursor: &Cursor, limit: usize) -> Result<Reading, Unavailable> {
        self.answer()?;
        self.log.read_after(cursor, limit).await
    }

    async fn kept(&self, log: &LogId, page: Page<Position>) -> Result<Option<Vec<LoggedRevocation>>, Unavailable> {
        self.answer()?;
        self.log.kept(log, page).await
    }

    async fn latest(&self, targets: &[Target]) -> Result<Vec<LoggedRevocation>, Unavailable> {
        self.answer()?;
        self.log.latest(targets).await
    }

    fn pause(&self) -> Duration {
        Duration::from_millis(20)
    }
}

pub(crate) fn target(key: &str) -> Target {
    Target::Key(KeyId::new(key).unwrap())
}

pub(crate) fn server(state: u8) -> (Arc<Server>, PermittedLog) {
    let server = Server { log: MemoryLog::new(100).unwrap(), state: AtomicU8::new(state), asked: AtomicUsize::new(0) };
    let server = Arc::new(server);
    (Arc::clone(&server), PermittedLog::new(server))
}

pub(crate) fn node(log: PermittedLog) -> Revocations {
    Revocations::follow_later(Arc::new(log), ManualClock::default()).unwrap()
}

pub(crate) async fn a_minute() {
    tokio::time::sleep(Duration::from_secs(61)).await;
}
