use std::time::Instant;

use remint_benches::service::{Bare, ten_headers};
use remint_core::{Audience, Clock, IssuerId, SystemClock, Timestamp};
use remint_normalize::Normalizer;
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, jwt_of};
use remint_tower::NormalizeLayer;
use tower::{Layer, Service};

use super::title;

pub(crate) fn print(runtime: &tokio::runtime::Runtime) {
    title("10,000 callers at once with one cold credential, whose check waits for 10 ms");
    let mut times: Vec<_> = (0..7).map(|_| runtime.block_on(once())).collect();
    times.sort_by(f64::total_cmp);
    println!("median {:.1} ms until the last has its answer; one authentication each time", times[3] * 1e3);
}

async fn once() -> f64 {
    let known = FakeAuthenticator::new();
    known.answer("a.b.c", Ok(jwt_of("bob", Timestamp::from_secs(1), Timestamp::MAX)));
    let gate = known.gate();
    let clock = ManualClock::at(SystemClock.now());
    let (url, audience) = (IssuerId::new("https://auth.internal").unwrap(), Audience::new("internal").unwrap());
    let normalizer =
        Normalizer::builder(url, audience, FakeIssuer::new(clock)).authenticator(known.clone()).build().unwrap();
    let service = NormalizeLayer::new(normalizer).layer(Bare);
    let headers = ten_headers("Bearer a.b.c");
    let start = Instant::now();
    let callers: Vec<_> = (0..10_000)
        .map(|_| {
            let (mut service, headers) = (service.clone(), headers.clone());
            tokio::spawn(async move {
                let mut request = http::Request::new(());
                *request.headers_mut() = headers;
                service.call(request).await.map(|response| response.status())
            })
        })
        .collect();
    tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        gate.add_permits(1);
    });
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap(), 200);
    }
    assert_eq!(known.asked(), 1);
    start.elapsed().as_secs_f64()
}
