//! Those who fail a lot are told so; a valid credential passes in any case.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "failures/edge.rs"]
mod edge;

use edge::Edge;
use remint_core::DeniedKind;
use remint_normalize::FailureLimits;
use remint_testkit::fakes::api_key_of;

#[tokio::test]
async fn beyond_the_limit_those_who_fail_hear_429_and_a_valid_credential_passes_from_the_same_address() {
    let edge = Edge::new(FailureLimits::new().limit(Some(5)));
    edge.known.answer("good", Ok(api_key_of("alice")));
    edge.known.answer("late", Ok(api_key_of("bob")));
    let here = Some("192.0.2.1");
    assert_eq!(edge.status("good", here, None).await, 200);
    for number in 0..20 {
        let answer = edge.ask(&format!("bad-{number}"), here, None).await;
        assert_eq!(answer.status().as_u16(), if number < 5 { 401 } else { 429 }, "{number}");
        assert_eq!(answer.headers().contains_key("retry-after"), number >= 5);
        assert_eq!(answer.headers().contains_key("www-authenticate"), number < 5);
    }
    assert_eq!(edge.status("bad-0", here, None).await, 429, "one that is remembered as bad, too");
    assert_eq!(edge.status("good", here, None).await, 200, "cached");
    assert_eq!(edge.status("late", here, None).await, 200, "for the first time");
    assert_eq!(edge.status("bad-x", Some("192.0.2.2"), None).await, 401, "another address");
    edge.clock.advance(std::time::Duration::from_secs(60));
    assert_eq!(edge.status("bad-y", here, None).await, 401, "a minute later");
}

#[tokio::test]
async fn where_no_address_is_stated_failures_are_counted_by_the_sockets_peer() {
    let edge = Edge::new(FailureLimits::new().limit(Some(5)));
    for number in 0..10 {
        let told = edge.status(&format!("bad-{number}"), None, Some("203.0.113.7")).await;
        assert_eq!(told, if number < 5 { 401 } else { 429 });
    }
    assert_eq!(edge.status("bad", Some("192.0.2.1"), Some("203.0.113.7")).await, 401, "the client is stated");
}

#[tokio::test]
async fn a_key_that_leaked_is_counted_by_its_beginning_from_wherever_it_comes() {
    let edge = Edge::new(FailureLimits::new().limit(Some(5)));
    edge.known.answer("rmt_live_good", Ok(api_key_of("alice")));
    edge.known.answer("rmt_live_revoked", Err(DeniedKind::Revoked.into()));
    for number in 0..10 {
        let told = edge.status("rmt_live_revoked", Some(&format!("192.0.2.{number}")), None).await;
        assert_eq!(told, if number < 5 { 401 } else { 429 });
    }
    assert_eq!(edge.status("rmt_live_good", Some("192.0.2.9"), None).await, 200, "of the same beginning");
}
