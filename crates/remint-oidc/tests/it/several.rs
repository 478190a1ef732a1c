//! Several trusts in one issuer: which of them a token is held to.
#![expect(clippy::unwrap_used, clippy::panic, reason = "it is for tests only")]

use std::sync::Arc;

use remint_core::{Credential, CredentialForm, CredentialRef, DeniedKind, Environment, IssuerId, Refusal, Slot};
use remint_keyset::KeySetState;
use remint_oidc::{OidcAuthenticator, Trust, TrustErrorKind};
use serde_json::{Value, json};

use crate::support::{Edge, FakeHttp, ISSUER, OWN, Provider};

fn edge(provider: &Provider, trusts: impl IntoIterator<Item = Trust>) -> Edge {
    Edge::new(trusts, FakeHttp::new(), &provider.clock)
}

fn conflict(trusts: impl IntoIterator<Item = Trust>) -> Option<TrustErrorKind> {
    let own = IssuerId::new(OWN).unwrap();
    let built = OidcAuthenticator::new(own, trusts, FakeHttp::new(), remint_core::SystemClock);
    built.err().map(|error| error.kind().clone())
}

/// Trust for this audience, named after it.
fn of(provider: &Provider, audience: &str) -> Trust {
    Trust::oidc(ISSUER, audience).named(audience).key_set(provider.jwks())
}

