use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use remint_core::{DeniedKind, Refusal, Unavailable, UnavailableKind};

use super::{DenialContext, Denials, DpopChallenge, RequestKind};
use crate::{Requirements, ResourceMetadata};

fn outage(after: Duration) -> Refusal {
    Unavailable::new(UnavailableKind::KeySet).with_retry_after(after).into()
}

fn http(refusal: impl Into<Refusal>) -> Response<Bytes> {
    Denials::new().respond(&refusal.into(), RequestKind::Http, &jobs())
}

fn jobs() -> Requirements {
    Requirements::new().with_scopes(["jobs:write", "jobs:read"]).unwrap()
}

fn text<'a>(response: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

#[test]
fn each_class_has_its_status_challenge_and_body() {
    for (kind, status, challenge, body) in [
        (
            DeniedKind::TwoCredentials,
            400,
            r#"Bearer error="invalid_request""#,
            r#"{"type":"about:blank","title":"Bad Request","status":400,"error":"invalid_request"}"#,
        ),
        (DeniedKind::NoCredential, 401, "Bearer", r#"{"type":"about:blank","title":"Unauthorized","status":401}"#),
        (
            DeniedKind::Expired,
            401,
            r#"Bearer error="invalid_token""#,
            r#"{"type":"about:blank","title":"Unauthorized","status":401,"error":"invalid_token"}"#,
        ),
        (
            DeniedKind::InsufficientScope,
            403,
            r#"Bearer error="insufficient_scope", scope="jobs:read jobs:write""#,
            r#"{"type":"about:blank","title":"Forbidden","status":403,"error":"insufficient_scope"}"#,
        ),
    ] {
        let response = http(kind);
        assert_eq!(response.status(), status, "{kind:?}");
        assert_eq!(text(&response, "www-authenticate"), Some(challenge), "{kind:?}");
        assert_eq!(text(&response, "content-type"), Some("application/problem+json"));
        assert_eq!(text(&response, "cache-control"), Some("no-store"));
        assert_eq!(text(&response, "retry-after"), None);
        assert_eq!(response.body(), body, "{kind:?}");
        let problem: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(problem["status"], status, "the body is JSON");
    }
}

#[test]
fn an_outage_is_never_a_401() {
    for (after, seconds) in [
        (Duration::ZERO, "1"),
        (Duration::from_millis(1500), "2"),
        (Duration::from_secs(3), "3"),
        (Duration::MAX, "18446744073709551615"),
    ] {
        let response = http(outage(after));
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(text(&response, "retry-after"), Some(seconds));
        assert_eq!(text(&response, "www-authenticate"), None);
    }
    let response = Denials::new().respond(&outage(Duration::ZERO), RequestKind::Grpc, &jobs());
    assert_eq!((text(&response, "grpc-status"), text(&response, "www-authenticate")), (Some("14"), None));
}

#[test]
fn all_401s_for_a_credential_are_the_same_bytes() {
    let [first, others @ ..] = [
        DeniedKind::UnknownApiKey,
        DeniedKind::Expired,
        DeniedKind::Revoked,
        DeniedKind::UserDisabled,
        DeniedKind::Structure,
        DeniedKind::Signature,
        DeniedKind::UnknownScheme,
    ]
    .map(http);
    for other in others {
        assert_eq!(other.status(), first.status());
        assert_eq!(other.headers(), first.headers());
        assert_eq!(other.body(), first.body());
    }
}

#[test]
fn grpc_is_answered_in_its_own_terms() {
    for (kind, status, message, challenge) in [
        (DeniedKind::TooLong, "16", "invalid_request", r#"Bearer error="invalid_request""#),
        (DeniedKind::NoCredential, "16", "unauthenticated", "Bearer"),
        (DeniedKind::Revoked, "16", "invalid_token", r#"Bearer error="invalid_token""#),
        (
            DeniedKind::Environment,
            "7",
            "insufficient_scope",
            r#"Bearer error="insufficient_scope", scope="jobs:read jobs:write""#,
        ),
    ] {
        let response = Denials::new().respond(&kind.into(), RequestKind::Grpc, &jobs());
        assert_eq!(response.status(), StatusCode::OK, "{kind:?}");
        assert_eq!(text(&response, "content-type"), Some("application/grpc"));
        assert_eq!(text(&response, "grpc-status"), Some(status), "{kind:?}");
        assert_eq!(text(&response, "grpc-message"), Some(message));
        assert_eq!(text(&response, "www-authenticate"), Some(challenge));
        assert_eq!(text(&response, "cache-control"), Some("no-store"));
        assert!(response.body().is_empty());
    }
}

#[test]
fn a_quota_that_is_used_up_is_a_429_without_a_challenge() {
    let answer = |request| Denials::new().quota_exceeded(Duration::from_millis(1500), request);
    let response = answer(RequestKind::Http);
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(text(&response, "retry-after"), Some("2"));
    assert_eq!(text(&response, "content-type"), Some("application/problem+json"));
    assert_eq!(text(&response, "cache-control"), Some("no-store"));
    assert_eq!(text(&response, "www-authenticate"), None);
    let problem: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(problem["status"], 429);
    assert_eq!(problem["type"], "https://iana.org/assignments/http-problem-types#quota-exceeded");

    let response = answer(RequestKind::Grpc);
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!((text(&response, "grpc-status"), text(&response, "retry-after")), (Some("8"), Some("2")));
    assert!(response.body().is_empty());
}

#[test]
fn a_hook_shapes_a_429_and_cannot_lift_it() {
    let denials = Denials::new()
        .with_hook(|_: &DenialContext<'_>, _: Response<Bytes>| Response::new(Bytes::from_static(b"slow down")));
    let response = denials.quota_exceeded(Duration::from_secs(3), RequestKind::Http);
    assert_eq!((response.status(), text(&response, "retry-after")), (StatusCode::TOO_MANY_REQUESTS, Some("3")));
    assert_eq!(response.body(), "slow down");
}

#[test]
fn a_defect_of_ours_is_a_500_without_a_challenge() {
    let response = Denials::new().defect(RequestKind::Http);
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(text(&response, "www-authenticate"), None);
    assert_eq!(text(&Denials::new().defect(RequestKind::Grpc), "grpc-status"), Some("13"));
}

#[test]
fn a_realm_stands_first_in_every_challenge() {
    let denials = Denials::new().with_realm("api of acme").unwrap();
    let challenge = |kind: DeniedKind| {
        let response = denials.respond(&kind.into(), RequestKind::Http, &Requirements::new());
        text(&response, "www-authenticate").map(str::to_owned)
    };
    assert_eq!(challenge(DeniedKind::NoCredential).unwrap(), r#"Bearer realm="api of acme""#);
    assert_eq!(challenge(DeniedKind::Expired).unwrap(), r#"Bearer realm="api of acme", error="invalid_token""#);
    assert_eq!(
        challenge(DeniedKind::Environment).unwrap(),
        r#"Bearer realm="api of acme", error="insufficient_scope""#
    );
}

#[test]
fn every_challenge_names_the_resources_metadata_and_an_outage_does_not() {
    let metadata = ResourceMetadata::new("https://api.example/jobs").unwrap();
    let denials = Denials::new().with_resource_metadata(&metadata).with_realm("jobs").unwrap();
    let named = r#"resource_metadata="https://api.example/.well-known/oauth-protected-resource/jobs""#;
    for (kind, before) in [
        (DeniedKind::NoCredential, r#"Bearer realm="jobs", "#),
        (DeniedKind::TwoCredentials, r#"Bearer realm="jobs", error="invalid_request", "#),
        (DeniedKind::Expired, r#"Bearer realm="jobs", error="invalid_token", "#),
        (
            DeniedKind::InsufficientScope,
            r#"Bearer realm="jobs", error="insufficient_scope", scope="jobs:read jobs:write", "#,
        ),
    ] {
        for request in [RequestKind::Http, RequestKind::Grpc] {
            let response = denials.respond(&kind.into(), request, &jobs());
            assert_eq!(text(&response, "www-authenticate"), Some(&*[before, named].concat()), "{kind:?}");
        }
    }
    let response = denials.respond(&outage(Duration::ZERO), RequestKind::Http, &jobs());
    assert_eq!(text(&response, "www-authenticate"), None);
    let response = Denials::new().with_resource_metadata(&metadata).respond(
        &DeniedKind::NoCredential.into(),
        RequestKind::Http,
        &Requirements::new(),
    );
    assert_eq!(text(&response, "www-authenticate"), Some(&*["Bearer ", named].concat()));
}

#[test]
fn a_realm_cannot_break_out_of_its_quotes() {
    for realm in ["a\"b", "a\\b", "a\nb", "ä"] {
        assert!(Denials::new().with_realm(realm).is_err(), "{realm}");
    }
}

#[test]
fn a_hook_shapes_the_body_and_adds_headers() {
    let denials = Denials::new().with_hook(|context: &DenialContext<'_>, mut response: Response<Bytes>| {
        *response.body_mut() = Bytes::from(context.code.unwrap_or("none"));
        response.headers_mut().insert("x-help", HeaderValue::from_static("https://help.example"));
        response.headers_mut().append(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic"));
        response
    });
    let response = denials.respond(&DeniedKind::Expired.into(), RequestKind::Http, &Requirements::new());
    assert_eq!(response.body(), "invalid_token");
    assert_eq!(text(&response, "x-help"), Some("https://help.example"));
    assert_eq!(response.headers().get_all("www-authenticate").iter().count(), 2);
}

#[test]
fn a_hook_cannot_turn_a_denial_into_anything_else() {
    let denials = Denials::new().with_hook(|_: &DenialContext<'_>, _: Response<Bytes>| {
        let mut response = Response::new(Bytes::from_static(b"welcome"));
        response.headers_mut().insert("grpc-status", HeaderValue::from_static("0"));
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("1"));
        response.headers_mut().insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        response
    });
    let response = denials.respond(&DeniedKind::Expired.into(), RequestKind::Http, &Requirements::new());
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(text(&response, "www-authenticate"), Some(r#"Bearer error="invalid_token""#));
    assert_eq!(text(&response, "cache-control"), Some("no-store"));
    for gone in ["grpc-status", "content-length", "transfer-encoding"] {
        assert_eq!(text(&response, gone), None, "{gone}");
    }

    let response = denials.respond(&DeniedKind::Expired.into(), RequestKind::Grpc, &Requirements::new());
    assert_eq!(text(&response, "grpc-status"), Some("16"));
    assert_eq!(text(&response, "content-type"), Some("application/grpc"));
    assert!(response.body().is_empty());

    let response = denials.respond(&outage(Duration::ZERO), RequestKind::Http, &Requirements::new());
    assert_eq!((response.status(), text(&response, "retry-after")), (StatusCode::SERVICE_UNAVAILABLE, Some("1")));
}

#[test]
fn a_hook_cannot_challenge_in_an_outage() {
    let denials = Denials::new().with_hook(|_: &DenialContext<'_>, mut response: Response<Bytes>| {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        response
    });
    let response = denials.respond(&outage(Duration::ZERO), RequestKind::Http, &Requirements::new());
    assert_eq!(text(&response, "www-authenticate"), None);
}

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

#[test]
fn only_where_a_right_is_missing_the_body_names_those_of_the_route_and_a_hook_may_always() {
    let required = Requirements::new().with_roles(["planner"]).unwrap().with_entitlements(["gpu"]).unwrap();
    for kind in [DeniedKind::InsufficientScope, DeniedKind::Environment, DeniedKind::NoCredential, DeniedKind::Expired]
    {
        let response = Denials::new().respond(&kind.into(), RequestKind::Http, &required);
        assert!(!String::from_utf8_lossy(response.body()).contains("planner"), "{kind:?}");
        let denials = Denials::new().with_hook(|context, mut response| {
            let named = [context.required_roles, context.required_entitlements].concat().join(" ");
            *response.body_mut() = named.into();
            response
        });
        assert_eq!(denials.respond(&kind.into(), RequestKind::Http, &required).body(), "planner gpu");
    }
}
