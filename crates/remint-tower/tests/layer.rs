//! What the layer lets through, what it refuses, and what reaches the service behind it.
#![expect(clippy::unwrap_used, clippy::type_complexity, reason = "a test may panic")]

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use remint_core::{
    Audience, Clock, DeniedKind, Effect, Enricher, Enrichment, Environment, Ext, Identity, IssuerId, KeyId, Refusal,
    Revocation, Scopes, Target, Timestamp, Unavailable, UnavailableKind,
};
use remint_guard::{Caller, Requirements};
use remint_normalize::{Normalizer, NormalizerBuilder, StaticEnricher};
use remint_revocation::Revocations;
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, api_key_of, jwt_of};
use remint_tower::{NormalizeLayer, RequestKind};
use tower::{Layer, Service, ServiceExt, service_fn};

type Answer = Response<Full<Bytes>>;

/// An edge whose service behind echoes what it saw.
struct Edge {
    clock: ManualClock,
    known: FakeAuthenticator,
    issuer: FakeIssuer,
    revocations: Revocations,
    layer: NormalizeLayer,
}

impl Edge {
    fn new() -> Self {
        Self::built(|builder| builder, |layer| layer)
    }

    fn built(
        with: impl FnOnce(NormalizerBuilder) -> NormalizerBuilder,
        and: impl FnOnce(NormalizeLayer) -> NormalizeLayer,
    ) -> Self {
        let (clock, known) = (ManualClock::default(), FakeAuthenticator::new());
        let revocations = Revocations::in_memory(clock.clone()).unwrap();
        let issuer = FakeIssuer::new(clock.clone());
        let (url, audience) = (IssuerId::new("https://auth.internal").unwrap(), Audience::new("internal").unwrap());
        let builder = Normalizer::builder(url, audience, issuer.clone())
            .authenticator(known.clone())
            .revocations(revocations.clone())
            .clock(clock.clone());
        let layer = and(NormalizeLayer::new(with(builder).build().unwrap()));
        Self { clock, known, issuer, revocations, layer }
    }

    async fn send(&self, request: Request<()>) -> Answer {
        self.layer.layer(service_fn(echo)).oneshot(request).await.unwrap()
    }

    async fn status(&self, request: Request<()>) -> u16 {
        self.send(request).await.status().as_u16()
    }

    fn revoke(&self, target: Target, effect: Effect) {
        self.revocations.table().apply(&Revocation::new(target, effect, self.clock.now()));
    }
}

async fn echo(request: Request<()>) -> Result<Answer, Infallible> {
    let caller = request.extensions().get::<Arc<Identity>>().map_or("-".to_owned(), |i| i.subject.to_string());
    let mut response = Response::new(Full::from(caller));
    *response.headers_mut() = prefixed(request.headers());
    Ok(response)
}

fn prefixed(headers: &HeaderMap) -> HeaderMap {
    headers
        .iter()
        .map(|(name, value)| (format!("saw-{name}").parse::<http::HeaderName>().unwrap(), value.clone()))
        .collect()
}

fn with(lines: &[(&str, &str)]) -> Request<()> {
    lines.iter().fold(Request::get("/"), |request, (name, value)| request.header(*name, *value)).body(()).unwrap()
}

fn key() -> Request<()> {
    with(&[("x-api-key", "good")])
}

fn text<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers().get(name).map(|value| value.to_str().unwrap())
}

