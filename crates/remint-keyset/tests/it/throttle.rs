//! However many strangers ask for keys that nobody has, the issuer is asked rarely.

use std::sync::Arc;
use std::time::Duration;

use crate::fake::{Answer, FakeHttp, Fixture, JWKS, key, settle};
use remint_core::Refusal;
use remint_jwt::Algorithm;

async fn flood(fixture: &Fixture, kids: u32, during: Duration) -> usize {
    let before = fixture.http.count();
    let step = during / (kids / 1000);
    for n in 0..kids {
        assert!(fixture.set.keys(Some(&format!("kid-{n}")), Algorithm::Es256).await.is_err());
        if n % 1000 == 999 {
            fixture.clock.advance(step);
            tokio::time::advance(step).await;
        }
    }
    fixture.http.count() - before
}

#[tokio::test(start_paused = true)]
async fn a_million_random_kids_cost_the_issuer_one_fetch_per_ten_seconds() {
    let (http, key) = (FakeHttp::new(), key());
    http.set(JWKS, Answer::keys(&[&key]));
    let fixture = Fixture::jwks_uri(&http);
    fixture.set.refresh().await.unwrap();
    let fetches = flood(&fixture, 1_000_000, Duration::from_secs(50)).await;
    assert!((3..=5).contains(&fetches), "{fetches}");
    assert!(fixture.find(key.key_id()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_fails_or_has_no_keys_is_not_asked_more_often() {
    for useless in [
        Answer::Refused,
        Answer::Status(500),
        Answer::Body(br#"{"keys":[]}"#.to_vec()),
        Answer::Body(b"rubbish".to_vec()),
    ] {
        let http = FakeHttp::new();
        http.set(JWKS, useless.clone());
        let fixture = Fixture::jwks_uri(&http);
        let fetches = flood(&fixture, 20_000, Duration::from_secs(50)).await;
        assert!((5..=10).contains(&fetches), "{useless:?}: {fetches}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_does_not_answer_in_time_is_an_outage() {
    let http = FakeHttp::new();
    http.set(JWKS, Answer::Never);
    let fixture = Fixture::jwks_uri(&http);
    let begun = tokio::time::Instant::now();
    assert!(matches!(fixture.find("any").await, Err(Refusal::Unavailable(_))));
    assert_eq!(begun.elapsed().as_secs(), 15);
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_callers_share_one_fetch_and_its_outcome() {
    let (http, key) = (FakeHttp::gated(), key());
    http.set(JWKS, Answer::keys(&[&key]));
    let fixture = Arc::new(Fixture::jwks_uri(&http));
    let callers: Vec<_> = (0..10_000)
        .map(|_| {
            let (fixture, kid) = (fixture.clone(), key.key_id().to_owned());
            tokio::spawn(async move { fixture.find(&kid).await })
        })
        .collect();
    settle().await;
    http.gate.add_permits(1);
    for caller in callers {
        assert!(caller.await.unwrap().is_ok());
    }
    assert_eq!(http.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_shared_too() {
    let http = FakeHttp::gated();
    http.set(JWKS, Answer::Status(503));
    let fixture = Arc::new(Fixture::jwks_uri(&http));
    let callers: Vec<_> = (0..1000)
        .map(|n| {
            let fixture = fixture.clone();
            tokio::spawn(async move { fixture.find(&format!("kid-{n}")).await })
        })
        .collect();
    settle().await;
    http.gate.add_permits(1000);
    for caller in callers {
        assert!(matches!(caller.await.unwrap(), Err(Refusal::Unavailable(_))));
    }
    assert_eq!(http.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_goes_away_does_not_end_the_fetch() {
    let (http, key) = (FakeHttp::gated(), key());
    http.set(JWKS, Answer::keys(&[&key]));
    let fixture = Arc::new(Fixture::jwks_uri(&http));
    let spawn = || {
        let (fixture, kid) = (fixture.clone(), key.key_id().to_owned());
        tokio::spawn(async move { fixture.find(&kid).await })
    };
    let leader = spawn();
    settle().await;
    let follower = spawn();
    settle().await;
    leader.abort();
    settle().await;
    http.gate.add_permits(1);
    assert!(follower.await.unwrap().is_ok());
    assert_eq!(http.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_panics_is_an_outage_and_not_the_last_one() {
    let (http, key) = (FakeHttp::new(), key());
    http.set(JWKS, Answer::keys(&[&key]));
    let fixture = Fixture::jwks_uri(&http);
    http.panic_next();
    assert!(matches!(fixture.find(key.key_id()).await, Err(Refusal::Unavailable(_))));
    // It has failed like any other: nobody is asked again at once.
    assert!(matches!(fixture.find(key.key_id()).await, Err(Refusal::Unavailable(_))));
    fixture.advance(Duration::from_millis(5001)).await;
    assert!(fixture.find(key.key_id()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_fetch_in_progress_decides_for_everyone_who_joins_it_within_ten_seconds() {
    let (http, old) = (FakeHttp::gated(), key());
    http.set(JWKS, Answer::keys(&[&old]));
    let fixture = Arc::new(Fixture::jwks_uri(&http));
    let set = fixture.set.clone();
    let background = tokio::spawn(async move { set.refresh().await });
    settle().await;
    fixture.advance(Duration::from_secs(3)).await;
    let caller = fixture.clone();
    let caller = tokio::spawn(async move { caller.find("other").await });
    settle().await;
    http.gate.add_permits(1);
    background.await.unwrap().unwrap();
    assert!(matches!(caller.await.unwrap(), Err(Refusal::Denied(_))));
    assert_eq!(http.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_began_more_than_ten_seconds_ago_is_followed_by_another() {
    let (http, old, new) = (FakeHttp::gated(), key(), key());
    http.set(JWKS, Answer::keys(&[&old]));
    let fixture = Arc::new(Fixture::jwks_uri(&http));
    let set = fixture.set.clone();
    let background = tokio::spawn(async move { set.refresh().await });
    settle().await;
    fixture.advance(Duration::from_secs(11)).await;
    let (caller, kid) = (fixture.clone(), new.key_id().to_owned());
    let caller = tokio::spawn(async move { caller.find(&kid).await });
    settle().await;
    http.gate.add_permits(1);
    background.await.unwrap().unwrap();
    http.set(JWKS, Answer::keys(&[&old, &new]));
    http.gate.add_permits(1);
    assert!(caller.await.unwrap().is_ok());
    assert_eq!(http.count(), 2);
}
