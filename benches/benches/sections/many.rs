use http::HeaderMap;
use remint_benches::measure::{Contestant, rounds};
use remint_benches::service::{Bare, call, request, send, ten_headers};
use remint_cache::LifetimeRule;
use remint_core::{Audience, Clock, IssuerId, SystemClock, Timestamp};
use remint_normalize::Normalizer;
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, jwt_of};
use remint_tower::{Normalize, NormalizeLayer};
use tower::Layer;

use super::{rows, title};

pub(crate) fn print() {
    title("Cached hits by the number of entries (900-byte JWT; hot: 100 of them; uniform: all of them, at random)");
    for count in [1_usize, 1_000, 100_000, 1_000_000] {
        let mut world = World::new(count);
        let mut again = world.service.clone();
        let mut bare = Bare;
        let (mut plain, mut hot, mut uniform) = (Walk::new(count), Walk::new(count.min(100)), Walk::new(count));
        let tokens = &world.tokens;
        let table = rounds(
            &mut [
                Contestant::on("the bare service", || request(&tokens.get(plain.next())), |sent| send(&mut bare, sent)),
                Contestant::on(
                    format!("{count} entries, hot"),
                    || request(&tokens.get(hot.next())),
                    |sent| send(&mut world.service, sent),
                ),
                Contestant::on(
                    format!("{count} entries, uniform"),
                    || request(&tokens.get(uniform.next())),
                    |sent| send(&mut again, sent),
                ),
            ],
            11,
            10,
        );
        rows(&table, table[0].nanos);
    }
}

/// An edge whose cache holds `count` entries.
pub(crate) struct World {
    pub(crate) service: Normalize<Bare>,
    pub(crate) normalizer: Normalizer,
    pub(crate) tokens: Tokens,
}

impl World {
    pub(crate) fn new(count: usize) -> Self {
        let known = FakeAuthenticator::new();
        let clock = ManualClock::at(SystemClock.now());
        let lifetime = LifetimeRule { max_ttl: std::time::Duration::from_secs(3600), ..LifetimeRule::default() };
        let normalizer = Normalizer::builder(
            IssuerId::new("https://auth.internal").unwrap(),
            Audience::new("internal").unwrap(),
            FakeIssuer::new(clock.clone()).padded(700),
        )
        .authenticator(known.clone())
        .lifetime(lifetime)
        .clock(clock)
        .cache_capacity(8 << 30)
        .build()
        .unwrap();
        let mut service = NormalizeLayer::new(normalizer.clone()).layer(Bare);
        let tokens = Tokens { template: ten_headers("Bearer x") };
        for number in 0..count {
            known.answer(&Tokens::text(number), Ok(jwt_of("bob", Timestamp::from_secs(1), Timestamp::MAX)));
            assert_eq!(call(&mut service, &tokens.get(number)).status(), 200);
            known.forget();
        }
        Self { service, normalizer, tokens }
    }
}

/// Tokens by number, made when asked for: a million of them would fill the memory.
pub(crate) struct Tokens {
    template: HeaderMap,
}

impl Tokens {
    fn text(number: usize) -> String {
        format!("eyJhbGciOiJSUzI1NiJ9.{number:0>535}.{}", "s".repeat(342))
    }

    pub(crate) fn get(&self, number: usize) -> HeaderMap {
        let mut headers = self.template.clone();
        headers.insert("authorization", format!("Bearer {}", Self::text(number)).parse().unwrap());
        headers
    }
}

/// Numbers below a bound, in an order without a pattern.
pub(crate) struct Walk {
    state: u64,
    bound: u64,
}

impl Walk {
    pub(crate) fn new(bound: usize) -> Self {
        Self { state: 0x9e37_79b9_7f4a_7c15, bound: bound as u64 }
    }

    pub(crate) fn next(&mut self) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state % self.bound) as usize
    }
}
