use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use remint_core::DeniedKind;

use super::super::{DenialContext, Denials, RequestKind};
use super::{outage, text};
use crate::Requirements;

#[test]
fn a_hook_shapes_a_429_and_cannot_lift_it() {
    let denials = Denials::new()
        .with_hook(|_: &DenialContext<'_>, _: Response<Bytes>| Response::new(Bytes::from_static(b"slow down")));
    let response = denials.quota_exceeded(Duration::from_secs(3), RequestKind::Http);
    assert_eq!((response.status(), text(&response, "retry-after")), (StatusCode::TOO_MANY_REQUESTS, Some("3")));
    assert_eq!(response.body(), "slow down");
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
