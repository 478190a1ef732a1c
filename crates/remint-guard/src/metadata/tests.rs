use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode, Uri};
use remint_core::Scopes;
use remint_credential::RequestHead;
use serde_json::{Value, json};

use super::ResourceMetadata;

fn metadata(resource: &str) -> ResourceMetadata {
    ResourceMetadata::new(resource).unwrap()
}

fn document(metadata: &ResourceMetadata) -> Value {
    serde_json::from_slice(metadata.response().body()).unwrap()
}

fn answer(metadata: &ResourceMetadata, method: Method, uri: &'static str) -> Option<Response<Bytes>> {
    let (uri, headers) = (Uri::from_static(uri), HeaderMap::new());
    metadata.answer(RequestHead::new(&method, "/", &headers).with_uri(&uri))
}

fn text<'a>(response: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

#[test]
fn the_well_known_path_stands_between_host_and_path() {
    for (resource, url, path) in [
        (
            "https://api.example",
            "https://api.example/.well-known/oauth-protected-resource",
            "/.well-known/oauth-protected-resource",
        ),
        (
            "https://api.example/",
            "https://api.example/.well-known/oauth-protected-resource",
            "/.well-known/oauth-protected-resource",
        ),
        (
            "https://api.example:8443/v1/jobs",
            "https://api.example:8443/.well-known/oauth-protected-resource/v1/jobs",
            "/.well-known/oauth-protected-resource/v1/jobs",
        ),
        (
            "https://api.example/v1/",
            "https://api.example/.well-known/oauth-protected-resource/v1/",
            "/.well-known/oauth-protected-resource/v1/",
        ),
        (
            "https://api.example/v1?k=a/b",
            "https://api.example/.well-known/oauth-protected-resource/v1?k=a/b",
            "/.well-known/oauth-protected-resource/v1",
        ),
        (
            "https://api.example/?k=v",
            "https://api.example/.well-known/oauth-protected-resource?k=v",
            "/.well-known/oauth-protected-resource",
        ),
        (
            "http://[::1]:3000/mcp",
            "http://[::1]:3000/.well-known/oauth-protected-resource/mcp",
            "/.well-known/oauth-protected-resource/mcp",
        ),
    ] {
        let metadata = metadata(resource);
        assert_eq!((metadata.url(), metadata.well_known_path()), (url, path), "{resource}");
        // RFC 9728 §3.3: the client compares exactly this text.
        assert_eq!((metadata.resource(), &document(&metadata)["resource"]), (resource, &json!(resource)));
    }
}

#[test]
fn a_resource_is_https_or_this_machine_and_has_no_fragment() {
    for resource in [
        "",
        "api.example",
        "/jobs",
        "https://",
        "https:///jobs",
        "http://api.example",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://10.0.0.1",
        "ftp://api.example",
        "https://api.example/#part",
        "https://api.example#",
        "https://user@api.example",
        "https://user:secret@api.example/",
        "https://api.example/a/../b",
        "https://api.example/.",
        "https://api.example/a b",
        "https://api.example/\"",
        "https://api.example/\\",
        "https://api.example/\r\nset-cookie: a=b",
        "https://api.example/ä",
    ] {
        let error = ResourceMetadata::new(resource).unwrap_err();
        assert_eq!(error.member(), "resource", "{resource}");
    }
    assert!(ResourceMetadata::new(&format!("https://a.example/{}", "a".repeat(1006))).is_ok());
    assert!(ResourceMetadata::new(&format!("https://a.example/{}", "a".repeat(1007))).is_err(), "too long");
    for resource in ["http://localhost:3000", "http://127.0.0.1/x", "https://API.example/%7Ex"] {
        assert!(ResourceMetadata::new(resource).is_ok(), "{resource}");
    }
}

#[test]
fn what_is_not_said_is_left_out() {
    let expected = json!({ "resource": "https://api.example", "bearer_methods_supported": ["header"] });
    assert_eq!(document(&metadata("https://api.example")), expected);
    let empty = metadata("https://api.example").with_authorization_servers([]).unwrap();
    assert_eq!(document(&empty.with_scopes_supported(&Scopes::new())), expected);
}

