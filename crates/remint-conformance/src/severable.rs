use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use remint_core::{Unavailable, UnavailableKind};

/// What is asked over a connection that a test can cut. Clones share the connection.
#[derive(Debug)]
pub struct Severable<T> {
    inner: Arc<T>,
    connection: Connection,
}

impl<T> Severable<T> {
    /// A connected one.
    #[must_use]
    pub fn new(inner: T) -> Self {
        Self { inner: Arc::new(inner), connection: Connection::default() }
    }

    /// Cuts the connection: each call is an outage until it is mended.
    pub fn sever(&self) {
        self.sever_but(usize::MAX);
    }

    /// Cuts the connection, and lets one call through all the same: the one after so many.
    pub fn sever_but(&self, leak: usize) {
        self.connection.sever_but(leak);
    }

    /// Mends the connection.
    pub fn mend(&self) {
        self.connection.mend();
    }

    /// How many calls there were since the connection was cut.
    #[must_use]
    pub fn calls_since_the_cut(&self) -> usize {
        self.connection.calls()
    }

    pub(crate) fn connected(&self, outage: UnavailableKind) -> Result<&T, Unavailable> {
        self.connection.call(outage)?;
        Ok(&self.inner)
    }
}

impl<T> Clone for Severable<T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), connection: self.connection.clone() }
    }
}

/// A connection that can be cut. Clones are the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connection(Arc<State>);

#[derive(Debug, Default)]
struct State {
    cut: AtomicBool,
    /// Since it was cut.
    calls: AtomicUsize,
    /// After how many of them one is let through.
    leak: AtomicUsize,
}

impl Connection {
    pub(crate) fn sever_but(&self, leak: usize) {
        self.0.leak.store(leak, Ordering::SeqCst);
        self.0.calls.store(0, Ordering::SeqCst);
        self.0.cut.store(true, Ordering::SeqCst);
    }

    pub(crate) fn mend(&self) {
        self.0.cut.store(false, Ordering::SeqCst);
    }

    pub(crate) fn calls(&self) -> usize {
        self.0.calls.load(Ordering::SeqCst)
    }

    /// Counts one call, which is an outage of this kind while the connection is cut.
    pub(crate) fn call(&self, outage: UnavailableKind) -> Result<(), Unavailable> {
        let State { cut, calls, leak } = &*self.0;
        if cut.load(Ordering::SeqCst) && calls.fetch_add(1, Ordering::SeqCst) != leak.load(Ordering::SeqCst) {
            return Err(Unavailable::new(outage));
        }
        Ok(())
    }
}
