//! A provider whose key set is served from an old copy once after a rotation.

use std::time::{Duration, Instant};

use remint::KeySetSettings;
use remint_e2e::{Edge, PATIENCE};

use crate::provider::Provider;

const REFETCH_AFTER: Duration = Duration::from_millis(1500);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_copy_of_the_key_set_costs_no_more_than_the_period_after_which_it_is_fetched_again() {
    let provider = Provider::start().await;
    let settings = KeySetSettings { refetch_after: REFETCH_AFTER, ..KeySetSettings::default() };
    let trust = provider.trust().key_set_settings(settings);
    let edge = Edge::start(remint::Algorithm::Es256, [trust]).await.unwrap();
    assert_eq!(edge.send(&provider.token().0).await.unwrap().status, 200);
    // The first fetch is not that old yet: the next one, which has the old copy, is made when it is.
    provider.rotate_behind_a_stale_copy();

    let began = Instant::now();
    let (healed, refused) = tokio::time::timeout(PATIENCE, async {
        let mut refused = Vec::new();
        loop {
            let sent = Instant::now();
            let answer = edge.send(&provider.token().0).await.unwrap();
            match answer.status {
                200 => return (Instant::now(), refused),
                401 => refused.push(sent),
                other => panic!("{other}: {}", answer.body),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();

    let [_, stale, fresh] = provider.asked_at()[..] else { panic!("{:?}", provider.asked_at()) };
    assert!(!refused.is_empty(), "the old copy does not have the key");
    // The period begins when the fetch does, a moment before the provider is asked.
    let last = refused.last().unwrap().saturating_duration_since(stale);
    assert!(last < REFETCH_AFTER, "refused {last:?} after the old copy");
    assert!(fresh - stale + Duration::from_millis(100) > REFETCH_AFTER, "asked again after {:?}", fresh - stale);
    println!("healed {:?} after the rotation; {} refused", healed - began, refused.len());
}
