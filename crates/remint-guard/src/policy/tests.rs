use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use remint_core::{DeniedKind, Environment, Unavailable, UnavailableKind};
use remint_credential::RequestHead;

use super::{Mode, Policy};
use crate::{Caller, Denials, DpopChallenge, RequestKind, Requirements, ResourceMetadata};

fn preflight() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::ORIGIN, HeaderValue::from_static("https://app.example"));
    headers.insert(header::ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("PUT"));
    headers
}

fn challenges(policy: &Policy, kind: DeniedKind) -> Vec<String> {
    let response = policy.deny(kind).render(RequestKind::Http);
    let lines = response.headers().get_all(header::WWW_AUTHENTICATE).iter();
    lines.map(|line| line.to_str().unwrap().to_owned()).collect()
}

fn at(policy: &Policy, path: &str) -> Option<Response<Bytes>> {
    policy.document(RequestHead::new(&Method::GET, path, &HeaderMap::new()))
}

fn document(policy: &Policy) -> Option<Response<Bytes>> {
    at(policy, "/.well-known/oauth-protected-resource")
}

fn metadata() -> ResourceMetadata {
    ResourceMetadata::new("https://api.example").unwrap()
}

fn dpop() -> DpopChallenge {
    DpopChallenge::new(["ES256", "EdDSA"])
}

#[test]
fn a_request_passes_without_a_credential_only_where_that_is_said() {
    let (get, options) = ((Method::GET, HeaderMap::new()), (Method::OPTIONS, preflight()));
    for (policy, any, preflight) in [
        (Policy::new(), false, false),
        (Policy::new().allow_cors_preflight(), false, true),
        (Policy::new().optional(), true, true),
        (Policy::new().optional().required(), false, false),
    ] {
        for ((method, headers), passes) in [(&get, any), (&options, preflight)] {
            let head = RequestHead::new(method, "/", headers);
            assert_eq!(policy.may_pass_without_credential(head), passes, "{policy:?} {method}");
            let kind = policy.admit(None, head).map_err(|denied| denied.kind());
            assert_eq!(kind, if passes { Ok(()) } else { Err(DeniedKind::NoCredential) }, "{policy:?} {method}");
        }
    }
    assert_eq!((Policy::new().mode(), Policy::new().optional().mode()), (Mode::Required, Mode::Optional));
}

#[test]
fn an_identity_meets_the_requirements_whatever_may_pass_without_one() {
    let required = Requirements::new().with_scopes(["a"]).unwrap().with_environment(Environment::Live);
    let policy = Policy::new().optional().allow_cors_preflight().with_requirements(required.clone());
    let headers = preflight();
    let head = RequestHead::new(&Method::OPTIONS, "/", &headers);
    let admit = |caller: &Caller| policy.admit(Some(caller.identity()), head).map_err(|denied| denied.kind());
    let alice = |environment| Caller::for_test("alice").with_environment(environment);
    assert_eq!(admit(&alice(Environment::Live).with_scopes(["a", "b"])), Ok(()));
    assert_eq!(admit(&alice(Environment::Live)), Err(DeniedKind::InsufficientScope));
    assert_eq!(admit(&alice(Environment::Test).with_scopes(["a"])), Err(DeniedKind::Environment));
    assert_eq!(policy.requirements(), &required);
    assert_eq!(Policy::new().check(Caller::for_test("alice").identity()), Ok(()));
}

#[test]
fn a_denial_is_answered_as_the_denials_say() {
    let denials = Denials::new().with_realm("api").unwrap();
    let required = Requirements::new().with_scopes(["jobs:read"]).unwrap();
    let policy = Policy::new().with_denials(denials.clone()).with_requirements(required.clone());
    let outage = Unavailable::new(UnavailableKind::KeySet);
    for refusal in [DeniedKind::NoCredential.into(), DeniedKind::InsufficientScope.into(), outage.into()] {
        for kind in [RequestKind::Http, RequestKind::Grpc] {
            let expected = denials.respond(&refusal, kind, &required);
            let denial = policy.deny(refusal.clone());
            let rendered = denial.render(kind);
            assert_eq!(rendered.status(), expected.status());
            assert_eq!(rendered.headers(), expected.headers());
            assert_eq!(rendered.body(), expected.body());
            assert_eq!(denial.refusal().reason(), refusal.reason());
            if kind == RequestKind::Http {
                assert_eq!(denial.status(), rendered.status());
            }
        }
    }
    assert_eq!(policy.deny(DeniedKind::TooManyFailures).status(), StatusCode::TOO_MANY_REQUESTS);
}

#[test]
fn the_hint_of_a_preflight_stands_beside_a_missing_credential_and_nothing_else() {
    let hint = |kind: DeniedKind, headers: &HeaderMap| {
        Policy::new().deny_request(kind, RequestHead::new(&Method::OPTIONS, "/", headers)).hint().is_some()
    };
    assert!(hint(DeniedKind::NoCredential, &preflight()));
    assert!(!hint(DeniedKind::NoCredential, &HeaderMap::new()));
    assert!(!hint(DeniedKind::Expired, &preflight()));
    assert!(Policy::new().deny(DeniedKind::NoCredential).hint().is_none());
}

#[test]
fn challenges_offer_dpop_and_name_the_document_in_whichever_order_the_policy_was_told() {
    let denials = || Denials::new().with_realm("api").unwrap();
    let document = "https://api.example/.well-known/oauth-protected-resource";
    let expected = [
        format!(r#"Bearer realm="api", resource_metadata="{document}""#),
        format!(r#"DPoP realm="api", algs="ES256 EdDSA", resource_metadata="{document}""#),
    ];
    for policy in [
        Policy::new().with_dpop(dpop()).with_resource_metadata(&metadata()).with_denials(denials()),
        Policy::new().with_denials(denials()).with_resource_metadata(&metadata()).with_dpop(dpop()),
        Policy::new().with_resource_metadata(&metadata()).with_denials(denials()).with_dpop(dpop()),
    ] {
        assert_eq!(challenges(&policy, DeniedKind::NoCredential), expected);
    }
    let of_its_own = Policy::new().with_denials(denials().with_dpop(dpop()));
    assert_eq!(challenges(&of_its_own, DeniedKind::NoCredential).len(), 2, "denials keep a challenge of their own");
}

#[test]
fn a_document_that_names_no_algorithms_of_proofs_names_the_challenges() {
    let named = |policy: &Policy| {
        let document: serde_json::Value = serde_json::from_slice(document(policy).unwrap().body()).unwrap();
        document.get("dpop_signing_alg_values_supported").cloned()
    };
    let both = serde_json::json!(["ES256", "EdDSA"]);
    assert_eq!(named(&Policy::new().with_resource_metadata(&metadata())), None);
    for policy in [
        Policy::new().with_resource_metadata(&metadata()).with_dpop(dpop()),
        Policy::new().with_dpop(dpop()).with_resource_metadata(&metadata()),
    ] {
        assert_eq!(named(&policy), Some(both.clone()));
    }
    let says_so = metadata().with_dpop_signing_algorithms(["ES384"]).unwrap();
    let policy = Policy::new().with_dpop(dpop()).with_resource_metadata(&says_so);
    assert_eq!(named(&policy), Some(serde_json::json!(["ES384"])));
}

#[test]
fn the_document_is_answered_at_its_own_path_alone() {
    assert!(document(&Policy::new()).is_none());
    let policy = Policy::new().with_resource_metadata(&metadata());
    assert_eq!(document(&policy).unwrap().status(), StatusCode::OK);
    assert!(at(&policy, "/").is_none());
}
