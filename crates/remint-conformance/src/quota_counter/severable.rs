use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use remint_core::{QuotaAnswer, QuotaCharge, QuotaCounter, QuotaTaken, Unavailable, UnavailableKind};

/// A counter behind a connection that a test can cut. Clones share it.
#[derive(Debug)]
pub struct Severable<C> {
    inner: Arc<C>,
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

impl<C> Severable<C> {
    /// A connected counter.
    #[must_use]
    pub fn new(inner: C) -> Self {
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

    fn ask<T>(&self, call: impl FnOnce(&C) -> QuotaAnswer<T>) -> QuotaAnswer<T> {
        let Connection { cut, calls, leak } = &*self.connection;
        if cut.load(Ordering::SeqCst) && calls.fetch_add(1, Ordering::SeqCst) != leak.load(Ordering::SeqCst) {
            return QuotaAnswer::Now(Err(Unavailable::new(UnavailableKind::QuotaCounter)));
        }
        call(&self.inner)
    }
}

impl<C> Clone for Severable<C> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), connection: self.connection.clone() }
    }
}

impl<C: QuotaCounter> QuotaCounter for Severable<C> {
    fn take(&self, charges: &[QuotaCharge<'_>]) -> QuotaAnswer<QuotaTaken> {
        self.ask(|inner| inner.take(charges))
    }

    fn give_back(&self, charges: &[QuotaCharge<'_>]) -> QuotaAnswer<()> {
        self.ask(|inner| inner.give_back(charges))
    }
}
