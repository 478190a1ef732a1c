use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use remint_core::DeniedKind;

use super::super::{DenialContext, Denials, DpopChallenge, RequestKind};
use super::{jobs, outage, text};
use crate::Requirements;

fn with_dpop() -> Denials {
    Denials::new().with_dpop(DpopChallenge::new(["ES256", "EdDSA"]))
}

fn challenges(response: &Response<Bytes>) -> Vec<&str> {
    response.headers().get_all("www-authenticate").iter().map(|value| value.to_str().unwrap()).collect()
}

#[test]
fn where_dpop_is_taken_it_is_offered_beside_bearer_and_alone_where_a_proof_failed() {
    for (kind, status, expected) in [
        (DeniedKind::NoCredential, 401, &["Bearer", r#"DPoP algs="ES256 EdDSA""#][..]),
        (
            DeniedKind::SenderConstrained,
            401,
            &[r#"Bearer error="invalid_token""#, r#"DPoP algs="ES256 EdDSA", error="invalid_token""#],
        ),
        (
            DeniedKind::TwoCredentials,
            400,
            &[r#"Bearer error="invalid_request""#, r#"DPoP algs="ES256 EdDSA", error="invalid_request""#],
        ),
        (
            DeniedKind::InsufficientScope,
            403,
            &[
                r#"Bearer error="insufficient_scope", scope="jobs:read jobs:write""#,
                r#"DPoP algs="ES256 EdDSA", error="insufficient_scope", scope="jobs:read jobs:write""#,
            ],
        ),
        (DeniedKind::DpopProof, 401, &[r#"DPoP algs="ES256 EdDSA", error="invalid_dpop_proof""#]),
        (DeniedKind::DpopNonce, 401, &[r#"DPoP algs="ES256 EdDSA", error="use_dpop_nonce""#]),
    ] {
        for request in [RequestKind::Http, RequestKind::Grpc] {
            let response = with_dpop().respond(&kind.into(), request, &jobs());
            assert_eq!(challenges(&response), expected, "{kind:?}");
            assert_eq!(text(&response, "dpop-nonce"), None, "no nonce is demanded");
        }
        assert_eq!(with_dpop().respond(&kind.into(), RequestKind::Http, &jobs()).status(), status, "{kind:?}");
    }
    let outage = with_dpop().respond(&outage(Duration::ZERO), RequestKind::Http, &jobs());
    assert_eq!((outage.status(), challenges(&outage).len()), (StatusCode::SERVICE_UNAVAILABLE, 0));
    assert!(challenges(&with_dpop().quota_exceeded(Duration::ZERO, RequestKind::Http)).is_empty());
}

#[test]
fn a_realm_stands_in_the_challenge_of_either_scheme() {
    let denials = with_dpop().with_realm("api").unwrap();
    let response = denials.respond(&DeniedKind::NoCredential.into(), RequestKind::Http, &jobs());
    assert_eq!(challenges(&response), [r#"Bearer realm="api""#, r#"DPoP realm="api", algs="ES256 EdDSA""#]);
}

#[test]
fn a_refused_proof_over_grpc_is_unauthenticated() {
    for (kind, message) in [(DeniedKind::DpopProof, "invalid_dpop_proof"), (DeniedKind::DpopNonce, "use_dpop_nonce")] {
        let response = with_dpop().respond(&kind.into(), RequestKind::Grpc, &jobs());
        assert_eq!((text(&response, "grpc-status"), text(&response, "grpc-message")), (Some("16"), Some(message)));
        assert_eq!(response.status(), StatusCode::OK);
    }
}

#[test]
fn the_nonce_of_a_401_is_made_when_it_is_answered() {
    let (given, count) =
        (std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0)), std::sync::atomic::Ordering::SeqCst);
    let source = given.clone();
    let challenge = DpopChallenge::new(["ES256"])
        .with_nonce(move || HeaderValue::try_from(format!("nonce-{}", source.fetch_add(1, count))).ok());
    let denials = Denials::new().with_dpop(challenge);
    let nonce = |kind: DeniedKind| {
        let response = denials.respond(&kind.into(), RequestKind::Http, &jobs());
        text(&response, "dpop-nonce").map(str::to_owned)
    };
    assert_eq!(nonce(DeniedKind::DpopNonce).as_deref(), Some("nonce-0"));
    assert_eq!(nonce(DeniedKind::DpopProof).as_deref(), Some("nonce-1"));
    assert_eq!(nonce(DeniedKind::NoCredential).as_deref(), Some("nonce-2"));
    for kind in [DeniedKind::InsufficientScope, DeniedKind::TooLong] {
        assert_eq!(nonce(kind), None, "{kind:?}");
    }
    let outage = denials.respond(&outage(Duration::ZERO), RequestKind::Http, &jobs());
    assert_eq!(text(&outage, "dpop-nonce"), None);
}

#[test]
fn a_hook_loses_neither_challenge_nor_nonce() {
    let challenge = DpopChallenge::new(["ES256"]).with_nonce(|| Some(HeaderValue::from_static("fresh")));
    let denials = Denials::new().with_dpop(challenge).with_hook(|_: &DenialContext<'_>, _: Response<Bytes>| {
        let mut response = Response::new(Bytes::new());
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic"));
        response.headers_mut().insert("dpop-nonce", HeaderValue::from_static("stale"));
        response
    });
    let response = denials.respond(&DeniedKind::NoCredential.into(), RequestKind::Http, &jobs());
    assert_eq!(challenges(&response), ["Basic", "Bearer", r#"DPoP algs="ES256""#]);
    assert_eq!(text(&response, "dpop-nonce"), Some("fresh"));
}

#[test]
fn a_missing_right_is_forbidden_in_grpcs_terms_too_and_dpop_is_not_offered() {
    let required = Requirements::new().with_roles(["planner"]).unwrap().with_scopes(["jobs:write"]).unwrap();
    for kind in [DeniedKind::Role, DeniedKind::Entitlement, DeniedKind::Predicate] {
        let response = with_dpop().respond(&kind.into(), RequestKind::Grpc, &required);
        let told = ["grpc-status", "grpc-message", "www-authenticate"].map(|name| text(&response, name));
        assert_eq!(told, [Some("7"), Some("permission_denied"), None], "{kind:?}");
        assert!(response.body().is_empty());
        let response = with_dpop().respond(&kind.into(), RequestKind::Http, &required);
        assert_eq!((response.status(), challenges(&response).len()), (StatusCode::FORBIDDEN, 0), "{kind:?}");
    }
}
