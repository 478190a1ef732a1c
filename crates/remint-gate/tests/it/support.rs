use http::{HeaderMap, HeaderName, HeaderValue, Method};
use remint_core::{Authentication, DeniedKind, Environment, Timestamp, Unavailable, UnavailableKind};
use remint_gate::{Decision, Forward, Gate, RequestHead, Verdict};
use remint_guard::{Denial, Policy, Requirements, ResourceMetadata};
use remint_normalize::{FailureLimits, Normalizer, NormalizerBuilder};
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, api_key_of, jwt_of};

/// What an edge knows: `good` (a key), `a.b.good` (a token), `test` (a key of the other environment), `expired`, `down`.
pub(crate) fn known() -> FakeAuthenticator {
    let known = FakeAuthenticator::new();
    known.answer("good", Ok(api_key_of("alice")));
    known.answer("a.b.good", Ok(jwt_of("alice", Timestamp::from_secs(1), Timestamp::MAX)));
    let mut rehearsal: Authentication = api_key_of("alice");
    rehearsal.identity.environment = Environment::Test;
    known.answer("test", Ok(rehearsal));
    known.answer("expired", Err(DeniedKind::Expired.into()));
    known.answer("down", Err(Unavailable::new(UnavailableKind::Store).into()));
    known
}

pub(crate) fn normalizer(
    known: &FakeAuthenticator,
    with: impl FnOnce(NormalizerBuilder) -> NormalizerBuilder,
) -> Normalizer {
    let clock = ManualClock::default();
    let builder = Normalizer::builder(
        "https://auth.internal".parse().unwrap(),
        "internal".parse().unwrap(),
        FakeIssuer::new(clock.clone()),
    );
    with(builder.failure_limits(FailureLimits::new().warn_at(None)).authenticator(known.clone()).clock(clock))
        .build()
        .unwrap()
}

pub(crate) fn gate(policy: Policy) -> Gate {
    Gate::new(normalizer(&known(), |builder| builder), policy)
}

pub(crate) fn live_only() -> Policy {
    Policy::new().with_requirements(Requirements::new().with_environment(Environment::Live))
}

pub(crate) fn with_document() -> Policy {
    Policy::new().with_resource_metadata(&ResourceMetadata::new("https://api.example").unwrap())
}

pub(crate) const DOCUMENT: &str = "/.well-known/oauth-protected-resource";

pub(crate) fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in lines {
        map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap());
    }
    map
}

/// A `GET /` with these header lines.
pub(crate) async fn get(gate: &Gate, lines: &[(&str, &str)]) -> Verdict<'static> {
    let headers = headers(lines);
    settle(gate, RequestHead::new(&Method::GET, "/", &headers)).await
}

/// The verdict, whether it is ready or has to be waited for.
pub(crate) async fn settle(gate: &Gate, head: RequestHead<'_>) -> Verdict<'static> {
    match gate.decide(head) {
        Decision::Ready(verdict) => to_keep(verdict),
        Decision::Waiting(waiting) => waiting.await,
    }
}

fn to_keep(verdict: Verdict<'_>) -> Verdict<'static> {
    match verdict {
        Verdict::Forward(Forward { identity, edits, response }) => {
            Verdict::Forward(Forward { identity, edits: edits.into_owned(), response })
        }
        Verdict::Deny(denial) => Verdict::Deny(denial),
        Verdict::Document(document) => Verdict::Document(document),
    }
}

pub(crate) fn forwarded(verdict: Verdict<'static>) -> Forward<'static> {
    match verdict {
        Verdict::Forward(forward) => forward,
        other => panic!("not forwarded: {other:?}"),
    }
}

pub(crate) fn denied(verdict: Verdict<'static>) -> Denial {
    match verdict {
        Verdict::Deny(denial) => denial,
        other => panic!("not denied: {other:?}"),
    }
}
