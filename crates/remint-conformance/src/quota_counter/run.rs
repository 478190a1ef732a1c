use std::future::Future;
use std::sync::{Arc, Barrier};

use tokio::runtime::{Builder, Handle};
use tokio::task::spawn_blocking;

use remint_core::QuotaAnswer;

/// Runs a case, on a runtime of its own: a crate whose counter answers at once has none.
pub fn run(case: impl Future<Output = ()>) {
    Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(case);
}

pub(super) const CALLERS: usize = 8;

/// Runs so many callers at once, each on a thread of its own, and gathers what they return.
pub(super) async fn at_once<T: Send + 'static>(call: impl Fn(usize) -> T + Send + Sync + 'static) -> Vec<T> {
    let (call, start) = (Arc::new(call), Arc::new(Barrier::new(CALLERS)));
    let callers: Vec<_> = (0..CALLERS)
        .map(|number| {
            let (call, start) = (Arc::clone(&call), Arc::clone(&start));
            spawn_blocking(move || {
                start.wait();
                call(number)
            })
        })
        .collect();
    let mut outcomes = Vec::new();
    for caller in callers {
        outcomes.push(caller.await.expect("a caller that does not panic"));
    }
    outcomes
}

/// The answer, in one of the callers.
pub(super) fn wait<T>(answer: QuotaAnswer<T>) -> T {
    match answer {
        QuotaAnswer::Now(answer) => answer,
        QuotaAnswer::Later(answer) => Handle::current().block_on(answer),
    }
    .expect("the counter answers")
}
