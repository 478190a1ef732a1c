//! What is counted and logged.

use http::Request;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use remint_testkit::CapturedLog;
use serde_json::json;

use crate::support::{ASSERTION, BEARER, EXCHANGE, JWT, World, basic, forged, post, secret};

#[tokio::test]
async fn how_long_a_token_request_takes_is_told_by_grant_and_outcome() {
    let world = World::new().await;
    let recorder = DebuggingRecorder::new();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let own = [("grant_type", "client_credentials")];
    world.token("svc", &own).await.token();
    assert_eq!(world.token("edge", &own).await.error(), (400, "unauthorized_client"));
    assert_eq!(world.send(post("/oauth2/token", &basic("svc", "wrong"), &own)).await.status, 401);

    let mut told = Vec::new();
    for (key, _, _, value) in recorder.snapshotter().snapshot().into_vec() {
        if key.key().name() == "remint_token_request_seconds" {
            let DebugValue::Histogram(seconds) = value else { panic!("{value:?}") };
            assert!(matches!(seconds[..], [one] if *one > 0.0), "{seconds:?}");
            told.push(key.key().labels().map(|label| label.value().to_owned()).collect::<Vec<_>>().join(" "));
        }
    }
    told.sort();
    assert_eq!(told, ["client_credentials issued", "client_credentials unauthorized_client", "none invalid_client"]);
}

#[tokio::test]
async fn token_requests_are_counted_by_a_client_that_there_is() {
    let world = World::new().await;
    let recorder = DebuggingRecorder::new();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let own = [("grant_type", "client_credentials")];
    world.token("svc", &own).await.token();
    for (client, secret) in [("svc", "wrong"), ("made-up", "x")] {
        assert_eq!(world.send(post("/oauth2/token", &basic(client, secret), &own)).await.status, 401);
    }
    let mut counted: Vec<_> = recorder.snapshotter().snapshot().into_vec().into_iter().map(|(key, ..)| key).collect();
    counted.retain(|key| key.key().name() == "remint_token_requests_total");
    let labels = |label: &metrics::Label| label.value().to_owned();
    let mut counted: Vec<_> =
        counted.iter().map(|key| key.key().labels().map(labels).collect::<Vec<_>>().join(" ")).collect();
    counted.sort();
    assert_eq!(counted, ["client_credentials svc issued", "none none invalid_client", "none svc invalid_client"]);
}

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
