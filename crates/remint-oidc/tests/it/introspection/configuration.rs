//! A trust by introspection that cannot work, or could send a token to the wrong issuer, is an error
//! before the first request.

use std::sync::Arc;
use std::time::Duration;

use remint_oidc::{Introspection, OidcAuthenticator, Trust, TrustErrorKind};
use remint_testkit::ManualClock;

use super::support::credentials;
use crate::support::{AUDIENCE, FakeHttp, OWN, Provider};

fn outcome(trusts: impl IntoIterator<Item = Trust>) -> Result<(), TrustErrorKind> {
    let clock = Arc::new(ManualClock::default());
    let built = OidcAuthenticator::new(OWN.parse().unwrap(), trusts, FakeHttp::new(), clock);
    built.map(drop).map_err(|error| error.kind().clone())
}

fn trust(issuer: &str, introspection: Introspection) -> Trust {
    Trust::oidc(issuer, AUDIENCE).introspection(introspection)
}

fn by() -> Introspection {
    Introspection::new(credentials())
}

const A: &str = "https://a.example";
const B: &str = "https://b.example";

#[test]
fn two_issuers_that_could_be_sent_one_text_are_an_error() {
    for (one, other) in [
        (by(), by()),
        (by().opaque_prefix("a_"), by()),
        (by(), by().opaque_prefix("a_")),
        (by().opaque_prefix("a_"), by().opaque_prefix("a_")),
        (by().opaque_prefix("a_"), by().opaque_prefix("a_b")),
        (by().opaque_prefix("a_b"), by().opaque_prefix("a_")),
    ] {
        assert_eq!(outcome([trust(A, one), trust(B, other)]), Err(TrustErrorKind::OpaqueOverlap(A.into())));
    }
    for (one, other) in [
        (by().opaque_prefix("a_"), by().opaque_prefix("b_")),
        (by(), by().jwts_only()),
        (by().jwts_only(), by().jwts_only()),
    ] {
        assert_eq!(outcome([trust(A, one), trust(B, other)]), Ok(()));
    }
    let keys = Trust::oidc(B, AUDIENCE).key_set(Provider::new().jwks());
    assert_eq!(outcome([trust(A, by()), keys]), Ok(()));
}

#[tokio::test]
async fn an_overlap_is_an_error_at_runtime_too_until_the_other_is_gone() {
    let clock = Arc::new(ManualClock::default());
    let own = OWN.parse().unwrap();
    let edge = OidcAuthenticator::new(own, [trust(A, by())], FakeHttp::new(), clock).unwrap();
    let error = edge.add(trust(B, by())).await.unwrap_err();
    assert_eq!(*error.kind(), TrustErrorKind::OpaqueOverlap(A.into()));
    assert!(edge.remove(A));
    edge.add(trust(B, by())).await.unwrap();
}

#[test]
fn an_endpoint_that_may_not_be_asked_is_an_error() {
    for endpoint in
        ["http://idp.example/introspect", "ftp://idp.example/", "introspect", "", "https://user@idp.example/i"]
    {
        let outcome = outcome([trust(A, by().endpoint(endpoint))]);
        assert!(matches!(outcome, Err(TrustErrorKind::Address(_))), "{endpoint}: {outcome:?}");
    }
    assert!(matches!(outcome([trust("http://idp.example", by())]), Err(TrustErrorKind::Address(_))));
    assert_eq!(outcome([trust("https://idp.example?x", by())]), Err(TrustErrorKind::Issuer));
    // Where the endpoint is named, the issuer need not be an address.
    assert_eq!(outcome([trust("idp", by().endpoint("https://idp.example/i")).named("idp")]), Ok(()));
}

#[test]
fn what_could_never_hold_is_an_error() {
    let template = trust("https://idp.example/{tenantid}/v2", by()).any_tenant();
    assert_eq!(outcome([template]), Err(TrustErrorKind::IntrospectionTemplate));
    assert_eq!(outcome([trust(A, by().opaque_prefix("a b"))]), Err(TrustErrorKind::OpaquePrefix));
    assert_eq!(outcome([trust(A, by().opaque_prefix("a".repeat(65)))]), Err(TrustErrorKind::OpaquePrefix));
    let short = by().again_after(Duration::from_millis(4999));
    assert_eq!(outcome([trust(A, short)]), Err(TrustErrorKind::AgainAfter));
    assert_eq!(outcome([trust(A, by().again_after(Duration::from_secs(5)))]), Ok(()));
    assert_eq!(outcome([trust(OWN, by())]), Err(TrustErrorKind::OwnIssuer));
}

#[test]
fn debug_shows_no_secret() {
    assert!(!format!("{:?}", trust(A, by())).contains("canary"));
}
