//! Two configurations share nothing, two places are two credentials, and whatever strangers send
//! takes a bounded space.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use remint_core::{Audience, IssuerId};
use remint_normalize::{Normalizer, NormalizerBuilder, Pass, Progress, Rejection};
use remint_revocation::Revocations;
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, api_key_of};

fn edge(
    known: &FakeAuthenticator,
    audience: &str,
    with: impl FnOnce(NormalizerBuilder) -> NormalizerBuilder,
) -> Normalizer {
    let clock = ManualClock::default();
    let (url, audience) = (IssuerId::new("https://auth.internal").unwrap(), Audience::new(audience).unwrap());
    let builder = Normalizer::builder(url, audience, FakeIssuer::new(clock.clone()));
    with(builder.authenticator(known.clone()).clock(clock)).build().unwrap()
}

fn head(name: &str, value: &str) -> http::Request<()> {
    http::Request::get("/").header(name, value).body(()).unwrap()
}

/// Who passes with this header, and whether it was known already.
async fn ask(edge: &Normalizer, name: &str, value: &str) -> (Result<String, &'static str>, bool) {
    match edge.begin((&head(name, value)).into()) {
        Progress::Hit(pass, _) => (Ok(pass.identity().subject.to_string()), true),
        Progress::Miss(exchange, _) => (named(exchange.await), false),
        Progress::Rejected(rejection) => (named(Err(rejection)), true),
        Progress::Anonymous(_) => panic!("it holds a credential"),
    }
}

fn named(outcome: Result<Pass, Rejection>) -> Result<String, &'static str> {
    outcome.map(|pass| pass.identity().subject.to_string()).map_err(|rejection| rejection.reason())
}

#[tokio::test]
async fn two_configurations_share_no_outcome_though_they_share_all_else() {
    let known = FakeAuthenticator::new();
    let revocations = Revocations::in_memory(ManualClock::default()).unwrap();
    let with = |policy: &'static str| {
        let revocations = revocations.clone();
        move |builder: NormalizerBuilder| builder.revocations(revocations).policy_version(policy)
    };
    let edges = [edge(&known, "a", with("1")), edge(&known, "b", with("1")), edge(&known, "a", with("2"))];
    known.answer("good", Ok(api_key_of("alice")));
    for (asked, edge) in edges.iter().enumerate() {
        assert_eq!(ask(edge, "x-api-key", "good").await, (Ok("alice".to_owned()), false));
        assert_eq!(ask(edge, "x-api-key", "good").await, (Ok("alice".to_owned()), true));
        assert!(ask(edge, "x-api-key", "bad").await.0.is_err());
        assert_eq!(known.asked(), 2 * (asked + 1), "each asks for itself, for good and for bad");
    }
}

#[tokio::test]
async fn the_same_text_in_two_places_is_two_exchanges_under_way() {
    let known = FakeAuthenticator::new();
    known.answer("good", Ok(api_key_of("alice")));
    let (gate, edge) = (known.gate(), edge(&known, "a", |builder| builder));
    let begin = |name, value| match edge.begin((&head(name, value)).into()) {
        Progress::Miss(exchange, _) => exchange,
        _ => panic!("not a miss"),
    };
    let places = [("x-api-key", "good"), ("authorization", "Token good"), ("authorization", "Bearer good")];
    let exchanges: Vec<_> = [places, places].concat().into_iter().map(|(name, value)| begin(name, value)).collect();
    assert_eq!(known.asked(), 3, "one for each place, shared by those who came with the same");
    gate.add_permits(3);
    for exchange in exchanges {
        assert_eq!(exchange.await.unwrap().identity().subject.as_str(), "alice");
    }
}

#[tokio::test]
async fn bogus_credentials_take_a_bounded_space_and_drive_nobody_out() {
    let known = FakeAuthenticator::new();
    known.answer("good", Ok(api_key_of("alice")));
    let edge = edge(&known, "a", |builder| builder.cache_capacity(1 << 20));
    assert!(ask(&edge, "x-api-key", "good").await.0.is_ok());
    let usage = edge.cache_usage();
    let bogus = async |numbers: std::ops::Range<u32>| {
        for number in numbers {
            let text = format!("{number:0>200}");
            assert_eq!(ask(&edge, "x-api-key", &text).await, (Err("signature"), false));
        }
    };
    // Until the space for denials is full, and as many again for the allocator to settle.
    bogus(0..60_000).await;
    let before = resident();
    bogus(60_000..300_000).await;
    let grown = resident().saturating_sub(before);
    assert!(grown < 4 << 20, "240 000 credentials of 200 bytes left {grown} bytes");
    assert_eq!(edge.cache_usage(), usage, "denials have a space of their own");
    assert_eq!(ask(&edge, "x-api-key", "good").await, (Ok("alice".to_owned()), true));
}

/// How many bytes of memory this process holds; zero where that cannot be asked so.
fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or_default() * 4096
}
