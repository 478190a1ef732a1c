use std::hint::black_box;
use std::sync::Barrier;
use std::time::Instant;

use remint_benches::service::{Bare, call, ten_headers};
use remint_normalize::Normalizer;
use remint_tower::NormalizeLayer;
use tower::Layer;

use super::many::World;
use super::title;

const ROUNDS: usize = 15;
const CALLS: usize = 60_000;

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
fn run(normalizer: &Normalizer, headers: &[http::HeaderMap]) -> f64 {
    let layer = NormalizeLayer::new(normalizer.clone());
    timed(headers.len(), |index| {
        let mut service = layer.layer(Bare);
        // A copy that shares no count with the other thread's.
        let headers = own(&headers[index]);
        move || drop(black_box(call(&mut service, &headers)))
    })
}

fn bare(threads: usize) -> f64 {
    timed(threads, |_| {
        let (mut service, headers) = (Bare, ten_headers(&format!("Bearer {}", "x".repeat(900))));
        move || drop(black_box(call(&mut service, &headers)))
    })
}

fn own(headers: &http::HeaderMap) -> http::HeaderMap {
    headers.iter().map(|(n, v)| (n.clone(), http::HeaderValue::from_bytes(v.as_bytes()).unwrap())).collect()
}

fn timed<W: FnMut()>(threads: usize, work: impl Fn(usize) -> W + Sync) -> f64 {
    let barrier = Barrier::new(threads + 1);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|index| {
                let (barrier, work) = (&barrier, &work);
                scope.spawn(move || {
                    let mut work = work(index);
                    (0..2_000).for_each(|_| work());
                    barrier.wait();
                    let start = Instant::now();
                    (0..CALLS).for_each(|_| work());
                    start.elapsed().as_secs_f64()
                })
            })
            .collect();
        barrier.wait();
        running.into_iter().map(|thread| thread.join().unwrap()).fold(0.0, f64::max)
    })
}

fn median(samples: &mut [f64]) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}
