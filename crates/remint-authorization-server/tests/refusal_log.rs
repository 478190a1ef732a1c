//! The line that a refusal leaves. One test, in a process of its own: tracing remembers for a whole process which
//! places are listened to.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "oauth/support.rs"]
#[expect(dead_code, reason = "the tests of what the server answers use the rest")]
mod support;

use http::Request;
use remint_testkit::CapturedLog;
use serde_json::json;
use support::{ASSERTION, BEARER, EXCHANGE, JWT, World, basic, forged, post, secret};

/// One request, the parts that its line must have, and what it must not have.
struct Case {
    request: Request<axum::body::Body>,
    parts: Vec<&'static str>,
}

#[tokio::test]
async fn each_refusal_leaves_one_line_with_the_client_the_reason_and_the_answers_id() {
    let log = CapturedLog::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(log.writer()).finish();
    let _log = tracing::subscriber::set_default(subscriber);
    let world = World::new().await;
    let own = [("grant_type", "client_credentials")];
    let ask = |client: &str, form: &[(&str, &str)]| post("/oauth2/token", &basic(client, &secret(client)), form);
    let assertion = |jwt: &str| {
        let form = [own[0], ("client_assertion_type", ASSERTION), ("client_assertion", jwt)];
        post("/oauth2/token", &[], &form)
    };
    let exchange = |text: &str| {
        let form = [("grant_type", EXCHANGE), ("subject_token_type", JWT), ("subject_token", text)];
        ask("svc", &form)
    };
    let (good, other) = (world.external(json!({})), world.external(json!({ "aud": ["other"] })));
    let unread = world.external(json!({ "sub": 7 }));
    let case = |request, parts: &[&'static str]| Case { request, parts: parts.to_vec() };
    let cases = [
        case(
            post("/oauth2/token", &basic("svc", "wrong-canary"), &own),
            &[r#"endpoint="token""#, r#"client="svc""#, r#"error="invalid_client""#, r#"reason="wrong_secret""#],
        ),
        case(
            post("/oauth2/token", &basic("made-up", "wrong-canary"), &own),
            &[r#"client="made-up""#, r#"reason="unknown_client""#],
        ),
        // A credential in the place of the client's name.
        case(
            post("/oauth2/token", &basic("rmt_live_secret-canary", ""), &own),
            &[r#"client="rmt_live_sec""#, r#"reason="unknown_client""#],
        ),
        case(post("/oauth2/token", &basic("signed", "wrong-canary"), &own), &[r#"reason="client_without_secret""#]),
        case(post("/oauth2/token", &[], &own), &[r#"reason="no_client_authentication""#]),
        case(assertion(&forged(&world.assertion(json!({})))), &[r#"client="signed""#, r#"reason="signature""#]),
        case(
            assertion(&world.assertion(json!({ "aud": "https://other.example" }))),
            &[r#"client="signed""#, r#"reason="audience""#, r#"claim="aud""#, r#"issuer="signed""#],
        ),
        case(
            ask("svc", &[own[0], ("audience", "elsewhere")]),
            &[r#"grant="client_credentials""#, r#"client="svc""#, r#"error="invalid_target""#],
        ),
        case(ask("edge", &own), &[r#"grant="client_credentials""#, r#"error="unauthorized_client""#]),
        case(
            exchange(&other),
            &[
                r#"grant="token_exchange""#,
                r#"client="svc""#,
                r#"reason="audience""#,
                r#"issuer="https://idp.example""#,
                r#"key_id="#,
                r#"claim="aud""#,
                r#"found="list""#,
            ],
        ),
        case(exchange(&unread), &[r#"reason="claim""#, r#"claim="sub""#, r#"found="number""#]),
        case(
            ask("svc", &[("grant_type", BEARER), ("assertion", &forged(&good))]),
            &[r#"grant="jwt_bearer""#, r#"error="invalid_grant""#, r#"reason="signature""#],
        ),
        case(
            post("/oauth2/introspect", &basic("svc", "wrong-canary"), &[("token", &good)]),
            &[r#"endpoint="introspection""#, r#"reason="wrong_secret""#],
        ),
        case(
            post("/oauth2/revoke", &basic("svc", "wrong-canary"), &[("token", &good)]),
            &[r#"endpoint="revocation""#, r#"reason="wrong_secret""#],
        ),
    ];
    for (nth, Case { mut request, parts }) in cases.into_iter().enumerate() {
        log.take();
        let id = format!("r-{nth}");
        if nth % 2 == 0 {
            request.headers_mut().insert("x-request-id", id.parse().unwrap());
        }
        let answer = world.send(request).await;
        let told = answer.headers["x-request-id"].to_str().unwrap();
        assert_eq!(told == id, nth % 2 == 0, "{told}");
        let text = log.text();
        let lines: Vec<_> = text.lines().filter(|line| line.contains("endpoint=")).collect();
        let [line] = lines[..] else { panic!("one line: {text}") };
        assert!(line.contains(" INFO ") && line.contains(&format!("request_id=\"{told}\"")), "{line}");
        for part in parts {
            assert!(line.contains(part), "{part}: {line}");
        }
        for credential in ["canary", &good, &other, &unread, &secret("svc")] {
            assert!(!text.contains(credential), "{text}");
        }
        let signature = good.rsplit('.').next().unwrap();
        assert!(!text.contains(signature) && answer.body.get("request_id").is_none(), "{text}");
    }
}
