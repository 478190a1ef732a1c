//! The provider's keys change.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use remint_e2e::{Algorithm, Edge, Outcome, Provider};
use remint_verify::KeySetSettings;
use tokio::task::JoinSet;

use crate::{eager_edge, eventually, trust};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_refused_while_the_provider_announces_its_keys_and_rotates() -> Outcome<()> {
    let provider = Arc::new(Provider::start().await?);
    let settings = KeySetSettings { refresh_interval: Duration::from_secs(1), ..KeySetSettings::default() };
    let edge = Arc::new(Edge::start(remint::Algorithm::Es256, [trust(&provider).key_set_settings(settings)]).await?);
    let (passed, mut callers) = call(&provider, &edge);
    let before = provider.service_token(Algorithm::Es256).await?;

    more(60, &passed, &mut callers).await?;
    provider.announce().await?;
    // The second fetch from here on began after the announcement.
    let announced = provider.fetches().await?;
    while provider.fetches().await? < announced + 2 {
        more(1, &passed, &mut callers).await?;
    }
    provider.promote().await?;
    more(60, &passed, &mut callers).await?;
    assert_eq!(edge.send(&before).await?.status, 200, "the old key is still published");
    provider.retire().await?;
    more(60, &passed, &mut callers).await
}

/// What an unannounced rotation costs otherwise, `remint_keyset`'s own tests say.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edge_that_asks_for_each_unknown_key_refuses_no_request_while_keys_rotate_unannounced() -> Outcome<()> {
    let provider = Arc::new(Provider::start().await?);
    let settings = KeySetSettings { refetch_after: Duration::ZERO, ..KeySetSettings::default() };
    let edge = Arc::new(Edge::start(remint::Algorithm::Es256, [trust(&provider).key_set_settings(settings)]).await?);
    let (passed, mut callers) = call(&provider, &edge);

    more(60, &passed, &mut callers).await?;
    provider.rotate().await?;
    more(60, &passed, &mut callers).await?;
    provider.retire().await?;
    more(60, &passed, &mut callers).await
}

#[tokio::test]
async fn a_key_that_the_provider_took_away_is_dead_after_the_refresh() -> Outcome<()> {
    let provider = Provider::start().await?;
    let edge = eager_edge(&provider).await?;
    let old = provider.service_token(Algorithm::Es256).await?;
    provider.rotate().await?;
    provider.retire().await?;
    let new = provider.service_token(Algorithm::Es256).await?;
    assert_eq!(edge.send(&new).await?.status, 200, "an unknown key is asked for");
    eventually(401, &[503], || edge.send(&old)).await
}

/// Callers of each algorithm, and how many of their requests have passed.
fn call(provider: &Arc<Provider>, edge: &Arc<Edge>) -> (Arc<AtomicUsize>, JoinSet<Outcome<()>>) {
    let (passed, mut callers) = (Arc::<AtomicUsize>::default(), JoinSet::new());
    for algorithm in Algorithm::ALL.into_iter().cycle().take(6) {
        callers.spawn(call_on(algorithm, Arc::clone(provider), Arc::clone(edge), Arc::clone(&passed)));
    }
    (passed, callers)
}

/// Sends one fresh token after the other, and the one before it once more; ends when refused.
async fn call_on(
    algorithm: Algorithm,
    provider: Arc<Provider>,
    edge: Arc<Edge>,
    passed: Arc<AtomicUsize>,
) -> Outcome<()> {
    let mut last = provider.service_token(algorithm).await?;
    loop {
        let fresh = provider.service_token(algorithm).await?;
        for token in [&fresh, &last] {
            let answer = edge.send(token).await?;
            if answer.status != 200 {
                return Err(format!("{algorithm:?}: {} {}", answer.status, answer.body).into());
            }
            passed.fetch_add(1, Ordering::SeqCst);
        }
        last = fresh;
    }
}

/// Waits until so many more requests have passed, or one was refused.
async fn more(count: usize, passed: &AtomicUsize, callers: &mut JoinSet<Outcome<()>>) -> Outcome<()> {
    let goal = passed.load(Ordering::SeqCst) + count;
    while passed.load(Ordering::SeqCst) < goal {
        tokio::select! {
            Some(ended) = callers.join_next() => ended??,
            () = tokio::time::sleep(crate::PAUSE) => {}
        }
    }
    Ok(())
}
