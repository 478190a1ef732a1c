//! Whatever keeps an issuer from answering is an outage of ours, and never a 401.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use remint_core::{Authenticator, Credential, CredentialForm, DeniedKind, Refusal, Slot, UnavailableKind};
use remint_oidc::{EndpointSettings, Introspection};
use serde_json::json;
use wiremock::ResponseTemplate;

use super::support::{Held, Server, TOKEN, credentials};
use crate::support::{Edge, FakeHttp, ISSUER, Provider};

fn impatient() -> EndpointSettings {
    EndpointSettings { deadline: Duration::from_millis(200), ..EndpointSettings::default() }
}

/// A 200 with this body, which is said to be JSON.
fn ok(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body.as_bytes().to_vec(), "application/json")
}

/// What goes wrong, in the words of a server that shows the token to whoever reads on.
fn outages() -> Vec<(&'static str, ResponseTemplate)> {
    let error = |status, code| {
        ResponseTemplate::new(status).set_body_json(json!({ "error": code, "error_description": TOKEN }))
    };
    vec![
        ("500", ResponseTemplate::new(500).set_body_string(TOKEN)),
        ("503", ResponseTemplate::new(503).set_body_string(TOKEN)),
        ("429", ResponseTemplate::new(429)),
        ("our secret is wrong", error(401, "invalid_client")),
        ("an error nobody knows", error(400, TOKEN)),
        ("it does not like the token", error(400, "invalid_request")),
        ("it does not like us", error(403, "access_denied")),
        ("not there", ResponseTemplate::new(404).set_body_string(TOKEN)),
        ("moved", ResponseTemplate::new(302).insert_header("location", "https://evil.example/")),
        ("empty", ResponseTemplate::new(204)),
        ("a page", ResponseTemplate::new(200).set_body_raw(br#"{"active":true}"#.to_vec(), "text/html")),
        ("no JSON", ok(TOKEN)),
        ("no object", ok("[true]")),
        ("nothing", ok("{}")),
        ("a text", ok(r#"{"active":"true"}"#)),
        ("a number", ok(r#"{"active":1}"#)),
        ("null", ok(r#"{"active":null}"#)),
        ("both", ok(r#"{"active":false,"active":true}"#)),
        ("cut off", ok(r#"{"active":false"#)),
        ("too large", ok(&format!(r#"{{"active":false,"x":"{}"}}"#, "x".repeat(64 * 1024)))),
        ("too late", ok(r#"{"active":true}"#).set_delay(Duration::from_secs(60))),
    ]
}

#[tokio::test]
async fn no_answer_that_could_be_used_is_an_outage_that_shows_nothing_of_the_token() {
    for (name, response) in outages() {
        let server = Server::new().await;
        server.answers(response).await;
        let edge = server.edge_with(server.trust_by(server.introspection().endpoint_settings(impatient())));
        let outage = edge.cannot_say(TOKEN).await;
        assert_eq!(outage.kind(), UnavailableKind::Introspection, "{name}");
        let mut shown = format!("{outage:?} {outage} {:?}", edge.0);
        let mut source = outage.source();
        while let Some(error) = source {
            shown = format!("{shown} {error} {error:?}");
            source = error.source();
        }
        assert!(!shown.contains("canary"), "{name}: {shown}");
    }
}

#[tokio::test]
async fn refusals_show_nothing_of_the_token_either() {
    for changes in [json!({ "aud": TOKEN }), json!({ "sub": 1, "x": TOKEN }), json!({ "iss": TOKEN })] {
        let server = Server::saying(changes).await;
        let edge = server.edge();
        let refusal = edge.ask_in(Slot::Bearer, TOKEN).await.unwrap_err();
        assert!(matches!(refusal, Refusal::Denied(_)));
        assert!(!format!("{refusal:?} {refusal} {:?}", edge.0).contains("canary"));
    }
}

#[tokio::test]
async fn nobody_there_is_an_outage() {
    let server = Server::new().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let introspection = Introspection::new(credentials()).endpoint(format!("http://{free}/introspect"));
    let edge = server.edge_with(server.trust_by(introspection.endpoint_settings(impatient())));
    assert_eq!(edge.cannot_say(TOKEN).await.kind(), UnavailableKind::Introspection);
}

#[tokio::test]
async fn an_issuer_that_names_no_endpoint_is_an_outage() {
    let server = Server::new().await;
    for document in [None, Some(json!({ "issuer": ISSUER })), Some(json!({ "issuer": "https://other.example" }))] {
        let http = FakeHttp::new();
        if let Some(document) = document {
            http.set("https://idp.example/.well-known/oauth-authorization-server", document);
        }
        let edge = Edge::new([server.trust_by(Introspection::new(credentials()))], http, &server.clock);
        assert_eq!(edge.cannot_say(TOKEN).await.kind(), UnavailableKind::Introspection);
    }
}

#[tokio::test]
async fn an_issuer_that_keeps_failing_is_left_alone_for_a_while() {
    let server = Server::new().await;
    server.answers(ResponseTemplate::new(500)).await;
    let edge = server.edge();
    for _ in 0..5 {
        edge.cannot_say(TOKEN).await;
    }
    let asked = server.seen().await.len();
    let outage = edge.cannot_say(TOKEN).await;
    assert!(outage.retry_after() >= Duration::from_secs(1));
    assert_eq!(server.seen().await.len(), asked, "the breaker is open");
}

#[tokio::test]
async fn strangers_cannot_have_more_than_so_many_questions_under_way() {
    let server = Server::new().await;
    let held = Held::answering(&server.active());
    let patient = EndpointSettings { deadline: Duration::from_secs(600), ..EndpointSettings::default() };
    let introspection = server.introspection().http(Arc::clone(&held) as _).endpoint_settings(patient);
    let edge = Arc::new(server.edge_with(server.trust_by(introspection)));
    let mut waiting = Vec::new();
    for _ in 0..256 {
        let edge = Arc::clone(&edge);
        waiting.push(tokio::spawn(async move { edge.ask_in(Slot::Bearer, TOKEN).await }));
        held.began.notified().await;
    }
    let at_once = tokio::time::timeout(Duration::from_secs(10), edge.cannot_say(TOKEN)).await;
    assert_eq!(at_once.unwrap().kind(), UnavailableKind::Overloaded);
    held.go_on.notify_waiters();
    for waiting in waiting {
        assert!(waiting.await.unwrap().is_ok());
    }
    held.go_on.notify_one();
    edge.accepts_opaque(TOKEN).await;
}

#[tokio::test]
async fn an_issuer_that_is_trusted_no_more_while_it_answers_vouches_for_nobody() {
    let server = Server::new().await;
    let held = Held::answering(&server.active());
    let edge = Arc::new(server.edge_with(server.trust_by(server.introspection().http(Arc::clone(&held) as _))));
    let asking = tokio::spawn({
        let edge = Arc::clone(&edge);
        async move { edge.ask_in(Slot::Bearer, TOKEN).await }
    });
    held.began.notified().await;
    assert!(edge.0.remove(ISSUER));
    held.go_on.notify_one();
    let Err(Refusal::Denied(denied)) = asking.await.unwrap() else { panic!() };
    assert_eq!(denied.kind(), DeniedKind::UntrustedIssuer);
    assert!(edge.ask_in(Slot::Bearer, TOKEN).await.unwrap().is_none(), "nobody's token any more");
}

#[tokio::test]
async fn a_token_that_ended_while_its_issuer_was_asked_is_refused() {
    let server = Server::new().await;
    let held = Held::answering(&server.active());
    for (late, kind) in [(Duration::from_secs(300), "denied"), (Duration::from_secs(60), "unavailable")] {
        let edge = server.edge_with(server.trust_by(server.introspection().http(Arc::clone(&held) as _)));
        let credential = Credential::new(Slot::Bearer, CredentialForm::ApiKey, TOKEN);
        let asking = edge.0.authenticate(credential);
        let later = async {
            held.began.notified().await;
            server.clock.advance(late);
            held.go_on.notify_one();
        };
        let (answer, ()) = tokio::join!(asking, later);
        match answer.unwrap_err() {
            Refusal::Denied(denied) => assert_eq!((kind, denied.kind()), ("denied", DeniedKind::Expired)),
            Refusal::Unavailable(outage) => {
                assert_eq!((kind, outage.kind()), ("unavailable", UnavailableKind::Introspection));
            }
        }
        *held.answer.lock().unwrap() = server.active().to_string().into_bytes();
    }
}

#[tokio::test]
async fn a_jwt_is_an_outage_too_while_its_issuer_does_not_answer() {
    let provider = Provider::new();
    let server = Server::new().await;
    server.clock.set(remint_core::Clock::now(&provider.clock));
    server.answers(ResponseTemplate::new(500)).await;
    let refusal = server.edge().ask(&provider.sign(&provider.claims())).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Unavailable(_)));
}
