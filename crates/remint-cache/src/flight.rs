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
/// goes on in a task of its own: a caller who hangs up cancels nobody.
pub struct Flights<T>(Arc<Shards<T>>);

type Shards<T> = [Mutex<HashMap<Fingerprint, Arc<State<T>>, BuildPassThrough>>; SHARDS];

impl<T: Clone + Send + Sync + 'static> Flights<T> {
    /// No flights.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(std::array::from_fn(|_| Mutex::default())))
    }

    /// Joins the flight of this fingerprint, or starts one with `work`. `lost` is the outcome if the
    /// work panics or its runtime ends.
    ///
    /// Must be called within a Tokio runtime if the work may wait.
    pub fn join<W>(&self, fingerprint: Fingerprint, work: impl FnOnce() -> W, lost: T) -> Flight<T>
    where
        W: Future<Output = T> + Send + 'static,
    {
        let state = {
            let mut flights = lock(self.shard(&fingerprint));
            if let Some(state) = flights.get(&fingerprint) {
                return Flight { state: Arc::clone(state), seat: None };
            }
            let state = Arc::new(State::new());
            flights.insert(fingerprint, Arc::clone(&state));
            state
        };
        let landing =
            Landing { flights: Arc::clone(&self.0), fingerprint, state: Arc::clone(&state), outcome: Some(lost) };
        let mut work = Box::pin(work());
        match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => landing.land(outcome),
            Poll::Pending => {
                tokio::spawn(async move {
                    let outcome = work.await;
                    landing.land(outcome);
                });
            }
        }
        Flight { state, seat: None }
    }

    fn shard(&self, fingerprint: &Fingerprint) -> &Mutex<HashMap<Fingerprint, Arc<State<T>>, BuildPassThrough>> {
        shard(&self.0, fingerprint)
    }
}

impl<T: Clone + Send + Sync + 'static> Default for Flights<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Flights<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flights(..)")
    }
}

/// Waits for a flight's outcome.
pub struct Flight<T> {
    state: Arc<State<T>>,
    seat: Option<usize>,
}

impl<T: Clone> Future for Flight<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let this = &mut *self;
        let replaced = match &mut *lock(&this.state.progress) {
            Progress::Landed(outcome) => {
                this.seat = None;
                return Poll::Ready(outcome.clone());
            }
            Progress::Flying(waiting) => waiting.sit(&mut this.seat, context.waker()),
        };
        // Without the lock: with a waker the last of a task may go, and another flight in it.
        drop(replaced);
        Poll::Pending
    }
}

/// A waker keeps its task in memory: whoever hangs up takes theirs along.
impl<T> Drop for Flight<T> {
    fn drop(&mut self) {
        let Some(seat) = self.seat else { return };
        let left = match &mut *lock(&self.state.progress) {
            Progress::Flying(waiting) => waiting.leave(seat),
            Progress::Landed(_) => None,
        };
        drop(left);
    }
}

impl<T> fmt::Debug for Flight<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flight(..)")
    }
}

struct State<T> {
    progress: Mutex<Progress<T>>,
}

enum Progress<T> {
    Flying(Waiting),
    Landed(T),
}

/// Who is to be woken. The seats of those who left are taken first.
#[derive(Default)]
struct Waiting {
    seats: Vec<Waker>,
    free: Vec<usize>,
}

impl Waiting {
    /// Takes a seat, or keeps the one held; returns the waker that was there before.
    fn sit(&mut self, seat: &mut Option<usize>, waker: &Waker) -> Option<Waker> {
        if let Some(held) = seat.and_then(|seat| self.seats.get_mut(seat)) {
            return (!held.will_wake(waker)).then(|| std::mem::replace(held, waker.clone()));
        }
        let at = self.free.pop().unwrap_or(self.seats.len());
        *seat = Some(at);
        if let Some(free) = self.seats.get_mut(at) {
            return Some(std::mem::replace(free, waker.clone()));
        }
        self.seats.push(waker.clone());
        None
    }

    /// Gives a seat back; returns the waker that was there.
    fn leave(&mut self, seat: usize) -> Option<Waker> {
        let held = self.seats.get_mut(seat)?;
        self.free.push(seat);
        Some(std::mem::replace(held, Waker::noop().clone()))
    }
}

impl<T> State<T> {
    fn new() -> Self {
        Self { progress: Mutex::new(Progress::Flying(Waiting::default())) }
    }
}

/// Ends the flight whatever becomes of its work.
struct Landing<T> {
    flights: Arc<Shards<T>>,
    fingerprint: Fingerprint,
    state: Arc<State<T>>,
    outcome: Option<T>,
}

impl<T> Landing<T> {
    fn land(mut self, outcome: T) {
        self.outcome = Some(outcome);
    }
}

impl<T> Drop for Landing<T> {
    fn drop(&mut self) {
        lock(shard(&self.flights, &self.fingerprint)).remove(&self.fingerprint);
        let Some(outcome) = self.outcome.take() else { return };
        let before = std::mem::replace(&mut *lock(&self.state.progress), Progress::Landed(outcome));
        if let Progress::Flying(waiting) = before {
            waiting.seats.into_iter().for_each(Waker::wake);
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