#[test]
fn each_member_has_its_name() {
    let said = metadata("https://api.example/jobs")
        .with_authorization_servers(["https://a.example".parse().unwrap(), "https://b.example/t".parse().unwrap()])
        .and_then(|metadata| metadata.with_jwks_uri("https://api.example/jwks.json"))
        .and_then(|metadata| metadata.with_resource_signing_algorithms(["ES256"]))
        .and_then(|metadata| metadata.with_resource_documentation("https://docs.example/jobs#auth"))
        .and_then(|metadata| metadata.with_resource_policy_uri("https://docs.example/policy"))
        .and_then(|metadata| metadata.with_resource_tos_uri("https://docs.example/terms"))
        .and_then(|metadata| metadata.with_dpop_signing_algorithms(["ES256", "EdDSA"]))
        .unwrap()
        .with_scopes_supported(&Scopes::try_from_iter(["jobs:read", "jobs:write"]).unwrap())
        .with_resource_name("Jobs \"and\" more")
        .with_certificate_bound_tokens()
        .with_dpop_required();
    assert_eq!(
        document(&said),
        json!({
            "resource": "https://api.example/jobs",
            "authorization_servers": ["https://a.example", "https://b.example/t"],
            "jwks_uri": "https://api.example/jwks.json",
            "scopes_supported": ["jobs:read", "jobs:write"],
            "bearer_methods_supported": ["header"],
            "resource_signing_alg_values_supported": ["ES256"],
            "resource_name": "Jobs \"and\" more",
            "resource_documentation": "https://docs.example/jobs#auth",
            "resource_policy_uri": "https://docs.example/policy",
            "resource_tos_uri": "https://docs.example/terms",
            "tls_client_certificate_bound_access_tokens": true,
            "dpop_signing_alg_values_supported": ["ES256", "EdDSA"],
            "dpop_bound_access_tokens_required": true,
        })
    );
}

#[test]
fn a_member_that_cannot_stand_there_is_an_error_that_names_it() {
    let base = || metadata("https://api.example");
    for issuer in ["auth", "http://auth.example", "https://auth.example?x=1", "https://auth.example#x"] {
        let error = base().with_authorization_servers([issuer.parse().unwrap()]).unwrap_err();
        assert_eq!(error.member(), "authorization_servers", "{issuer}");
    }
    for algorithm in ["none", "", "ES 256"] {
        let error = base().with_resource_signing_algorithms(["ES256", algorithm]).unwrap_err();
        assert_eq!(error.member(), "resource_signing_alg_values_supported");
        let error = base().with_dpop_signing_algorithms([algorithm]).unwrap_err();
        assert_eq!(error.member(), "dpop_signing_alg_values_supported");
    }
    let bad = "http://other.example/";
    for (error, member) in [
        (base().with_jwks_uri(bad), "jwks_uri"),
        (base().with_resource_documentation(bad), "resource_documentation"),
        (base().with_resource_policy_uri(bad), "resource_policy_uri"),
        (base().with_resource_tos_uri(bad), "resource_tos_uri"),
    ] {
        assert_eq!(error.unwrap_err().member(), member);
    }
}

#[test]
fn the_document_is_json_that_may_be_kept_for_a_while() {
    let metadata = metadata("https://api.example/jobs");
    let path = "/.well-known/oauth-protected-resource/jobs";
    let response = answer(&metadata, Method::GET, path).unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(text(&response, "content-type"), Some("application/json"));
    assert_eq!(text(&response, "cache-control"), Some("public, max-age=300"));
    assert_eq!(response.body(), metadata.response().body());

    let head = answer(&metadata, Method::HEAD, path).unwrap();
    assert_eq!((head.status(), text(&head, "content-type")), (StatusCode::OK, Some("application/json")));
    assert_eq!(text(&head, "content-length"), Some(&*response.body().len().to_string()));
    assert!(head.body().is_empty());
}

#[test]
fn the_document_is_only_read() {
    let metadata = metadata("https://api.example");
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS, Method::PATCH] {
        let response = answer(&metadata, method, "/.well-known/oauth-protected-resource").unwrap();
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(text(&response, "allow"), Some("GET, HEAD"));
        let problem: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(problem["status"], 405);
    }
}

#[test]
fn a_near_miss_is_not_the_document() {
    let metadata = metadata("https://api.example/jobs");
    for near in [
        "/",
        "/jobs",
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/",
        "/.well-known/oauth-protected-resource/jobs/",
        "/.well-known/oauth-protected-resource/jobs/1",
        "/.well-known/oauth-protected-resource//jobs",
        "/.well-known/oauth-protected-resource/Jobs",
        "/.well-known/oauth-protected-resource/%6aobs",
        "/jobs/.well-known/oauth-protected-resource",
    ] {
        assert!(answer(&metadata, Method::GET, near).is_none(), "{near}");
    }
    assert!(answer(&metadata, Method::GET, "/.well-known/oauth-protected-resource/jobs?from=here").is_some());
}

#[test]
fn a_resource_with_a_query_is_another_than_without() {
    let metadata = metadata("https://api.example/jobs?of=me");
    for (uri, served) in [
        ("/.well-known/oauth-protected-resource/jobs?of=me", true),
        ("/.well-known/oauth-protected-resource/jobs", false),
        ("/.well-known/oauth-protected-resource/jobs?of=you", false),
    ] {
        assert_eq!(answer(&metadata, Method::GET, uri).is_some(), served, "{uri}");
    }
}
