//! A hit allocates nothing.

use allocation_counter::measure;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use remint_core::Timestamp;
use remint_gate::{Decision, Gate, RequestHead, Verdict};
use remint_guard::Policy;
use remint_normalize::Normalizer;
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, jwt_of};

#[tokio::test]
async fn a_hit_and_its_edits_allocate_nothing() {
    let known = FakeAuthenticator::new();
    known.answer("a.b.good", Ok(jwt_of("alice", Timestamp::from_secs(1), Timestamp::MAX)));
    let clock = ManualClock::default();
    let (issuer, audience) = ("https://auth.internal".parse().unwrap(), "internal".parse().unwrap());
    let builder = Normalizer::builder(issuer, audience, FakeIssuer::new(clock.clone()));
    let gate = Gate::new(builder.authenticator(known).clock(clock).build().unwrap(), Policy::new());

    let sent = [("host", "api.example"), ("authorization", "Bearer a.b.good"), ("connection", "keep-alive")];
    let map: HeaderMap = sent.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect();
    let lines = sent.map(|(name, value)| (name.as_bytes(), value.as_bytes()));

    // The thread's own copy is made for a credential that comes twice in a row.
    for _ in 0..3 {
        match gate.decide(RequestHead::new(&Method::GET, "/", &map)) {
            Decision::Waiting(waiting) => drop(waiting.await),
            Decision::Ready(verdict) => drop(verdict),
        }
    }
    let mut forwarded = map.clone();
    forwarded.reserve(4);
    let of_map = measure(|| match gate.decide(RequestHead::new(&Method::GET, "/", &map)) {
        Decision::Ready(Verdict::Forward(forward)) => forward.edits.apply(&mut forwarded),
        _ => panic!("it is remembered"),
    });
    let mut told = 0;
    let of_lines = measure(|| match gate.decide(RequestHead::new(&Method::GET, "/", &lines[..])) {
        Decision::Ready(Verdict::Forward(forward)) => forward.edits.each(&lines[..], |_| told += 1),
        _ => panic!("it is remembered"),
    });
    assert_eq!((of_map.count_total, of_lines.count_total, told), (0, 0, 1));
}
