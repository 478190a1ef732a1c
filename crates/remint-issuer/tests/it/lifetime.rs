use std::error::Error as _;
use std::time::Duration;

use remint_core::{Clock as _, MintRequest, Refusal, Timestamp, UnavailableKind};
use remint_testkit::ManualClock;

use crate::support::{builder, claims_of, identity, mint, mint_until};

const NOW: u64 = 1_767_225_600_000;

#[test]
fn a_token_never_ends_later_than_its_source_or_the_time_to_live() {
    for (now, not_after, expires_at) in [
        (NOW, u64::MAX, NOW + 300_000),
        (NOW + 999, u64::MAX, NOW + 300_000),
        (NOW, NOW + 300_000, NOW + 300_000),
        (NOW, NOW + 299_999, NOW + 299_000),
        (NOW, NOW + 10_000, NOW + 10_000),
        (NOW, NOW + 10_999, NOW + 10_000),
        (NOW, NOW + 1000, NOW + 1000),
        (NOW + 999, NOW + 1000, NOW + 1000),
    ] {
        let clock = ManualClock::at(Timestamp::from_millis(now));
        let issuer = builder(&clock).build().unwrap();
        let token = mint_until(&issuer, Timestamp::from_millis(not_after));
        let claims = claims_of(&token, &issuer);
        assert_eq!(token.expires_at(), Timestamp::from_millis(expires_at), "{now} {not_after}");
        assert_eq!(claims["exp"], expires_at / 1000);
        assert_eq!((&claims["iat"], &claims["nbf"]), (&(now / 1000).into(), &(now / 1000).into()));
        assert!(token.expires_at() > clock.now() && token.expires_at() <= Timestamp::from_millis(not_after));
    }
}

#[test]
fn a_source_without_a_whole_second_left_yields_no_token() {
    for (now, not_after) in [(NOW, NOW), (NOW, NOW - 1), (NOW, 0), (NOW, NOW + 999), (NOW + 500, NOW + 900)] {
        let issuer = builder(&ManualClock::at(Timestamp::from_millis(now))).build().unwrap();
        let identity = identity();
        let request = MintRequest::new(&identity, Timestamp::from_millis(not_after));
        let Err(Refusal::Unavailable(error)) = issuer.mint(&request) else { panic!("{now} {not_after}") };
        assert_eq!(error.kind(), UnavailableKind::Internal, "{now} {not_after}");
        assert_eq!(error.source().unwrap().to_string(), "the source of the token has ended");
    }
}

#[test]
fn the_time_to_live_is_a_setting() {
    let clock = ManualClock::default();
    let issuer = builder(&clock).ttl(Duration::from_secs(30)).build().unwrap();
    assert_eq!(mint(&issuer).expires_at(), clock.now().saturating_add(Duration::from_secs(30)));
    assert_eq!(issuer.ttl(), Duration::from_secs(30));
}

#[test]
fn debug_shows_neither_key_nor_token() {
    let issuer = builder(&ManualClock::default()).build().unwrap();
    let token = mint(&issuer);
    assert!(!format!("{token:?}").contains(token.expose_secret()));
    assert!(!format!("{issuer:?}").contains("PRIVATE"));
}
