//! A trust that cannot work is an error before the first request.
#![expect(clippy::unwrap_used, reason = "it is for tests only")]

use std::sync::Arc;

use remint_core::IssuerId;
use remint_jwt::Algorithm;
use remint_oidc::{OidcAuthenticator, Trust, TrustErrorKind};

use crate::support::{AUDIENCE, FakeHttp, OWN, Provider};

fn error(trusts: impl IntoIterator<Item = Trust>) -> TrustErrorKind {
    let (own, clock) = (IssuerId::new(OWN).unwrap(), Arc::new(remint_core::SystemClock));
    OidcAuthenticator::new(own, trusts, FakeHttp::new(), clock).unwrap_err().kind().clone()
}

fn trust(issuer: &str) -> Trust {
    Trust::oidc(issuer, AUDIENCE)
}

#[test]
fn our_own_issuer_cannot_be_trusted() {
    assert_eq!(error([trust(OWN)]), TrustErrorKind::OwnIssuer);
    assert_eq!(error([trust(OWN).key_set(Provider::new().jwks())]), TrustErrorKind::OwnIssuer);
    let own = IssuerId::new("https://auth.internal/main/v1").unwrap();
    let template = trust("https://auth.internal/{tenantid}/v1").any_tenant();
    let clock = Arc::new(remint_core::SystemClock);
    let error = OidcAuthenticator::new(own, [template], FakeHttp::new(), clock).unwrap_err();
    assert_eq!(*error.kind(), TrustErrorKind::OwnIssuer);
}

#[test]
fn two_trusts_cannot_share_issuer_or_name() {
    let a = "https://a.example";
    assert_eq!(error([trust(a), trust(a).named("b")]), TrustErrorKind::DuplicateIssuer);
    let named = [trust(a).named("n"), trust("https://b.example").named("n")];
    assert_eq!(error(named), TrustErrorKind::DuplicateName("n".into()));
    let realms = [trust("https://a.example/realms/1"), trust("https://a.example/realms/2")];
    assert_eq!(error(realms), TrustErrorKind::DuplicateName("a.example".into()));
}

#[test]
fn two_names_that_differ_in_case_only_are_one_name() {
    let trusts = [trust("https://a.example").named("Acme"), trust("https://b.example").named("acme")];
    assert_eq!(error(trusts), TrustErrorKind::DuplicateName("Acme".into()));
}

#[test]
fn no_trust_is_named_as_our_own_clients_are_in_whatever_case() {
    for name in ["client", "Client", "CLIENT", "cLIENT"] {
        assert_eq!(error([trust("https://idp.example").named(name)]), TrustErrorKind::Name(name.into()));
    }
    assert_eq!(error([trust("https://CLIENT/idp")]), TrustErrorKind::Name("client".into()));
}

#[test]
fn an_address_that_may_not_be_asked_is_an_error() {
    assert!(matches!(error([trust("http://idp.example")]), TrustErrorKind::Address(_)));
    for uri in ["http://idp.example/jwks", "ftp://idp.example/", "file:///etc/passwd", "jwks", ""] {
        assert!(matches!(error([trust("https://idp.example").jwks_uri(uri)]), TrustErrorKind::Address(_)), "{uri}");
    }
}

#[test]
fn an_issuer_without_discovery_needs_its_keys_named() {
    for issuer in ["https://idp.example?x", "https://idp.example#x", "https://idp.example/{tenant}"] {
        assert_eq!(error([trust(issuer).named("n")]), TrustErrorKind::Issuer, "{issuer}");
    }
    assert!(matches!(error([trust("kubernetes/serviceaccount").named("k8s")]), TrustErrorKind::IssuerAddress(_)));
    assert_eq!(error([trust("").named("n")]), TrustErrorKind::Issuer);
    let own = IssuerId::new(OWN).unwrap();
    let opaque = trust("kubernetes/serviceaccount").named("k8s").jwks_file("jwks.json");
    let clock = Arc::new(remint_core::SystemClock);
    assert!(OidcAuthenticator::new(own, [opaque], FakeHttp::new(), clock).is_ok());
}

#[test]
fn an_issuer_without_its_scheme_or_with_a_space_is_said_to_be_so() {
    let said = |trust: Trust| error([trust]).to_string();
    assert_eq!(said(trust("acme.okta.com")), "the issuer `acme.okta.com` has no scheme: `https://` is missing");
    for issuer in ["https://idp.example ", " https://idp.example", "https://idp .example"] {
        let spaced = || trust(issuer).named("n");
        for trust in [spaced(), spaced().jwks_file("jwks.json")] {
            assert_eq!(said(trust), format!("the issuer `{issuer}` holds white space"));
        }
    }
    assert!(said(trust("opaque").jwks_file("jwks.json")).starts_with("it needs a name"));
}

#[test]
fn a_name_has_no_bar_and_no_surprise() {
    let long = "a".repeat(65);
    for name in ["", "a|b", "a b", "ä", "a/b", long.as_str()] {
        assert!(matches!(error([trust("https://idp.example").named(name)]), TrustErrorKind::Name(_)), "{name}");
    }
    assert!(matches!(error([trust("opaque").jwks_file("jwks.json")]), TrustErrorKind::Name(_)));
}

#[test]
fn reserved_claims_cannot_be_mapped() {
    for name in remint_core::RESERVED_CLAIMS {
        let mapped = trust("https://idp.example").map_claim(*name, "x");
        assert!(matches!(error([mapped]), TrustErrorKind::Reserved(_)), "{name}");
    }
}

#[test]
fn values_that_no_token_could_have_are_errors() {
    let idp = || trust("https://idp.example");
    assert!(matches!(error([Trust::oidc("https://idp.example", "")]), TrustErrorKind::Value(_, "audience")));
    assert!(matches!(error([idp().clients([""])]), TrustErrorKind::Value(_, "clients")));
    for scope in ["two words", "", "\"", "a\\b"] {
        let allowed = error([idp().allow_scopes(["fine", scope])]);
        assert_eq!(allowed, TrustErrorKind::Value(scope.into(), "allow_scopes"));
    }
    assert!(matches!(error([idp().tenants(["a", ""])]), TrustErrorKind::Value(_, "tenants")));
    assert!(matches!(error([idp().tenant("a\n")]), TrustErrorKind::Value(_, "tenants")));
    assert_eq!(error([idp().algorithms(Vec::<Algorithm>::new())]), TrustErrorKind::NoAlgorithm);
}

#[test]
fn a_template_says_for_which_tenants_it_speaks() {
    let template = || trust("https://login.example/{tenantid}/v2.0");
    assert_eq!(error([template()]), TrustErrorKind::TemplateTenants);
    assert_eq!(error([template().tenant("fixed")]), TrustErrorKind::TemplateTenants);
}

#[test]
fn an_error_names_the_issuer_and_the_reason() {
    let own = IssuerId::new(OWN).unwrap();
    let clock = Arc::new(remint_core::SystemClock);
    let error = OidcAuthenticator::new(own, [trust(OWN)], FakeHttp::new(), clock).unwrap_err();
    assert_eq!(error.to_string(), "the trust in `https://auth.internal` cannot be used");
    let reason = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(reason, "it names our own internal issuer");
}
