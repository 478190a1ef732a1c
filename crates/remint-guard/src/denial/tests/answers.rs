use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use remint_core::{DeniedKind, Refusal};

use super::super::{Denials, RequestKind};
use super::{jobs, outage, text};
use crate::{Requirements, ResourceMetadata};

fn http(refusal: impl Into<Refusal>) -> Response<Bytes> {
    Denials::new().respond(&refusal.into(), RequestKind::Http, &jobs())
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
