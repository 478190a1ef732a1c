//! A thread without a runtime.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use async_trait::async_trait;
use http::Method;
use remint_core::{
    Authentication, Authenticator, Credential, Refusal, ReplayKey, ReplayStore, Timestamp, Unavailable, Verified,
};
use remint_dpop::MemoryReplays;
use remint_gate::{Decision, Gate, RequestHead, Verdict};
use remint_guard::Policy;
use remint_normalize::Normalizer;
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeIssuer, api_key_of};

use crate::bound::Edge;
use crate::support::{forwarded, headers};

/// Waits for a timer of Tokio, which asks for a runtime where it is made.
#[derive(Debug)]
struct Slow(Duration);

#[async_trait]
impl Authenticator for Slow {
    async fn authenticate(&self, _: Credential<'_>) -> Result<Option<Verified<Authentication>>, Refusal> {
        tokio::time::sleep(self.0).await;
        #[expect(clippy::disallowed_methods, reason = "a fake of an authenticator")]
        Ok(Some(Verified::vouch(api_key_of("alice"))))
    }
}

/// A replay store that waits for a timer of Tokio.
#[derive(Debug)]
struct SlowReplays(MemoryReplays);

#[async_trait]
impl ReplayStore for SlowReplays {
    async fn first_use(&self, name: ReplayKey, now: Timestamp, until: Timestamp) -> Result<bool, Unavailable> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.0.first_use(name, now, until).await
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls on this thread, without a runtime.
fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

fn ask(gate: &Gate, text: &str) -> Verdict<'static> {
    let map = headers(&[("x-api-key", text)]);
    match gate.decide(RequestHead::new(&Method::GET, "/", &map)) {
        Decision::Waiting(waiting) => block_on(waiting),
        Decision::Ready(_) => panic!("it is not remembered"),
    }
}

#[test]
fn work_that_waits_goes_on_in_the_runtime_of_the_gate() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let gate = Gate::new(slow_line(), Policy::new()).with_runtime(runtime.handle().clone());
    thread::spawn(move || {
        assert!(tokio::runtime::Handle::try_current().is_err());
        assert_eq!(forwarded(ask(&gate, "any")).identity.unwrap().subject.as_str(), "alice");
        let map = headers(&[("x-api-key", "any")]);
        let again = gate.decide(RequestHead::new(&Method::GET, "/", &map));
        assert!(matches!(again, Decision::Ready(Verdict::Forward(_))), "it is remembered");
    })
    .join()
    .unwrap();
}

#[test]
fn what_is_polled_after_the_decision_runs_within_the_runtime_of_the_gate() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let edge = Edge::with_replays(false, SlowReplays(MemoryReplays::new(100)));
    let gate = edge.gate.clone().with_runtime(runtime.handle().clone());
    thread::spawn(move || {
        for _ in 0..2 {
            let request = edge.request(None);
            let Decision::Waiting(waiting) = gate.decide(RequestHead::new(&Method::GET, "/jobs", &request)) else {
                panic!("its proof must be spent")
            };
            forwarded(block_on(waiting));
        }
    })
    .join()
    .unwrap();
}

#[test]
fn without_a_runtime_the_work_cannot_wait() {
    let gate = Gate::new(slow_line(), Policy::new());
    let outcome = thread::spawn(move || drop(ask(&gate, "any"))).join();
    assert!(outcome.is_err(), "it panics, as documented");
}

fn slow_line() -> Normalizer {
    let clock = ManualClock::default();
    let issuer = FakeIssuer::new(clock.clone());
    let (url, audience) = ("https://auth.internal".parse().unwrap(), "internal".parse().unwrap());
    let builder = Normalizer::builder(url, audience, issuer);
    builder.authenticator(Slow(Duration::from_millis(5))).clock(clock).build().unwrap()
}
