//! The line that a refusal leaves. One test, in a process of its own: tracing remembers for a whole process which places
//! are listened to.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use remint_core::{DeniedKind, Environment, Explanation};
use remint_gate::{Decision, Gate, RequestHead, Verdict};
use remint_guard::{Policy, RequestKind, Requirements};
use remint_normalize::Normalizer;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, api_key_of};
use remint_testkit::{CapturedLog, ManualClock};

/// An answer's `x-request-id`.
async fn refused(gate: &Gate, method: &Method, path: &str, lines: &[(&'static str, &str)]) -> String {
    let pair =
        |(name, value): &(&'static str, &str)| (HeaderName::from_static(name), HeaderValue::try_from(*value).unwrap());
    let headers: HeaderMap = lines.iter().map(pair).collect();
    let verdict = match gate.decide(RequestHead::new(method, path, &headers)) {
        Decision::Waiting(waiting) => waiting.await,
        Decision::Ready(Verdict::Deny(denial)) => Verdict::Deny(denial),
        Decision::Ready(other) => panic!("{other:?}"),
    };
    let Verdict::Deny(denial) = verdict else { panic!("{verdict:?}") };
    denial.render(RequestKind::Http).headers()["x-request-id"].to_str().unwrap().to_owned()
}

fn token(claims: &str) -> String {
    let header = BASE64.encode(r#"{"alg":"ES256","kid":"key-1"}"#);
    format!("{header}.{}.c2VjcmV0LXNpZ25hdHVyZQ", BASE64.encode(claims))
}

#[tokio::test]
async fn each_refusal_leaves_one_line_that_says_who_why_and_where_and_has_the_answers_id() {
    let log = CapturedLog::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(log.writer()).finish();
    let _log = tracing::subscriber::set_default(subscriber);
    let known = FakeAuthenticator::new();
    let jwt = token(r#"{"iss":"https://idp.example","sub":"a","aud":["other"],"exp":9,"iat":1}"#);
    known.answer(&jwt, Err(DeniedKind::Audience.into()));
    known.answer("rk_secret", Err(DeniedKind::Expired.into()));
    let mut rehearsal = api_key_of("alice");
    rehearsal.identity.environment = Environment::Test;
    known.answer("rk_test", Ok(rehearsal));
    known.answer("rk_live", Ok(api_key_of("alice")));
    let clock = ManualClock::default();
    let (issuer, audience) = ("https://auth.internal".parse().unwrap(), "internal".parse().unwrap());
    let normalizer = Normalizer::builder(issuer, audience, FakeIssuer::new(clock.clone()))
        .authenticator(known)
        .clock(clock)
        .key_beginning(|text| text.starts_with("rk_s").then(|| "rk_s".to_owned()))
        .explain_tokens(|_, _| Some(Explanation { trust: Some("idp".to_owned()), ..Explanation::default() }))
        .build()
        .unwrap();
    let live = Requirements::new()
        .with_environment(Environment::Live)
        .with_predicate("has-tenant", |identity| identity.tenant.is_some());
    let gate = Gate::new(normalizer, Policy::new().with_requirements(live));

    let bearer = format!("Bearer {jwt}");
    let of_token = [("authorization", bearer.as_str()), ("x-request-id", "r-1")];
    for (lines, parts) in [
        (
            &of_token[..],
            &[
                r#"reason="audience""#,
                r#"trust="idp""#,
                r#"issuer="https://idp.example""#,
                r#"key_id="key-1""#,
                r#"claim="aud""#,
                r#"found="list""#,
                r#"method="PUT""#,
                r#"path="/jobs/7""#,
                r#"request_id="r-1""#,
            ][..],
        ),
        (&[("x-api-key", "rk_secret")], &[r#"reason="expired""#, r#"api_key="rk_s""#, r#"kind="api_key""#]),
        (&[("x-api-key", "rk_test")], &[r#"reason="environment""#, r#"api_key=""#]),
        (&[("x-api-key", "rk_live")], &[r#"reason="predicate""#, r#"detail="has-tenant""#, r#"api_key=""#]),
        (&[], &[r#"reason="no_credential""#, r#"path="/jobs/7""#]),
        (&[("authorization", "Basic secret")], &[r#"reason="unknown_scheme""#]),
    ] {
        // At first, and remembered.
        for _ in 0..2 {
            log.take();
            let id = refused(&gate, &Method::PUT, "/jobs/7", lines).await;
            let text = log.text();
            let line: Vec<_> = text.lines().filter(|line| line.contains("reason=")).collect();
            let [line] = line[..] else { panic!("one line: {text}") };
            assert!(line.contains(" INFO ") && line.contains(&format!("request_id=\"{id}\"")), "{line}");
            for part in parts {
                assert!(line.contains(part), "{part}: {line}");
            }
            assert!(!text.contains("secret") && !text.contains("c2VjcmV0") && !text.contains("rk_test"), "{text}");
        }
    }
}
