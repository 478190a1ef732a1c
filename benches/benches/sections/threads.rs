use std::convert::Infallible;
use std::future::{Ready, ready};
use std::hint::black_box;
use std::sync::Barrier;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Request, Response};
use remint_benches::service::{poll_now, request, ten_headers};
use remint_normalize::Normalizer;
use remint_tower::NormalizeLayer;
use tower::{Layer, Service};

use super::many::World;
use super::title;

const ROUNDS: usize = 7;
const CALLS: usize = 3_000_000;

pub(crate) fn print() {
    title("One and two threads (hits through the layer; work done in the same time, two ÷ one)");
    let world = World::new(1_000);
    let headers = |number| world.tokens.get(number);
    let same = [headers(7), headers(7)];
    let other = [headers(7), headers(8)];
    for (name, pair) in [("all traffic carries one credential", &same), ("each thread has its own", &other)] {
        let mut with = Vec::new();
        let mut without = Vec::new();
        for _ in 0..ROUNDS {
            let (one, two) = (run(&world.normalizer, &pair[..1]), run(&world.normalizer, pair));
            with.push(2.0 * one / two);
            let (one, two) = (bare(1), bare(2));
            without.push(2.0 * one / two);
        }
        println!("{name:44} × {:.2}   (the bare service: × {:.2})", median(&mut with), median(&mut without));
    }
}

/// Seconds until every thread has made its calls.
fn run(normalizer: &Normalizer, headers: &[HeaderMap]) -> f64 {
    let layer = NormalizeLayer::new(normalizer.clone());
    timed(headers.len(), |index| {
        let mut service = layer.layer(Boomerang);
        // A copy that shares no count with the other thread's.
        (own(&headers[index]), move |sent| poll_now(service.call(sent)).unwrap())
    })
}

fn bare(threads: usize) -> f64 {
    let headers = ten_headers(&format!("Bearer {}", "x".repeat(900)));
    timed(threads, |_| (own(&headers), |sent| poll_now(Boomerang.call(sent)).unwrap()))
}

fn own(headers: &HeaderMap) -> HeaderMap {
    headers.iter().map(|(n, v)| (n.clone(), HeaderValue::from_bytes(v.as_bytes()).unwrap())).collect()
}

/// One request in each thread, which comes back and is sent again with its credential put back: what
/// is timed makes no requests, so it measures how the layer scales and not how the allocator does.
fn timed<W>(threads: usize, work: impl Fn(usize) -> (HeaderMap, W) + Sync) -> f64
where
    W: FnMut(Request<()>) -> Response<Back>,
{
    let barrier = Barrier::new(threads);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|index| {
                let (barrier, work) = (&barrier, &work);
                scope.spawn(move || {
                    let (headers, mut send) = work(index);
                    let credential = headers[AUTHORIZATION].clone();
                    let mut there = Some(request(&headers));
                    let mut again = || {
                        let mut sent = there.take().unwrap();
                        sent.headers_mut().insert(AUTHORIZATION, credential.clone());
                        there = black_box(send(sent)).into_body().0;
                    };
                    (0..2_000).for_each(|_| again());
                    barrier.wait();
                    let start = Instant::now();
                    (0..CALLS).for_each(|_| again());
                    start.elapsed().as_secs_f64()
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).fold(0.0, f64::max)
    })
}

/// Answers with the request itself.
#[derive(Debug, Clone)]
struct Boomerang;

struct Back(Option<Request<()>>);

impl From<Bytes> for Back {
    fn from(_: Bytes) -> Self {
        unreachable!("nothing is denied here")
    }
}

impl Service<Request<()>> for Boomerang {
    type Response = Response<Back>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Back>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        ready(Ok(Response::new(Back(Some(request)))))
    }
}

fn median(samples: &mut [f64]) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}
