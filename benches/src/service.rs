//! The bare inner service, and one call of a service without a runtime around it.

use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use tower::Service;

/// Answers at once and with nothing.
#[derive(Debug, Clone)]
pub struct Bare;

/// A body of no bytes.
#[derive(Debug, Default)]
pub struct Empty;

impl From<Bytes> for Empty {
    fn from(_: Bytes) -> Self {
        Self
    }
}

impl Service<Request<()>> for Bare {
    type Response = Response<Empty>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Empty>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        black_box(&request);
        ready(Ok(Response::new(Empty)))
    }
}

/// Ten headers, `Authorization` among them.
#[must_use]
pub fn ten_headers(authorization: &str) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in [
        ("host", "api.example"),
        ("user-agent", "bench/1.0"),
        ("accept", "*/*"),
        ("accept-encoding", "gzip, br"),
        ("content-type", "application/json"),
        ("content-length", "0"),
        ("x-request-id", "0123456789abcdef"),
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("authorization", authorization),
        ("connection", "keep-alive"),
    ] {
        map.insert(name, HeaderValue::from_str(value).expect("a header value"));
    }
    map
}

/// One request with these headers, its extensions already in use, as they are behind a server.
#[must_use]
pub fn request(headers: &HeaderMap) -> Request<()> {
    let mut request = Request::new(());
    *request.headers_mut() = headers.clone();
    request.extensions_mut().insert(1_u8);
    request
}

/// One call.
///
/// # Panics
///
/// If the answer is not there at once.
pub fn send<S>(service: &mut S, request: Request<()>) -> S::Response
where
    S: Service<Request<()>, Error = Infallible>,
{
    poll_now(service.call(request)).unwrap_or_else(|never| match never {})
}

/// One call with these headers.
///
/// # Panics
///
/// If the answer is not there at once.
pub fn call<S>(service: &mut S, headers: &HeaderMap) -> S::Response
where
    S: Service<Request<()>, Error = Infallible>,
{
    send(service, request(headers))
}

/// The outcome of a future that does not wait.
///
/// # Panics
///
/// If it waits.
pub fn poll_now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("it waits"),
    }
}
