use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use remint_core::{ReplayKey, ReplayStore, Timestamp, Unavailable, UnavailableKind};

/// A store behind a connection that a test can cut. Clones share it.
#[derive(Debug)]
pub struct Severable<S> {
    inner: Arc<S>,
    connection: Arc<Connection>,
}

#[derive(Debug, Default)]
struct Connection {
    cut: AtomicBool,
    /// Since it was cut.
    calls: AtomicUsize,
    /// After how many of them one is let through.
    leak: AtomicUsize,
}

impl<S> Severable<S> {
    /// A connected store.
    #[must_use]
    pub fn new(inner: S) -> Self {
        Self { inner: Arc::new(inner), connection: Arc::default() }
    }

    /// Cuts the connection: each call is an outage until it is mended.
    pub fn sever(&self) {
        self.sever_but(usize::MAX);
    }

    /// Cuts the connection, and lets one call through all the same: the one after so many.
    pub fn sever_but(&self, leak: usize) {
        self.connection.leak.store(leak, Ordering::SeqCst);
        self.connection.calls.store(0, Ordering::SeqCst);
        self.connection.cut.store(true, Ordering::SeqCst);
    }

    /// Mends the connection.
    pub fn mend(&self) {
        self.connection.cut.store(false, Ordering::SeqCst);
    }

    /// How many calls there were since the connection was cut.
    #[must_use]
    pub fn calls_since_the_cut(&self) -> usize {
        self.connection.calls.load(Ordering::SeqCst)
    }
}

impl<S> Clone for Severable<S> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), connection: self.connection.clone() }
    }
}

#[async_trait]
impl<S: ReplayStore> ReplayStore for Severable<S> {
    async fn first_use(&self, key: ReplayKey, now: Timestamp, until: Timestamp) -> Result<bool, Unavailable> {
        let Connection { cut, calls, leak } = &*self.connection;
        if cut.load(Ordering::SeqCst) && calls.fetch_add(1, Ordering::SeqCst) != leak.load(Ordering::SeqCst) {
            return Err(Unavailable::new(UnavailableKind::Store));
        }
        self.inner.first_use(key, now, until).await
    }
}