async fn subject(edge: &Edge, provider: &Provider, changes: Value) -> Result<String, DeniedKind> {
    match edge.ask(&provider.sign(&provider.with(changes))).await {
        Ok(found) => Ok(found.identity.subject.as_str().to_owned()),
        Err(Refusal::Denied(denied)) => Err(denied.kind()),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_first_that_a_token_is_for_by_its_audience_decides() {
    let provider = Provider::new();
    let trusts = [
        of(&provider, "orders").allow_scopes(["read"]),
        of(&provider, "admin").environment(Environment::Test).any_scope().audience("orders"),
    ];
    let edge = edge(&provider, trusts);
    for (aud, name, scopes, environment) in [
        (json!("orders"), "orders", "read", Environment::Live),
        (json!("admin"), "admin", "read write", Environment::Test),
        (json!(["admin", "orders"]), "orders", "read", Environment::Live),
    ] {
        let token = provider.sign(&provider.with(json!({ "aud": aud, "scope": "read write" })));
        let identity = edge.accepts(&token).await.identity;
        assert_eq!(identity.subject.as_str(), format!("{name}|alice"), "{aud}");
        assert_eq!((identity.scopes.to_string().as_str(), identity.environment), (scopes, environment), "{aud}");
        let CredentialRef::Jwt { issuer, subject, .. } = identity.credential else { panic!() };
        assert_eq!((issuer.as_str(), subject.as_str()), (ISSUER, "alice"), "links and revocations are the issuer's");
    }
    for aud in [json!("other"), json!(null)] {
        let found = subject(&edge, &provider, json!({ "aud": aud.clone() })).await;
        assert_eq!(found, Err(DeniedKind::Audience), "{aud}");
    }
    assert_eq!(subject(&edge, &provider, json!({ "aud": [] })).await, Err(DeniedKind::Claim));
}

#[tokio::test]
async fn the_client_is_part_of_whom_a_token_is_for() {
    let provider = Provider::new();
    let trusts = [
        of(&provider, "api").named("web").clients(["web"]),
        of(&provider, "api").named("app").clients(["app"]).without_audience(),
        of(&provider, "other").named("any"),
    ];
    let edge = edge(&provider, trusts);
    for (changes, found) in [
        (json!({ "azp": "web" }), Ok("web|alice")),
        (json!({ "azp": "app" }), Ok("app|alice")),
        (json!({ "aud": null, "client_id": "app" }), Ok("app|alice")),
        (json!({ "aud": "other", "client_id": "whoever" }), Ok("any|alice")),
        // The nearest has its audience.
        (json!({ "azp": "other" }), Err(DeniedKind::Client)),
        (json!({ "aud": "api" }), Err(DeniedKind::Client)),
        (json!({ "aud": null, "client_id": "web" }), Err(DeniedKind::Client)),
        (json!({ "aud": "nobody", "azp": "app" }), Err(DeniedKind::Audience)),
    ] {
        let subject = subject(&edge, &provider, changes.clone()).await;
        assert_eq!(subject.as_deref(), found.as_ref().copied(), "{changes}");
    }
}

#[tokio::test]
async fn what_is_wrong_otherwise_is_no_reason_to_try_the_next() {
    let provider = Provider::new();
    let strict = of(&provider, "api").named("strict").tenants(["acme"]).require_tenant(true);
    let edge = edge(&provider, [strict, of(&provider, "api").named("wide").audience("more")]);
    assert_eq!(subject(&edge, &provider, json!({})).await, Err(DeniedKind::Tenant));
    assert_eq!(subject(&edge, &provider, json!({ "aud": "more" })).await.as_deref(), Ok("wide|alice"));
}

#[tokio::test]
async fn an_id_token_is_for_a_trust_by_its_clients() {
    let provider = Provider::new();
    let trusts = [of(&provider, "a"), of(&provider, "b").id_tokens(["web"]), of(&provider, "c").id_tokens(["app"])];
    let own = IssuerId::new(OWN).unwrap();
    let edge = Arc::new(OidcAuthenticator::new(own, trusts, FakeHttp::new(), provider.clock.clone()).unwrap());
    let mut header = provider.header();
    header.typ = None;
    for (aud, found) in [("web", Some("b|alice")), ("app", Some("c|alice")), ("a", None)] {
        let token = provider.sign_with(&header, &provider.with(json!({ "aud": aud })));
        let credential = Credential::new(Slot::Bearer, CredentialForm::Jwt, &token);
        let answer = remint_core::Authenticator::authenticate(&edge.id_tokens(), credential).await;
        match (answer, found) {
            (Ok(Some(is)), Some(subject)) => assert_eq!(is.get().identity.subject.as_str(), subject),
            (Err(Refusal::Denied(denied)), None) => assert_eq!(denied.kind(), DeniedKind::Audience),
            (other, _) => panic!("{aud}: {other:?}"),
        }
    }
}

#[test]
fn a_trust_that_no_access_token_could_reach_is_an_error() {
    let provider = Provider::new();
    let api = || of(&provider, "api");
    let other = |trust: Trust| trust.named("other");
    for later in [
        other(api()),
        other(api()).clients(["web"]),
        other(api()).allow_scopes(["read"]).tenants(["acme"]),
        other(api()).key_set(Provider::new().jwks()),
        other(api()).issuer_aliases(["idp.example"]),
    ] {
        assert_eq!(conflict([api().audience("more"), later]), Some(TrustErrorKind::DuplicateIssuer));
    }
    let listed = || api().clients(["web", "app"]);
    assert_eq!(conflict([listed(), other(api().clients(["app"]))]), Some(TrustErrorKind::DuplicateIssuer));
    for (earlier, later) in [
        (api(), other(api().audience("more"))),
        (listed(), other(api())),
        (listed(), other(api().clients(["app", "cli"]))),
        (listed(), other(api().clients(["app"]).client_claims(["wer"]))),
        (listed(), other(api().clients(["app"]).without_audience())),
    ] {
        assert_eq!(conflict([earlier, later]), None);
    }
}

#[test]
fn their_names_are_distinct_and_no_audience_of_one_is_a_client_of_the_others_id_tokens() {
    let provider = Provider::new();
    let unnamed = |audience| Trust::oidc(ISSUER, audience).key_set(provider.jwks());
    assert_eq!(conflict([unnamed("a"), unnamed("b")]), Some(TrustErrorKind::DuplicateName("idp.example".into())));
    let web = || of(&provider, "web");
    let both = Some(TrustErrorKind::IdTokenAudience("web".into()));
    assert_eq!(conflict([web(), of(&provider, "api").id_tokens(["web"])]), both);
    assert_eq!(conflict([of(&provider, "api").id_tokens(["web"]), web()]), both);
}

#[tokio::test]
async fn keys_from_one_place_are_fetched_once() {
    let provider = Provider::new();
    let jwks = || serde_json::to_value(provider.jwks().to_json()).unwrap();
    let trust = |audience: &str| Trust::oidc(ISSUER, audience).named(audience);
    let asked = async |trusts: [Trust; 2]| {
        let http = FakeHttp::new();
        http.discovery(ISSUER, ISSUER, jwks());
        http.set("https://keys.example/jwks", jwks());
        let edge = Edge::new(trusts, Arc::clone(&http), &provider.clock);
        edge.0.start().await;
        for audience in ["a", "b"] {
            edge.accepts(&provider.sign(&provider.with(json!({ "aud": audience })))).await;
        }
        assert_eq!(edge.0.key_sets().len(), 1);
        assert_eq!(edge.0.issuers(), [ISSUER]);
        http.asked().iter().filter(|url| url.ends_with("/jwks")).count()
    };
    let uri = "https://keys.example/jwks";
    // As many starts as trusts; a fetch in progress is joined.
    assert_eq!(asked([trust("a"), trust("b")]).await, 1);
    assert_eq!(asked([trust("a").jwks_uri(uri), trust("b").jwks_uri(uri)]).await, 1);
    assert_eq!(asked([trust("a"), trust("b").jwks_uri(uri)]).await, 2);
    let slowly = trust("b").jwks_refetch_after(std::time::Duration::from_secs(60));
    assert_eq!(asked([trust("a"), slowly]).await, 2);
}

#[tokio::test]
async fn an_issuer_without_one_of_its_key_sets_is_said_to_lack_keys() {
    let provider = Provider::new();
    let http = FakeHttp::new();
    http.discovery(ISSUER, ISSUER, provider.jwks().to_json());
    let trust = |audience: &str| Trust::oidc(ISSUER, audience).named(audience);
    let trusts = [trust("a"), trust("b").jwks_uri("https://keys.example/jwks")];
    let edge = Edge::new(trusts, http, &provider.clock);
    edge.0.start().await;
    assert_eq!(edge.0.key_sets(), [(ISSUER.parse().unwrap(), KeySetState::Missing)]);
    edge.accepts(&provider.sign(&provider.with(json!({ "aud": "a" })))).await;
    let of_b = edge.ask(&provider.sign(&provider.with(json!({ "aud": "b" })))).await;
    assert!(matches!(of_b, Err(Refusal::Unavailable(_))), "{of_b:?}");
}

#[tokio::test]
async fn one_more_audience_is_trusted_while_it_runs_and_all_of_the_issuer_are_removed_at_once() {
    let provider = Provider::new();
    let edge = edge(&provider, [of(&provider, "a")]);
    assert_eq!(subject(&edge, &provider, json!({ "aud": "b" })).await, Err(DeniedKind::Audience));
    assert!(edge.0.add(of(&provider, "a").named("again")).await.is_err());
    edge.0.add(of(&provider, "b")).await.unwrap();
    assert_eq!(subject(&edge, &provider, json!({ "aud": "b" })).await.as_deref(), Ok("b|alice"));
    assert!(edge.0.remove(ISSUER) && !edge.0.remove(ISSUER));
    for aud in ["a", "b"] {
        assert_eq!(subject(&edge, &provider, json!({ "aud": aud })).await, Err(DeniedKind::UntrustedIssuer));
    }
}

#[tokio::test]
async fn another_spelling_and_a_template_have_several_too() {
    let provider = Provider::new();
    let spelt = of(&provider, "b").issuer_aliases(["idp.example"]);
    let known = edge(&provider, [of(&provider, "a"), spelt]);
    let of_alias = |aud| json!({ "iss": "idp.example", "aud": aud });
    assert_eq!(subject(&known, &provider, of_alias("b")).await.as_deref(), Ok("b|alice"));
    // The trust for `a` does not know that spelling.
    assert_eq!(subject(&known, &provider, of_alias("a")).await, Err(DeniedKind::Audience));

    let tenant = |audience: &str| {
        let trust = Trust::oidc("https://login.example/{tenantid}/v2.0", audience).named(audience);
        trust.any_tenant().key_set(provider.jwks())
    };
    let edge = edge(&provider, [tenant("a"), tenant("b")]);
    for aud in ["a", "b"] {
        let claims = json!({ "iss": "https://login.example/t-1/v2.0", "tid": "t-1", "aud": aud });
        assert_eq!(subject(&edge, &provider, claims).await.unwrap(), format!("{aud}|alice"));
    }
}
