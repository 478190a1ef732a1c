use std::time::Duration;

use remint_core::{Clock, UnavailableKind};

use crate::support::{Bench, alice};

#[tokio::test]
async fn a_use_is_written_by_the_next_flush_and_not_before() {
    let (bench, key, _) = Bench::with_a_key().await;
    bench.accepted(&key).await;
    bench.clock.advance(Duration::from_secs(9));
    bench.accepted(&key).await;
    assert_eq!(bench.keys.list(&alice()).await.unwrap()[0].last_used_at, None);
    bench.keys.flush().await.unwrap();
    assert_eq!(bench.keys.list(&alice()).await.unwrap()[0].last_used_at, Some(bench.clock.now()));
}

#[tokio::test]
async fn a_refused_key_was_not_used() {
    let (bench, key, record) = Bench::with_a_key().await;
    bench.keys.revoke(&record.id).await.unwrap();
    bench.denied(key.expose_secret()).await;
    bench.keys.flush().await.unwrap();
    assert_eq!(bench.keys.list(&alice()).await.unwrap()[0].last_used_at, None);
}

#[tokio::test]
async fn a_flush_that_fails_is_made_good_by_the_next() {
    let (bench, key, _) = Bench::with_a_key().await;
    bench.accepted(&key).await;
    bench.store.sever();
    assert_eq!(bench.keys.flush().await.unwrap_err().kind(), UnavailableKind::Store);
    bench.store.mend();
    bench.keys.flush().await.unwrap();
    assert_eq!(bench.keys.list(&alice()).await.unwrap()[0].last_used_at, Some(bench.clock.now()));
}