async fn body(answer: Answer) -> String {
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

fn k1() -> Target {
    Target::Key(KeyId::new("k1").unwrap())
}

#[tokio::test]
async fn one_internal_token_takes_the_place_of_whatever_came() {
    let edge = Edge::new();
    edge.known.answer("good", Ok(api_key_of("alice")));
    edge.known.answer("a.b.c", Ok(jwt_of("bob", edge.clock.now(), Timestamp::MAX)));
    let forged = [
        ("x-api-key", "good"),
        ("x-user-id", "root"),
        ("x_user_id", "root"),
        ("x-remint-scopes", "all"),
        ("x_auth_request_user", "root"),
        ("proxy-authorization", "Basic dTpw"),
        ("workload-identity-token", "a.b.c"),
    ];
    for warm in [false, true] {
        let answer = edge.send(with(&forged)).await;
        assert_eq!(text(&answer, "saw-authorization"), Some("Bearer e30.e30.1"), "warm: {warm}");
        assert!(answer.headers().keys().all(|name| name == "saw-authorization"), "{:?}", answer.headers());
        assert_eq!(body(answer).await, "alice");
        let answer = edge.send(with(&[("authorization", "Bearer a.b.c"), ("accept", "*/*")])).await;
        assert_eq!(text(&answer, "saw-authorization"), Some("Bearer e30.e30.2"));
        assert_eq!(text(&answer, "saw-accept"), Some("*/*"));
        assert_eq!(body(answer).await, "idp|bob");
    }
    assert_eq!((edge.known.asked(), edge.issuer.minted()), (2, 2));
}

#[tokio::test]
async fn the_same_text_in_another_slot_is_checked_anew() {
    let edge = Edge::new();
    edge.known.answer("good", Ok(api_key_of("alice")));
    edge.status(key()).await;
    edge.status(with(&[("authorization", "Token good")])).await;
    edge.status(with(&[("authorization", "Bearer good")])).await;
    assert_eq!(edge.known.asked(), 3);
}

#[tokio::test]
async fn each_refusal_has_its_status_and_challenge_and_says_no_more() {
    let edge = Edge::new();
    let bad = r#"Bearer error="invalid_request""#;
    let token = r#"Bearer error="invalid_token""#;
    let long = format!("Bearer {}", "a".repeat(9000));
    let cases: &[(&[(&str, &str)], u16, &str)] = &[
        (&[], 401, "Bearer"),
        (&[("authorization", "Basic dTpw")], 401, token),
        (&[("authorization", "Bearer a.b.c.d.e")], 401, token),
        (&[("authorization", "Bearer x.y.z")], 401, token),
        (&[("x-api-key", "unknown")], 401, token),
        (&[("x-api-key", "a"), ("authorization", "Bearer b")], 400, bad),
        (&[("authorization", "Bearer a"), ("authorization", "Bearer a")], 400, bad),
        (&[("authorization", "Bearer a, Bearer b")], 400, bad),
        (&[("authorization", "Bearer")], 400, bad),
        (&[("x_api_key", "a")], 400, bad),
        (&[("authorization", &long)], 400, bad),
    ];
    for (lines, status, challenge) in cases {
        for _ in 0..2 {
            let answer = edge.send(with(lines)).await;
            assert_eq!(answer.status().as_u16(), *status, "{lines:?}");
            assert_eq!(text(&answer, "www-authenticate"), Some(*challenge), "{lines:?}");
            assert_eq!(text(&answer, "content-type"), Some("application/problem+json"));
            assert!(answer.headers().keys().all(|name| !name.as_str().starts_with("saw-")), "it went on: {lines:?}");
        }
    }
}

#[tokio::test]
async fn an_outage_is_never_a_401() {
    let edge = Edge::new();
    let outage = |kind| Err(Refusal::from(Unavailable::new(kind).with_retry_after(Duration::from_secs(7))));
    edge.known.answer("good", outage(UnavailableKind::Store));
    for _ in 0..2 {
        let answer = edge.send(key()).await;
        assert_eq!((answer.status().as_u16(), text(&answer, "retry-after")), (503, Some("7")));
        assert_eq!(text(&answer, "www-authenticate"), None);
    }
    assert_eq!(edge.known.asked(), 2, "an outage is not remembered");
    edge.known.answer("good", Ok(api_key_of("alice")));
    edge.issuer.fail(Some(Unavailable::new(UnavailableKind::Issuer)));
    assert_eq!(edge.status(key()).await, 503);
    edge.issuer.fail(None);
    assert_eq!(edge.status(key()).await, 200);
    edge.known.answer("good", outage(UnavailableKind::Store));
    assert_eq!(edge.status(key()).await, 200, "a known credential goes on");
}

#[tokio::test]
async fn a_denial_is_remembered_only_as_long_as_its_kind_allows() {
    for (kind, asked) in [
        (DeniedKind::Signature, 1),
        (DeniedKind::Expired, 1),
        (DeniedKind::Revoked, 1),
        (DeniedKind::UnknownApiKey, 1),
        (DeniedKind::UnknownKeyId, 2),
        (DeniedKind::NotYetValid, 2),
        (DeniedKind::UserDisabled, 2),
        (DeniedKind::Tenant, 2),
    ] {
        let edge = Edge::new();
        edge.known.answer("good", Err(kind.into()));
        assert_eq!((edge.status(key()).await, edge.status(key()).await), (401, 401));
        assert_eq!(edge.known.asked(), asked, "{kind:?}");
        edge.clock.advance(Duration::from_secs(10));
        edge.status(key()).await;
        assert_eq!(edge.known.asked(), asked + 1, "{kind:?}");
    }
    let edge = Edge::new();
    edge.known.answer("good", Err(DeniedKind::UnknownApiKey.into()));
    edge.status(key()).await;
    edge.clock.advance(Duration::from_secs(2));
    edge.known.answer("good", Ok(api_key_of("alice")));
    assert_eq!(edge.status(key()).await, 200, "an unknown key is forgotten after two seconds");
}

#[tokio::test]
async fn nothing_outlives_what_it_came_from() {
    let edge = Edge::new();
    let now = edge.clock.now();
    let ends = now.saturating_add(Duration::from_secs(100));
    edge.known.answer("a.b.c", Ok(jwt_of("bob", now, ends)));
    let request = || with(&[("authorization", "Bearer a.b.c")]);
    assert_eq!(edge.status(request()).await, 200);
    edge.clock.advance(Duration::from_millis(99_999));
    assert_eq!((edge.status(request()).await, edge.known.asked()), (200, 1));
    edge.clock.advance(Duration::from_millis(1));
    // The fake goes on saying yes: the line itself refuses what has ended.
    assert_eq!((edge.status(request()).await, edge.known.asked()), (401, 2));
}

#[tokio::test]
async fn a_cached_token_leaves_with_at_least_min_remaining() {
    let edge = Edge::new();
    edge.known.answer("good", Ok(api_key_of("alice")));
    edge.status(key()).await;
    edge.clock.advance(Duration::from_millis(284_999));
    edge.status(key()).await;
    assert_eq!(edge.issuer.minted(), 1);
    edge.clock.advance(Duration::from_millis(1));
    edge.status(key()).await;
    assert_eq!(edge.issuer.minted(), 2);
}

#[tokio::test]
async fn a_revocation_that_has_been_acknowledged_holds() {
    let edge = Edge::new();
    edge.known.answer("good", Ok(api_key_of("alice")));
    assert_eq!(edge.status(key()).await, 200);
    edge.revoke(k1(), Effect::Ended);
    assert_eq!(edge.status(key()).await, 401, "although the authenticator still says yes");
    let edge = Edge::new();
    edge.known.answer("good", Ok(api_key_of("alice")));
    assert_eq!(edge.status(key()).await, 200);
    edge.revoke(k1(), Effect::Changed);
    assert_eq!((edge.status(key()).await, edge.known.asked()), (200, 2), "a change only makes caches forget");
}

#[tokio::test]
async fn an_exchange_that_a_revocation_overtakes_lets_nobody_pass() {
    let edge = Edge::new();
    edge.known.answer("good", Ok(api_key_of("alice")));
    let gate = edge.known.gate();
    let mut service = edge.layer.layer(service_fn(echo));
    let first = tokio::spawn(service.call(key()));
    tokio::task::yield_now().await;
    edge.revoke(k1(), Effect::Ended);
    // Came after the revocation was acknowledged, and shares the exchange that began before it.
    let second = tokio::spawn(service.call(key()));
    tokio::task::yield_now().await;
    gate.add_permits(10);
    assert_eq!(second.await.unwrap().unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(first.await.unwrap().unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(edge.status(key()).await, 401);
}

#[tokio::test]
async fn ten_thousand_cold_callers_of_one_credential_are_one_authentication() {
    let edge = Edge::new();
    edge.known.answer("good", Ok(api_key_of("alice")));
    let gate = edge.known.gate();
    let mut service = edge.layer.layer(service_fn(echo));
    let callers: Vec<_> = (0..10_000).map(|_| tokio::spawn(service.call(key()))).collect();
    tokio::task::yield_now().await;
    gate.add_permits(1);
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap().status(), StatusCode::OK);
    }
    assert_eq!((edge.known.asked(), edge.issuer.minted()), (1, 1));
}

#[tokio::test]
async fn warm_and_cold_give_the_same_verdict() {
    let required = Requirements::new().with_scopes(["jobs:write"]).unwrap().with_environment(Environment::Live);
    let edge = Edge::built(|builder| builder, |layer| layer.with_requirements(required));
    for (name, scopes, environment, status) in [
        ("good", "jobs:write jobs:read", Environment::Live, 200),
        ("narrow", "jobs:read", Environment::Live, 403),
        ("rehearsal", "jobs:write", Environment::Test, 403),
    ] {
        let mut known = api_key_of("alice");
        known.identity.scopes = scopes.parse::<Scopes>().unwrap();
        known.identity.environment = environment;
        edge.known.answer(name, Ok(known));
        for _ in 0..3 {
            assert_eq!(edge.status(with(&[("x-api-key", name)])).await, status, "{name}");
        }
    }
    assert_eq!(edge.known.asked(), 3, "each was authenticated once");
    let answer = edge.send(with(&[("x-api-key", "narrow")])).await;
    assert_eq!(text(&answer, "www-authenticate"), Some(r#"Bearer error="insufficient_scope", scope="jobs:write""#));
}

#[tokio::test]
async fn in_optional_mode_none_passes_and_a_bad_one_does_not() {
    let edge = Edge::built(|builder| builder, NormalizeLayer::optional);
    let forged = [
        ("x-user-id", "root"),
        ("x_tenant_id", "t"),
        ("x-remint-scopes", "all"),
        ("x_auth_request_user", "root"),
        ("proxy-authorization", "Basic dTpw"),
        ("remote-user", "root"),
        ("accept", "*/*"),
    ];
    let answer = edge.send(with(&forged)).await;
    assert_eq!(answer.headers().len(), 1, "identity headers are stripped from anonymous requests too");
    assert_eq!(body(answer).await, "-");
    let bad: &[&[(&str, &str)]] =
        &[&[("authorization", "Basic dTpw")], &[("authorization", "Bearer x.y.z")], &[("x-api-key", "unknown")]];
    for lines in bad {
        assert_eq!(edge.status(with(lines)).await, 401, "{lines:?}");
    }
}

#[tokio::test]
async fn an_identity_that_is_already_there_does_not_make_an_anonymous_request_someone() {
    let edge = Edge::built(|builder| builder, NormalizeLayer::optional);
    let mut request = with(&[]);
    request
        .extensions_mut()
        .insert(Arc::clone(Caller::<serde_json::Map<String, serde_json::Value>>::for_test("root").identity()));
    assert_eq!(body(edge.send(request).await).await, "-");
}

#[tokio::test]
async fn a_cors_preflight_is_refused_as_everything_else() {
    let edge = Edge::new();
    let mut preflight = with(&[("origin", "https://app.example"), ("access-control-request-method", "PUT")]);
    *preflight.method_mut() = http::Method::OPTIONS;
    assert_eq!(edge.status(preflight).await, 401);
}

#[tokio::test]
async fn where_it_is_allowed_a_cors_preflight_passes_without_a_credential_and_without_an_identity() {
    let edge = Edge::built(|builder| builder, NormalizeLayer::allow_cors_preflight);
    let preflight = |lines: &[(&str, &str)]| {
        let mut request = with(lines);
        *request.method_mut() = http::Method::OPTIONS;
        request
    };
    let whole = [("origin", "https://app.example"), ("access-control-request-method", "PUT")];
    let forged = [whole[0], whole[1], ("x-remint-subject", "root"), ("x_user_id", "root")];
    let answer = edge.send(preflight(&forged)).await;
    assert!(!answer.headers().keys().any(|name| name.as_str().contains("remint") || name.as_str().contains("user")));
    assert_eq!(body(answer).await, "-");
    assert_eq!(edge.status(preflight(&[whole[0], whole[1], ("x-api-key", "unknown")])).await, 401);
    assert_eq!(edge.status(preflight(&whole[..1])).await, 401);
    assert_eq!(edge.status(with(&whole)).await, 401);
}

#[tokio::test]
async fn grpc_is_denied_in_its_own_terms() {
    let edge = Edge::new();
    edge.known.answer("down", Err(Unavailable::new(UnavailableKind::Store).into()));
    for (lines, status) in [
        (&[("content-type", "application/grpc")][..], "16"),
        (&[("content-type", "application/grpc+proto"), ("x-api-key", "unknown")], "16"),
        (&[("content-type", "application/grpc"), ("x-api-key", "down")], "14"),
    ] {
        let mut call = with(lines);
        *call.method_mut() = http::Method::POST;
        *call.version_mut() = http::Version::HTTP_2;
        let answer = edge.send(call).await;
        assert_eq!((answer.status().as_u16(), text(&answer, "grpc-status")), (200, Some(status)));
    }
}

#[tokio::test]
async fn a_content_type_turns_no_401_into_a_200() {
    let edge = Edge::new();
    edge.known.answer("down", Err(Unavailable::new(UnavailableKind::Store).into()));
    for (method, version) in [
        (http::Method::GET, http::Version::HTTP_11),
        (http::Method::POST, http::Version::HTTP_11),
        (http::Method::GET, http::Version::HTTP_2),
    ] {
        for (lines, status) in [
            (&[("content-type", "application/grpc")][..], 401),
            (&[("content-type", "application/grpc+proto"), ("x-api-key", "unknown")], 401),
            (&[("content-type", "application/grpc"), ("x-api-key", "down")], 503),
        ] {
            let mut request = with(lines);
            (*request.method_mut(), *request.version_mut()) = (method.clone(), version);
            let answer = edge.send(request).await;
            let seen = (answer.status().as_u16(), text(&answer, "grpc-status"));
            assert_eq!(seen, (status, None), "{method} {version:?} {lines:?}");
        }
    }
}

#[derive(Debug)]
struct Asked(Result<Enrichment, Unavailable>);

#[async_trait::async_trait]
impl Enricher for Asked {
    async fn enrich(&self, _: &Identity) -> Result<Enrichment, Unavailable> {
        self.0.clone()
    }
}

#[tokio::test]
async fn an_enricher_that_fails_is_a_503_unless_it_is_optional() {
    let down = || Asked(Err(Unavailable::new(UnavailableKind::Enricher)));
    let plan =
        || StaticEnricher::new(Ext::try_from(serde_json::Map::from_iter([("plan".into(), "gold".into())])).unwrap());
    for (edge, status) in [
        (Edge::built(|b| b.enricher(plan()).enricher(down()), |l| l), 503),
        (Edge::built(|b| b.enricher(plan()).optional_enricher(down()), |l| l), 200),
    ] {
        edge.known.answer("good", Ok(api_key_of("alice")));
        assert_eq!(edge.status(key()).await, status);
    }
}

#[tokio::test]
async fn an_optional_enricher_that_failed_is_asked_again_soon() {
    let down = Asked(Err(Unavailable::new(UnavailableKind::Enricher)));
    let edge = Edge::built(|builder| builder.optional_enricher(down), |layer| layer);
    edge.known.answer("good", Ok(api_key_of("alice")));
    edge.status(key()).await;
    edge.clock.advance(Duration::from_millis(9_999));
    assert_eq!((edge.status(key()).await, edge.known.asked()), (200, 1));
    edge.clock.advance(Duration::from_millis(1));
    assert_eq!((edge.status(key()).await, edge.known.asked()), (200, 2));
}

#[tokio::test]
async fn an_entry_ends_when_its_enrichment_does() {
    let ends = ManualClock::default().now().saturating_add(Duration::from_secs(20));
    let enricher = Asked(Ok(Enrichment { valid_until: ends, ..Enrichment::new(Ext::new()) }));
    let edge = Edge::built(|builder| builder.enricher(enricher), |layer| layer);
    edge.known.answer("good", Ok(api_key_of("alice")));
    assert_eq!(edge.status(key()).await, 200);
    edge.clock.advance(Duration::from_millis(19_999));
    assert_eq!((edge.status(key()).await, edge.known.asked()), (200, 1));
    edge.clock.advance(Duration::from_millis(1));
    assert_eq!((edge.status(key()).await, edge.known.asked()), (503, 2), "out of date is an outage, not a denial");
}

#[tokio::test]
async fn the_service_that_was_ready_gets_the_request() {
    /// Panics if it is called without having been asked.
    #[derive(Clone)]
    struct MustBeAsked(bool);
    impl Service<Request<()>> for MustBeAsked {
        type Response = Answer;
        type Error = Infallible;
        type Future = std::future::Ready<Result<Answer, Infallible>>;
        fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
            self.0 = true;
            std::task::Poll::Ready(Ok(()))
        }
        fn call(&mut self, _: Request<()>) -> Self::Future {
            assert!(std::mem::take(&mut self.0), "called without having been ready");
            std::future::ready(Ok(Response::new(Full::default())))
        }
    }
    let edge = Edge::new();
    edge.known.answer("good", Ok(api_key_of("alice")));
    let mut service = edge.layer.layer(MustBeAsked(false));
    for _ in 0..3 {
        service.ready().await.unwrap().call(key()).await.unwrap();
    }
}

#[tokio::test]
async fn a_hook_shapes_the_body_of_a_denial() {
    let hook =
        |_: &remint_tower::DenialContext<'_>, response: Response<Bytes>| response.map(|_| Bytes::from_static(b"no"));
    let denials = remint_tower::Denials::new().with_hook(hook);
    let edge = Edge::built(|builder| builder, |layer| layer.with_denials(denials));
    let answer = edge.send(with(&[])).await;
    assert_eq!((answer.status().as_u16(), body(answer).await.as_str()), (401, "no"));
    assert_eq!(RequestKind::of(&Request::new(())), RequestKind::Http);
}
