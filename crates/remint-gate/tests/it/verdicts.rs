//! What becomes of a request.

use http::{Method, StatusCode};
use remint_core::Environment;
use remint_gate::{Decision, Gate, RequestHead, Verdict, Waiting};
use remint_guard::{Policy, RequestKind};

use crate::support::{
    DOCUMENT, denied, forwarded, gate, get, headers, known, live_only, normalizer, settle, with_document,
};

const KEY: &[(&str, &str)] = &[("x-api-key", "good")];

#[tokio::test]
async fn a_good_credential_goes_on_with_its_identity_waiting_once_and_ready_then() {
    let gate = gate(Policy::new());
    let map = headers(KEY);
    let head = RequestHead::new(&Method::GET, "/", &map);
    assert!(matches!(gate.decide(head), Decision::Waiting(_)));
    assert_eq!(forwarded(get(&gate, KEY).await).identity.unwrap().subject.as_str(), "alice");
    let Decision::Ready(Verdict::Forward(forward)) = gate.decide(head) else { panic!("it is remembered") };
    assert_eq!(forward.identity.unwrap().subject.as_str(), "alice");
    assert!(forward.response.is_empty());
}

#[tokio::test]
async fn an_identity_that_does_not_meet_the_requirements_is_denied_on_a_miss_and_on_a_hit() {
    let gate = gate(live_only());
    for _ in 0..2 {
        let denial = denied(get(&gate, &[("x-api-key", "test")]).await);
        assert_eq!((denial.status(), denial.refusal().reason()), (StatusCode::FORBIDDEN, "environment"));
        forwarded(get(&gate, KEY).await);
    }
}

#[tokio::test]
async fn a_bad_credential_is_denied_and_an_outage_is_never_a_401() {
    for policy in [Policy::new(), Policy::new().optional()] {
        let gate = gate(policy);
        for (text, status) in [("expired", 401), ("unknown", 401), ("down", 503), ("good,good", 400)] {
            for _ in 0..2 {
                assert_eq!(denied(get(&gate, &[("x-api-key", text)]).await).status(), status, "{text}");
            }
        }
    }
}

#[tokio::test]
async fn no_credential_passes_only_where_the_policy_lets_it() {
    let preflight = headers(&[("origin", "https://app.example"), ("access-control-request-method", "PUT")]);
    let options = RequestHead::new(&Method::OPTIONS, "/", &preflight);
    for (policy, any, of_preflight) in [
        (Policy::new(), false, false),
        (Policy::new().allow_cors_preflight(), false, true),
        (Policy::new().optional(), true, true),
    ] {
        let gate = gate(policy);
        for (verdict, passes) in [(get(&gate, &[]).await, any), (settle(&gate, options).await, of_preflight)] {
            if passes {
                assert!(forwarded(verdict).identity.is_none());
            } else {
                assert_eq!(denied(verdict).refusal().reason(), "no_credential");
            }
        }
    }
    let denial = denied(settle(&gate(Policy::new()), options).await);
    assert!(denial.hint().is_some(), "the log says that it looks like a preflight");
}

#[tokio::test]
async fn a_document_is_neither_forwarded_nor_denied_whoever_asks() {
    let gate = gate(with_document());
    for lines in [&[][..], KEY, &[("x-api-key", "expired")]] {
        let map = headers(lines);
        let document = match gate.decide(RequestHead::new(&Method::GET, DOCUMENT, &map)) {
            Decision::Ready(Verdict::Document(document)) => document,
            other => panic!("{other:?}"),
        };
        assert_eq!(document.status(), StatusCode::OK);
        let Decision::Ready(Verdict::Document(answer)) = gate.decide(RequestHead::new(&Method::POST, DOCUMENT, &map))
        else {
            panic!("the document's path is no one else's")
        };
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    }
}

#[tokio::test]
async fn a_denial_is_rendered_in_the_terms_of_the_request() {
    let denial = denied(get(&gate(Policy::new()), &[]).await);
    assert_eq!(denial.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(denial.render(RequestKind::Http).status(), StatusCode::UNAUTHORIZED);
    assert_eq!(denial.render(RequestKind::Grpc).headers()["grpc-status"], "16");
}

#[tokio::test]
async fn header_lines_get_the_verdict_of_a_header_map() {
    let gate = gate(Policy::new());
    for (name, text, status) in [("X-API-Key", "good", None), ("x-Api-key", "expired", Some(401))] {
        let lines: [(&[u8], &[u8]); 2] = [(b"Host", b"api.example"), (name.as_bytes(), text.as_bytes())];
        let verdict = match gate.decide(RequestHead::new(&Method::GET, "/", &lines[..])) {
            Decision::Waiting(waiting) => waiting.await,
            Decision::Ready(_) => panic!("it is not remembered"),
        };
        match status {
            None => drop(forwarded(verdict)),
            Some(status) => assert_eq!(denied(verdict).status(), status),
        }
    }
}

#[test]
fn the_environment_is_that_of_the_requirements_or_of_the_normalizer() {
    assert_eq!(gate(live_only()).environment(), Some(Environment::Live));
    let demanding = normalizer(&known(), |builder| builder.environment(Environment::Test));
    assert_eq!(Gate::new(demanding, Policy::new()).environment(), Some(Environment::Test));
    assert_eq!(gate(Policy::new()).environment(), None);
}

#[test]
fn a_wait_can_be_sent_and_moved() {
    fn check<T: Send + Unpin + 'static>() {}
    check::<Waiting>();
}
