//! The cached hit.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a benchmark")]

use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::hint::black_box;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use remint_benches::measure::{Contestant, rounds};
use remint_core::*;
use remint_normalize::Normalizer;
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, jwt_of};
use remint_tower::NormalizeLayer;
use tower::{Layer, Service};

#[derive(Clone)]
struct Bare;

#[derive(Debug)]
struct Body;
impl From<Bytes> for Body {
    fn from(_: Bytes) -> Self {
        Body
    }
}

impl Service<Request<()>> for Bare {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }
    fn call(&mut self, request: Request<()>) -> Self::Future {
        black_box(&request);
        ready(Ok(Response::new(Body)))
    }
}

fn headers(authorization: &str) -> HeaderMap {
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
        map.insert(name, value.parse().unwrap());
    }
    map
}

fn call<S: Service<Request<()>>>(service: &mut S, headers: &HeaderMap) {
    let mut request = Request::new(());
    *request.headers_mut() = headers.clone();
    request.extensions_mut().insert(1_u8);
    let future = pin!(service.call(request));
    let mut context = Context::from_waker(Waker::noop());
    match future.poll(&mut context) {
        Poll::Ready(response) => drop(black_box(response)),
        Poll::Pending => panic!("pending"),
    }
}

fn main() {
    let known = FakeAuthenticator::new();
    let token = format!("eyJhbGciOiJSUzI1NiJ9.{}.{}", "e".repeat(535), "s".repeat(342));
    let key = "rmt_live_0123456789abcdefghijABCDEFGHIJ012345abcdef";
    known.answer(&token, Ok(jwt_of("bob", Timestamp::from_secs(1), Timestamp::MAX)));
    known.answer(key, Ok(jwt_of("bob", Timestamp::from_secs(1), Timestamp::MAX)));
    let clock = ManualClock::at(SystemClock.now());
    let normalizer = Normalizer::builder(
        IssuerId::new("https://auth.internal").unwrap(),
        Audience::new("internal").unwrap(),
        FakeIssuer::new(clock),
    )
    .authenticator(known)
    .build()
    .unwrap();
    let layer = NormalizeLayer::new(normalizer);
    let mut bare = Bare;
    let (jwt, keyh) = (headers(&format!("Bearer {token}")), headers(&format!("Api-Key {key}")));
    let mut a = layer.layer(Bare);
    let mut b = layer.layer(Bare);
    let print = remint_cache::Fingerprinter::new("a", "b").unwrap();
    let ex = remint_credential::Extractor::default();
    let mut rt = vec![
        Contestant::new("bare", || call(&mut bare, &jwt)),
        Contestant::new("layer hit jwt", || call(&mut a, &jwt)),
        Contestant::new("layer hit key", || call(&mut b, &keyh)),
        Contestant::new("fingerprint jwt", || {
            black_box(print.fingerprint(Slot::Bearer, black_box(token.as_bytes())));
        }),
        Contestant::new("extract", || {
            let head = remint_credential::RequestHead { method: &http::Method::GET, uri: &http::Uri::from_static("/"), headers: &jwt };
            black_box(ex.extract(black_box(head)).unwrap());
        }),
        Contestant::new("clock", || {
            black_box(SystemClock.now());
        }),
    ];
    let _ = Arc::new(1);
    for row in rounds(&mut rt, 15, 20) {
        println!("{:20} {:8.1} [{:.1}-{:.1}] {} allocs {} B", row.name, row.nanos, row.low, row.high, row.allocations, row.bytes);
    }
}
