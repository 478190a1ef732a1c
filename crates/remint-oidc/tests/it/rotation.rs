//! What a rotation costs, with a provider whose copies of the key set are not all of one age.

use std::sync::Arc;
use std::time::Duration;

use remint_core::{DeniedKind, Refusal};
use remint_jwt::JwkSet;
use remint_oidc::Trust;

use crate::support::{AUDIENCE, Edge, FakeHttp, ISSUER, Provider};

const SECOND: Duration = Duration::from_secs(1);
const MILLISECOND: Duration = Duration::from_millis(1);

/// Both clocks move: the one of the day and the monotonic one.
async fn pass(provider: &Provider, time: Duration) {
    provider.clock.advance(time);
    tokio::time::advance(time).await;
}

struct Rotation {
    old: Provider,
    new: Provider,
    http: Arc<FakeHttp>,
    edge: Edge,
}

#[expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test may panic")]
impl Rotation {
    /// The edge knows the old key, and has known it for a minute.
    async fn begun() -> Self {
        let (old, new, http) = (Provider::new(), Provider::new(), FakeHttp::new());
        http.discovery(ISSUER, ISSUER, old.jwks().to_json());
        let edge = Edge::new([Trust::oidc(ISSUER, AUDIENCE)], http.clone(), &old.clock);
        edge.0.start().await;
        pass(&old, 60 * SECOND).await;
        Self { old, new, http, edge }
    }

    /// From now on this is the copy that answers.
    fn serves(&self, keys: &[&Provider]) {
        let keys = keys.iter().map(|provider| provider.key.public_jwk().clone()).collect::<Vec<_>>();
        self.http.discovery(ISSUER, ISSUER, JwkSet::try_from(keys).unwrap().to_json());
    }

    fn token(&self, signer: &Provider) -> String {
        signer.sign(&self.old.claims())
    }

    /// How many of a second's 1,000 requests are denied, none of them for another reason than the key.
    async fn second(&self, token: &str) -> usize {
        let mut denied = 0;
        for _ in 0..1000 {
            match self.edge.ask(token).await {
                Ok(_) => {}
                Err(Refusal::Denied(refusal)) if refusal.kind() == DeniedKind::UnknownKeyId => denied += 1,
                other => panic!("{other:?}"),
            }
            pass(&self.old, MILLISECOND).await;
        }
        denied
    }
}

#[tokio::test(start_paused = true)]
async fn an_old_copy_that_is_served_once_heals_in_ten_seconds() {
    let rotation = Rotation::begun().await;
    let token = rotation.token(&rotation.new);
    let asked = rotation.http.asked().len();
    assert_eq!(rotation.edge.denies(&token).await, DeniedKind::UnknownKeyId, "a replica has the old copy");
    rotation.serves(&[&rotation.old, &rotation.new]);
    pass(&rotation.old, 10 * SECOND).await;
    assert_eq!(rotation.edge.denies(&token).await, DeniedKind::UnknownKeyId);
    assert_eq!(rotation.http.asked().len(), asked + 1);
    pass(&rotation.old, MILLISECOND).await;
    rotation.edge.accepts(&token).await;
    rotation.edge.accepts(&rotation.token(&rotation.old)).await;
    assert_eq!(rotation.http.asked().len(), asked + 2);
}

#[tokio::test(start_paused = true)]
async fn an_old_copy_that_comes_after_the_new_one_heals_too() {
    let rotation = Rotation::begun().await;
    rotation.serves(&[&rotation.old, &rotation.new]);
    rotation.edge.accepts(&rotation.token(&rotation.new)).await;
    rotation.serves(&[&rotation.old]);
    // The refresh in the background, five minutes after the last.
    for _ in 0..300 {
        pass(&rotation.old, SECOND).await;
        tokio::task::yield_now().await;
    }
    let token = rotation.token(&rotation.new);
    assert_eq!(rotation.edge.denies(&token).await, DeniedKind::UnknownKeyId, "the old copy took its place");
    rotation.serves(&[&rotation.new]);
    pass(&rotation.old, 10 * SECOND + MILLISECOND).await;
    rotation.edge.accepts(&token).await;
}

#[tokio::test(start_paused = true)]
async fn a_rotation_under_a_thousand_requests_a_second_denies_nobody_where_the_key_is_published_first() {
    let rotation = Rotation::begun().await;
    let asked = rotation.http.asked().len();
    let old = rotation.token(&rotation.old);
    assert_eq!(rotation.second(&old).await, 0);
    rotation.serves(&[&rotation.old, &rotation.new]);
    let new = rotation.token(&rotation.new);
    for token in [&new, &old, &new] {
        assert_eq!(rotation.second(token).await, 0);
    }
    assert_eq!(rotation.http.asked().len(), asked + 1, "one fetch for all of them");
}

#[tokio::test(start_paused = true)]
async fn a_rotation_under_a_thousand_requests_a_second_costs_ten_seconds_where_a_copy_is_old() {
    let rotation = Rotation::begun().await;
    let asked = rotation.http.asked().len();
    let new = rotation.token(&rotation.new);
    let mut denied = vec![rotation.second(&new).await];
    rotation.serves(&[&rotation.new]);
    for _ in 0..11 {
        denied.push(rotation.second(&new).await);
    }
    assert_eq!(denied.iter().sum::<usize>(), 10_001, "{denied:?}");
    assert_eq!(denied.last(), Some(&0));
    assert_eq!(rotation.http.asked().len(), asked + 2);
}
