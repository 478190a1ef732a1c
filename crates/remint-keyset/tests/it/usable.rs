//! A key set stays usable, and no longer than it should.

use std::time::Duration;

use crate::fake::{Answer, CONFIGURATION, FakeHttp, Fixture, ISSUER, JWKS, jwks, key, settle};
use remint_core::{Clock, DeniedKind, IssuerId, Refusal, Unavailable, UnavailableKind};
use remint_jwt::Algorithm;
use remint_keyset::{KeySetSettings, KeySetState, KeySource};
use serde_json::json;

fn is_denied(refusal: &Refusal, kind: DeniedKind) -> bool {
    matches!(refusal, Refusal::Denied(denied) if denied.kind() == kind)
}

fn is_key_set_outage(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Unavailable(unavailable) if unavailable.kind() == UnavailableKind::KeySet)
}

/// What the log line will name.
fn cause(unavailable: &Unavailable) -> String {
    std::error::Error::source(unavailable).map(ToString::to_string).unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_key_of_the_set_is_found_without_asking_again() {
    let (http, key) = (FakeHttp::new(), key());
    http.set(JWKS, Answer::keys(&[&key]));
    let fixture = Fixture::jwks_uri(&http);
    fixture.set.start().await;
    for _ in 0..10 {
        assert_eq!(fixture.find(key.key_id()).await.unwrap(), key.key_id());
    }
    assert_eq!(http.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_does_not_answer_at_start_is_an_outage_until_it_does() {
    let (http, key) = (FakeHttp::new(), key());
    let fixture = Fixture::jwks_uri(&http);
    fixture.set.start().await;
    assert!(is_key_set_outage(&fixture.find(key.key_id()).await.unwrap_err()));
    assert_eq!(fixture.set.state(), KeySetState::Missing);
    http.set(JWKS, Answer::keys(&[&key]));
    fixture.advance(Duration::from_secs(5)).await;
    assert!(
        fixture.set.current_keys(Some(key.key_id()), Algorithm::Es256).is_some(),
        "the background tries again soon"
    );
    assert!(matches!(fixture.set.state(), KeySetState::Fetched { age } if age <= Duration::from_secs(5)));
}

#[tokio::test(start_paused = true)]
async fn what_is_of_no_use_leaves_the_last_good_set_in_place() {
    let oversized = [br#"{"keys":[]"#.as_slice(), &[b' '; 600 * 1024], b"}"].concat();
    for useless in [
        Answer::Status(500),
        Answer::Status(302),
        Answer::Refused,
        Answer::Never,
        Answer::Body(Vec::new()),
        Answer::Body(b"<html>".to_vec()),
        Answer::Body(b"{}".to_vec()),
        Answer::Body(br#"{"keys":[]}"#.to_vec()),
        Answer::Body(br#"{"keys":null}"#.to_vec()),
        Answer::Body(br#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#.to_vec()),
        Answer::Body(oversized),
    ] {
        let (http, key) = (FakeHttp::new(), key());
        http.set(JWKS, Answer::keys(&[&key]));
        let fixture = Fixture::jwks_uri(&http);
        fixture.set.start().await;
        http.set(JWKS, useless.clone());
        fixture.advance(Duration::from_secs(11)).await;
        assert!(fixture.set.refresh().await.is_err(), "{useless:?}");
        assert!(fixture.find(key.key_id()).await.is_ok(), "{useless:?}");
        let unknown = fixture.find("other").await.unwrap_err();
        assert!(is_key_set_outage(&unknown), "{useless:?}: an outage is never a 401");
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_good_set_is_used_for_a_limited_time() {
    let (http, key) = (FakeHttp::new(), key());
    http.set(JWKS, Answer::keys(&[&key]));
    let fixture = Fixture::jwks_uri(&http);
    fixture.set.start().await;
    http.set(JWKS, Answer::Status(500));
    fixture.clock.advance(KeySetSettings::default().max_stale);
    assert!(fixture.find(key.key_id()).await.is_ok());
    fixture.clock.advance(Duration::from_millis(1));
    assert!(is_key_set_outage(&fixture.find(key.key_id()).await.unwrap_err()));
    http.set(JWKS, Answer::keys(&[&key]));
    fixture.advance(Duration::from_millis(5001)).await;
    assert!(fixture.find(key.key_id()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_set_that_is_too_old_denies_nothing_though_it_was_fetched_a_moment_ago() {
    let (http, key) = (FakeHttp::new(), key());
    http.set(JWKS, Answer::keys(&[&key]));
    let fixture = Fixture::jwks_uri(&http);
    fixture.set.start().await;
    http.set(JWKS, Answer::Status(500));
    // The clock of the day is set forward; the monotonic one says: a moment ago.
    fixture.clock.advance(KeySetSettings::default().max_stale + Duration::from_secs(1));
    assert!(is_key_set_outage(&fixture.find(key.key_id()).await.unwrap_err()));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_removed_is_dead_after_the_refresh() {
    let (http, old, new) = (FakeHttp::new(), key(), key());
    http.set(JWKS, Answer::keys(&[&old, &new]));
    let fixture = Fixture::jwks_uri(&http);
    fixture.set.start().await;
    http.set(JWKS, Answer::keys(&[&new]));
    assert!(fixture.find(old.key_id()).await.is_ok());
    fixture.advance(KeySetSettings::default().refresh_interval).await;
    assert!(is_denied(&fixture.find(old.key_id()).await.unwrap_err(), DeniedKind::UnknownKeyId));
    assert!(fixture.find(new.key_id()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_key_brought_in_is_found_by_the_first_token_that_names_it() {
    let (http, old, new) = (FakeHttp::new(), key(), key());
    http.set(JWKS, Answer::keys(&[&old]));
    let fixture = Fixture::jwks_uri(&http);
    fixture.set.start().await;
    fixture.advance(Duration::from_secs(60)).await;
    http.set(JWKS, Answer::keys(&[&old, &new]));
    assert!(fixture.find(new.key_id()).await.is_ok());
    assert_eq!(http.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_kid_is_denied_for_ten_seconds_after_a_fetch_began_and_then_asked_for() {
    let (http, key) = (FakeHttp::new(), key());
    http.set(JWKS, Answer::keys(&[&key]));
    let fixture = Fixture::jwks_uri(&http);
    fixture.set.start().await;
    for (after, asked) in [(0, 1), (10_000, 1), (1, 2), (10_000, 2), (1, 3)] {
        fixture.advance(Duration::from_millis(after)).await;
        assert!(is_denied(&fixture.find("other").await.unwrap_err(), DeniedKind::UnknownKeyId));
        assert_eq!(http.count(), asked);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_fetch_right_after_a_good_one_does_not_make_an_unknown_kid_an_outage() {
    let (http, key) = (FakeHttp::new(), key());
    http.set(JWKS, Answer::keys(&[&key]));
    let fixture = Fixture::jwks_uri(&http);
    fixture.set.start().await;
    http.set(JWKS, Answer::Status(500));
    fixture.advance(Duration::from_secs(3)).await;
    assert!(fixture.set.refresh().await.is_err());
    assert!(is_denied(&fixture.find("other").await.unwrap_err(), DeniedKind::UnknownKeyId));
    assert_eq!(http.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn after_a_failed_fetch_an_unknown_kid_is_an_outage_for_five_seconds_and_nobody_is_asked() {
    let (http, key) = (FakeHttp::new(), key());
    http.set(JWKS, Answer::keys(&[&key]));
    let fixture = Fixture::jwks_uri(&http);
    fixture.set.start().await;
    http.set(JWKS, Answer::Body(br#"{"keys":[]}"#.to_vec()));
    fixture.advance(Duration::from_secs(11)).await;
    assert!(is_key_set_outage(&fixture.find("other").await.unwrap_err()));
    assert_eq!(http.count(), 2);
    fixture.advance(Duration::from_secs(2)).await;
    let Refusal::Unavailable(unavailable) = fixture.find("another").await.unwrap_err() else {
        panic!("nobody knows whether the issuer has such a key");
    };
    assert_eq!(unavailable.retry_after(), Duration::from_secs(3));
    assert_eq!(cause(&unavailable), "the key set could not be fetched a moment ago, and is not fetched again yet");
    fixture.advance(Duration::from_secs(3)).await;
    assert!(is_key_set_outage(&fixture.find("another").await.unwrap_err()));
    assert_eq!(http.count(), 2);
    assert!(fixture.find(key.key_id()).await.is_ok(), "the last good set stays");
    http.set(JWKS, Answer::keys(&[&key]));
    fixture.advance(Duration::from_millis(1)).await;
    assert!(is_denied(&fixture.find("another").await.unwrap_err(), DeniedKind::UnknownKeyId));
    assert_eq!(http.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_set_back_does_not_make_old_sets_young() {
    let (http, old, new) = (FakeHttp::new(), key(), key());
    http.set(JWKS, Answer::keys(&[&old]));
    let fixture = Fixture::jwks_uri(&http);
    fixture.set.start().await;
    fixture.advance(Duration::from_secs(11)).await;
    fixture.clock.set(fixture.clock.now().saturating_sub(Duration::from_secs(3600)));
    http.set(JWKS, Answer::keys(&[&new]));
    assert!(fixture.find(new.key_id()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_set_back_after_a_failure_keeps_nobody_out_for_longer() {
    let (http, key) = (FakeHttp::new(), key());
    let fixture = Fixture::jwks_uri(&http);
    assert!(is_key_set_outage(&fixture.find(key.key_id()).await.unwrap_err()));
    fixture.clock.set(fixture.clock.now().saturating_sub(Duration::from_secs(3600)));
    http.set(JWKS, Answer::keys(&[&key]));
    fixture.advance(Duration::from_millis(5001)).await;
    assert!(fixture.find(key.key_id()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn for_a_token_without_a_kid_every_key_that_fits_is_tried() {
    let (http, first, second) = (FakeHttp::new(), key(), key());
    http.set(JWKS, Answer::keys(&[&first]));
    let fixture = Fixture::jwks_uri(&http);
    fixture.set.start().await;
    assert!(fixture.set.keys(None, Algorithm::Es256).await.is_ok());
    assert!(fixture.set.keys(None, Algorithm::Es384).await.is_err());
    http.set(JWKS, Answer::keys(&[&first, &second]));
    fixture.advance(Duration::from_secs(5)).await;
    fixture.set.refresh().await.unwrap();
    assert_eq!(fixture.set.keys(None, Algorithm::Es256).await.unwrap().iter().count(), 2);
}

#[tokio::test(start_paused = true)]
async fn keys_that_share_a_kid_are_all_tried_and_a_symmetric_one_is_not_used() {
    let (http, good, twin) = (FakeHttp::new(), key(), key());
    let mut document = jwks(&[&good, &twin]).to_json();
    let members = document["keys"].as_array_mut().unwrap();
    let mut impostor = members[1].clone();
    impostor["x"] = members[0]["x"].clone();
    impostor["y"] = members[0]["y"].clone();
    members.push(impostor);
    members.push(serde_json::json!({ "kty": "oct", "kid": "shared", "k": "c2VjcmV0" }));
    http.set(JWKS, Answer::json(&document));
    let fixture = Fixture::jwks_uri(&http);
    fixture.set.start().await;
    assert!(fixture.find(good.key_id()).await.is_ok());
    let both = fixture.set.keys(Some(twin.key_id()), Algorithm::Es256).await.unwrap();
    assert_eq!(both.iter().count(), 2);
    assert!(fixture.find("shared").await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_key_that_the_set_binds_to_one_issuer_is_there_for_that_one_only() {
    let (http, keys) = (FakeHttp::new(), [key(), key(), key(), key()]);
    let [bound, shared, free, broken] = &keys;
    let mut set = jwks(&keys.each_ref()).to_json();
    for (at, issuer) in
        [(0, json!("https://idp.example/t1")), (1, json!("https://idp.example/{tenantid}")), (3, json!(["x"]))]
    {
        set["keys"][at]["issuer"] = issuer;
    }
    http.set(JWKS, Answer::json(&set));
    let fixture = Fixture::jwks_uri(&http);
    fixture.set.start().await;
    for (tenant, key, there) in [
        ("t1", bound, true),
        ("t2", bound, false),
        ("t1/", bound, false),
        ("t1", shared, true),
        ("t2", shared, true),
        ("t2", free, true),
        ("t1", broken, false),
    ] {
        let issuer = IssuerId::new(format!("https://idp.example/{tenant}")).unwrap();
        match fixture.set.keys_for(&issuer, Some(key.key_id()), Algorithm::Es256).await {
            Ok(found) => assert!(there && found.iter().all(|found| found.key_id() == Some(key.key_id())), "{tenant}"),
            Err(refusal) => assert!(!there && is_denied(&refusal, DeniedKind::UnknownKeyId), "{tenant}: {refusal:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_issuers_may_share_a_kid() {
    let (first, second) = (key(), key());
    let mut document = jwks(&[&second]).to_json();
    document["keys"][0]["kid"] = first.key_id().into();
    let (http, other) = (FakeHttp::new(), FakeHttp::new());
    http.set(JWKS, Answer::keys(&[&first]));
    other.set(JWKS, Answer::json(&document));
    let (a, b) = (Fixture::jwks_uri(&http), Fixture::jwks_uri(&other));
    a.set.start().await;
    b.set.start().await;
    let token = first.sign("at+jwt", &serde_json::json!({})).unwrap();
    for (fixture, verifies) in [(a, true), (b, false)] {
        let key = fixture.set.keys(Some(first.key_id()), Algorithm::Es256).await.unwrap();
        assert_eq!(remint_jwt::Jws::parse(&token).unwrap().verify(&key).is_ok(), verifies);
    }
}

#[tokio::test(start_paused = true)]
async fn the_background_ends_with_the_last_handle() {
    let (http, key) = (FakeHttp::new(), key());
    http.set(CONFIGURATION, Answer::discovery(ISSUER, JWKS));
    http.set(JWKS, Answer::keys(&[&key]));
    let Fixture { set, .. } = Fixture::discovery(&http);
    set.start().await;
    set.start().await;
    assert_eq!(http.count(), 4);
    let other = set.clone();
    drop(set);
    tokio::time::sleep(KeySetSettings::default().refresh_interval).await;
    settle().await;
    assert_eq!(http.count(), 6, "one round for both calls of start");
    drop(other);
    tokio::time::sleep(Duration::from_secs(24 * 60 * 60)).await;
    assert_eq!(http.count(), 6);
}

#[tokio::test]
async fn a_file_is_read_again() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let (old, new) = (key(), key());
    std::fs::write(file.path(), jwks(&[&old]).to_json().to_string()).unwrap();
    let fixture = Fixture::new(&FakeHttp::new(), KeySource::File(file.path().into()));
    fixture.set.start().await;
    assert!(fixture.find(old.key_id()).await.is_ok());
    std::fs::write(file.path(), jwks(&[&new]).to_json().to_string()).unwrap();
    fixture.set.refresh().await.unwrap();
    assert!(fixture.find(new.key_id()).await.is_ok());
    std::fs::write(file.path(), vec![b' '; 600 * 1024]).unwrap();
    assert!(fixture.set.refresh().await.is_err());
    assert!(fixture.find(new.key_id()).await.is_ok());
}

#[tokio::test]
async fn fixed_keys_are_never_asked_for() {
    let (http, key) = (FakeHttp::new(), key());
    let fixture = Fixture::new(&http, KeySource::Fixed(jwks(&[&key])));
    fixture.set.start().await;
    fixture.set.refresh().await.unwrap();
    fixture.clock.advance(Duration::from_secs(365 * 24 * 60 * 60));
    assert!(fixture.find(key.key_id()).await.is_ok());
    assert!(is_denied(&fixture.find("other").await.unwrap_err(), DeniedKind::UnknownKeyId));
    assert_eq!(http.count(), 0);
}

#[test]
fn without_a_runtime_an_unknown_key_is_an_outage() {
    let fixture = Fixture::jwks_uri(&FakeHttp::new());
    let refusal = poll_once(fixture.find("any")).unwrap_err();
    assert!(is_key_set_outage(&refusal));
    let Refusal::Unavailable(unavailable) = refusal else { unreachable!() };
    assert_eq!(cause(&unavailable), "there is no runtime to fetch the key set in");
}

/// Polls once: nothing in there may wait.
fn poll_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => unreachable!("it waits"),
    }
}
