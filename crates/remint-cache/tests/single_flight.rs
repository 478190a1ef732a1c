//! Single flight.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use remint_cache::{Fingerprint, Fingerprinter, SingleFlight};
use remint_core::Slot;
use tokio::sync::Semaphore;

fn name() -> Fingerprint {
    Fingerprinter::new("a", "p").unwrap().fingerprint(Slot::Bearer, b"x")
}

/// Work that counts its runs and waits at a gate.
fn gated(runs: &Arc<AtomicU32>, gate: &Arc<Semaphore>) -> impl Future<Output = Result<u32, &'static str>> + use<> {
    let (runs, gate) = (runs.clone(), gate.clone());
    async move {
        let run = runs.fetch_add(1, Ordering::SeqCst) + 1;
        gate.acquire().await.unwrap().forget();
        Ok(run)
    }
}

#[tokio::test]
async fn ten_thousand_callers_share_one_run() {
    let (flights, runs, gate) = (SingleFlight::new(), Arc::default(), Arc::new(Semaphore::new(0)));
    let one = name();
    let waiting: Vec<_> =
        (0..10_000).map(|_| tokio::spawn(flights.join(one, || gated(&runs, &gate), Err("lost")))).collect();
    tokio::task::yield_now().await;
    gate.add_permits(1);
    for flight in waiting {
        assert_eq!(flight.await.unwrap(), Ok(1));
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_leader_who_hangs_up_cancels_nobody() {
    let (flights, runs, gate) = (SingleFlight::new(), Arc::default(), Arc::new(Semaphore::new(0)));
    let one = name();
    let leader = flights.join(one, || gated(&runs, &gate), Err("lost"));
    let follower = flights.join(one, || gated(&runs, &gate), Err("lost"));
    drop(leader);
    gate.add_permits(1);
    assert_eq!(follower.await, Ok(1));
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_error_is_shared_and_the_next_caller_tries_anew() {
    let flights = SingleFlight::new();
    let one = name();
    let gate = Arc::new(Semaphore::new(0));
    let failing = |gate: Arc<Semaphore>| async move {
        gate.acquire().await.unwrap().forget();
        Err::<u32, _>("down")
    };
    let waiting: Vec<_> = (0..5).map(|_| flights.join(one, || failing(gate.clone()), Err("lost"))).collect();
    gate.add_permits(1);
    for flight in waiting {
        assert_eq!(flight.await, Err("down"));
    }
    assert_eq!(flights.join(one, || async { Ok(7) }, Err("lost")).await, Ok(7));
}

#[tokio::test]
async fn work_that_panics_answers_everyone_who_waits() {
    let flights = SingleFlight::new();
    let one = name();
    let gate = Arc::new(Semaphore::new(0));
    let work = |gate: Arc<Semaphore>| async move {
        let permit = gate.acquire().await;
        assert!(permit.is_err(), "a panic on purpose");
        Ok(1)
    };
    let waiting: Vec<_> = (0..2).map(|_| flights.join(one, || work(gate.clone()), Err("lost"))).collect();
    gate.add_permits(1);
    for flight in waiting {
        assert_eq!(flight.await, Err("lost"));
    }
    assert_eq!(flights.join(one, || async { Ok(2) }, Err("lost")).await, Ok(2));
}

#[test]
fn work_that_never_waits_needs_no_runtime() {
    let flights = SingleFlight::new();
    let mut flight = std::pin::pin!(flights.join(name(), || async { 1 }, 0));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert_eq!(flight.as_mut().poll(&mut context), std::task::Poll::Ready(1));
}

struct Caller;

impl std::task::Wake for Caller {
    fn wake(self: Arc<Self>) {}
}

#[tokio::test]
async fn callers_who_hang_up_leave_nothing_behind() {
    let (flights, runs, gate) = (SingleFlight::new(), Arc::default(), Arc::new(Semaphore::new(0)));
    let one = name();
    let leader = flights.join(one, || gated(&runs, &gate), Err("lost"));
    let caller = Arc::new(Caller);
    for _ in 0..100 {
        let waker = std::task::Waker::from(caller.clone());
        let mut follower = std::pin::pin!(flights.join(one, || gated(&runs, &gate), Err("lost")));
        assert!(follower.as_mut().poll(&mut std::task::Context::from_waker(&waker)).is_pending());
    }
    assert_eq!(Arc::strong_count(&caller), 1, "a waker keeps its caller's task in memory");
    gate.add_permits(1);
    assert_eq!(leader.await, Ok(1));
}
