//! What waits takes a place, and what does not needs none.

use std::future::pending;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use remint_core::{Unavailable, UnavailableKind};
use remint_wait::{NotWaited, Places, Shares};

/// Polls once.
fn begin<T>(work: std::pin::Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    work.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn what_does_not_wait_needs_no_place() {
    let places = Places::new(0);
    assert_eq!(begin(std::pin::pin!(places.bound(async { 1 }))), Poll::Ready(Ok(1)));
}

#[test]
fn as_many_wait_as_there_are_places_and_a_place_is_free_again_when_the_work_is_dropped() {
    let places = Places::new(2);
    let mut waiting: Vec<_> = (0..3).map(|_| Box::pin(places.bound(pending::<()>()))).collect();
    assert!(begin(waiting[0].as_mut()).is_pending());
    assert!(begin(waiting[1].as_mut()).is_pending());
    assert_eq!(places.taken(), 2);
    assert_eq!(begin(waiting[2].as_mut()), Poll::Ready(Err(NotWaited::Full(2))));
    drop(waiting.remove(0));
    assert_eq!(places.taken(), 1);
    assert!(begin(Box::pin(places.bound(pending::<()>())).as_mut()).is_pending());
}

#[tokio::test(start_paused = true)]
async fn what_takes_too_long_is_dropped_and_is_an_outage() {
    let places = Places::new(1).for_at_most(Duration::from_secs(20));
    let began = tokio::time::Instant::now();
    let late = places.bound(pending::<()>()).await.unwrap_err();
    assert_eq!((late, began.elapsed().as_secs()), (NotWaited::Late(Duration::from_secs(20)), 20));
    assert_eq!(Unavailable::from(late).kind(), UnavailableKind::Deadline);
    assert_eq!(Unavailable::from(NotWaited::Full(1)).kind(), UnavailableKind::Overloaded);
    assert_eq!(places.taken(), 0);
}

#[test]
fn how_many_wait_is_a_metric() {
    let recorder = DebuggingRecorder::new();
    metrics::with_local_recorder(&recorder, || {
        let places = Places::new(2).counted_as("jwt");
        let _one = places.take();
        drop(places.take());
        let (_, _, _, waiting) = recorder.snapshotter().snapshot().into_vec().remove(0);
        assert_eq!(waiting, DebugValue::Gauge(1.0.into()), "two came and one went");
    });
}

#[test]
fn no_name_gets_more_than_a_quarter_and_a_million_names_take_no_more_room() {
    let shares = Shares::new(1_024);
    let hung: Vec<_> = std::iter::from_fn(|| shares.take("https://hung.example").ok()).take(2_000).collect();
    assert_eq!(hung.len(), 256);
    let others: Vec<_> = (0..1_000_000).filter_map(|number| shares.take(&number.to_string()).ok()).collect();
    assert_eq!(others.len(), 1_024 - 256);
    drop(hung);
    assert!(shares.take("https://hung.example").is_ok(), "it was its own share");
}
