use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::Fingerprint;
use crate::fingerprint::BuildPassThrough;

/// At most one piece of work at a time for each fingerprint; whoever asks meanwhile shares its
/// outcome, an error included.
///
/// The work is polled once where it was asked for, since most of it never waits. If it does wait, it
/// goes on in a task of its own: a caller that is dropped cancels it for nobody.
pub struct SingleFlight<T>(Arc<Shards<T>>);

type Shards<T> = [Mutex<HashMap<Fingerprint, Arc<State<T>>, BuildPassThrough>>; SHARDS];

impl<T: Clone + Send + Sync + 'static> SingleFlight<T> {
    /// Nothing in flight.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(std::array::from_fn(|_| Mutex::default())))
    }

    /// Joins the work in flight for this fingerprint, or starts it with `work`. `lost` is the outcome if the
    /// work panics or its runtime ends.
    ///
    /// Must be called within a Tokio runtime if the work may wait.
    pub fn join<W>(&self, fingerprint: Fingerprint, work: impl FnOnce() -> W, lost: T) -> InFlight<T>
    where
        W: Future<Output = T> + Send + 'static,
    {
        let state = {
            let mut running = lock(self.shard(&fingerprint));
            if let Some(state) = running.get(&fingerprint) {
                return InFlight { state: Arc::clone(state), slot: None };
            }
            let state = Arc::new(State::new());
            running.insert(fingerprint, Arc::clone(&state));
            state
        };
        let completion =
            Completion { shards: Arc::clone(&self.0), fingerprint, state: Arc::clone(&state), outcome: Some(lost) };
        let mut work = Box::pin(work());
        match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => completion.complete(outcome),
            Poll::Pending => {
                tokio::spawn(async move {
                    let outcome = work.await;
                    completion.complete(outcome);
                });
            }
        }
        InFlight { state, slot: None }
    }

    fn shard(&self, fingerprint: &Fingerprint) -> &Mutex<HashMap<Fingerprint, Arc<State<T>>, BuildPassThrough>> {
        shard(&self.0, fingerprint)
    }
}

impl<T: Clone + Send + Sync + 'static> Default for SingleFlight<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for SingleFlight<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SingleFlight(..)")
    }
}

/// Waits for the outcome of work in flight.
pub struct InFlight<T> {
    state: Arc<State<T>>,
    slot: Option<usize>,
}

impl<T: Clone> Future for InFlight<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let this = &mut *self;
        let replaced = match &mut *lock(&this.state.progress) {
            Progress::Done(outcome) => {
                this.slot = None;
                return Poll::Ready(outcome.clone());
            }
            Progress::Running(waiters) => waiters.add(&mut this.slot, context.waker()),
        };
        // Without the lock: dropping a waker may drop a task, and another waiter in it.
        drop(replaced);
        Poll::Pending
    }
}

/// A waker keeps its task in memory: it goes when its caller does.
impl<T> Drop for InFlight<T> {
    fn drop(&mut self) {
        let Some(slot) = self.slot else { return };
        let left = match &mut *lock(&self.state.progress) {
            Progress::Running(waiters) => waiters.remove(slot),
            Progress::Done(_) => None,
        };
        drop(left);
    }
}

impl<T> fmt::Debug for InFlight<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InFlight(..)")
    }
}

struct State<T> {
    progress: Mutex<Progress<T>>,
}

enum Progress<T> {
    Running(Waiters),
    Done(T),
}

/// The wakers of those who wait. Slots that were given back are taken first.
#[derive(Default)]
struct Waiters {
    slots: Vec<Waker>,
    free: Vec<usize>,
}

impl Waiters {
    /// Takes a slot, or keeps the one held; returns the waker that was there before.
    fn add(&mut self, slot: &mut Option<usize>, waker: &Waker) -> Option<Waker> {
        if let Some(held) = slot.and_then(|slot| self.slots.get_mut(slot)) {
            return (!held.will_wake(waker)).then(|| std::mem::replace(held, waker.clone()));
        }
        let at = self.free.pop().unwrap_or(self.slots.len());
        *slot = Some(at);
        if let Some(free) = self.slots.get_mut(at) {
            return Some(std::mem::replace(free, waker.clone()));
        }
        self.slots.push(waker.clone());
        None
    }

    /// Gives a slot back; returns the waker that was there.
    fn remove(&mut self, slot: usize) -> Option<Waker> {
        let held = self.slots.get_mut(slot)?;
        self.free.push(slot);
        Some(std::mem::replace(held, Waker::noop().clone()))
    }
}

impl<T> State<T> {
    fn new() -> Self {
        Self { progress: Mutex::new(Progress::Running(Waiters::default())) }
    }
}

/// Ends what is in flight, whatever becomes of the work.
struct Completion<T> {
    shards: Arc<Shards<T>>,
    fingerprint: Fingerprint,
    state: Arc<State<T>>,
    outcome: Option<T>,
}

impl<T> Completion<T> {
    fn complete(mut self, outcome: T) {
        self.outcome = Some(outcome);
    }
}

impl<T> Drop for Completion<T> {
    fn drop(&mut self) {
        lock(shard(&self.shards, &self.fingerprint)).remove(&self.fingerprint);
        let Some(outcome) = self.outcome.take() else { return };
        let before = std::mem::replace(&mut *lock(&self.state.progress), Progress::Done(outcome));
        if let Progress::Running(waiters) = before {
            waiters.slots.into_iter().for_each(Waker::wake);
        }
    }
}

#[expect(clippy::indexing_slicing, reason = "the index is taken modulo the length")]
fn shard<'a, T>(
    shards: &'a Shards<T>,
    fingerprint: &Fingerprint,
) -> &'a Mutex<HashMap<Fingerprint, Arc<State<T>>, BuildPassThrough>> {
    &shards[fingerprint.bits() as usize % SHARDS]
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const SHARDS: usize = 16;
