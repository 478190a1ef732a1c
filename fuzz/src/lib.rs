//! What holds whatever is sent, as functions of the input. The fuzz targets call them with bytes that a fuzzer
//! chose, `tests/e2e/tests/arbitrary.rs` with the seeds and with bytes that proptest chose.

pub mod answers;
pub mod form;
pub mod identity;
pub mod loopback;
pub mod proof;
pub mod sender;

use std::future::Future;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response};
use tower::ServiceExt as _;

thread_local! {
    static RUNTIME: tokio::runtime::Runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
}

/// Runs a future to its end on this thread.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.with(|runtime| runtime.block_on(future))
}

/// One request to a router: the answer, and its body.
pub async fn ask(app: &Router, request: Request<Body>) -> (Response<()>, Vec<u8>) {
    let answer = match app.clone().oneshot(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    };
    let (parts, body) = answer.into_parts();
    let bytes = to_bytes(body, 1 << 20).await.expect("a body in memory");
    (Response::from_parts(parts, ()), bytes.to_vec())
}

/// Splits the first byte off, as a choice among so many.
pub fn choice(bytes: &[u8], among: usize) -> (usize, &[u8]) {
    match bytes.split_first() {
        Some((first, rest)) => (usize::from(*first) % among, rest),
        None => (0, bytes),
    }
}
