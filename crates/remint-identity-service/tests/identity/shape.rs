use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::Request;
use remint_identity_service::LeakReports;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::edge::{Edge, raw};
use crate::matrix::NoKeys;

#[tokio::test]
async fn the_document_is_public_and_names_every_operation() {
    let edge = Edge::new().await;
    let answer = edge.call("", "GET /openapi.json", Value::Null).await;
    assert_eq!((answer.status.as_u16(), &answer.body["openapi"]), (200, &json!("3.1.0")));
    let mut operations = Vec::new();
    for (path, item) in answer.body["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push(format!("{} {path}", method.to_uppercase()));
            for status in ["400", "401", "403", "404", "405", "503"] {
                let schema = &operation["responses"][status]["content"]["application/problem+json"]["schema"];
                assert_eq!(schema["$ref"], "#/components/schemas/Problem", "{method} {path} {status}");
            }
        }
    }
    operations.sort();
    let expected = [
        "DELETE /v1/api-keys/{id}",
        "DELETE /v1/users/{id}",
        "GET /v1/api-keys",
        "GET /v1/tenants/{id}",
        "GET /v1/usage",
        "GET /v1/users/{id}",
        "PATCH /v1/tenants/{id}",
        "PATCH /v1/users/{id}",
        "POST /v1/api-keys",
        "POST /v1/api-keys/verify",
        "POST /v1/api-keys/{id}/rotate",
        "POST /v1/revocations",
        "POST /v1/users",
    ];
    assert_eq!(operations, expected);
    for (name, schema) in answer.body["components"]["schemas"].as_object().unwrap() {
        assert!(name == "Problem" || schema.get("properties").is_none() || schema["additionalProperties"] == false);
    }
}

#[tokio::test]
async fn each_operation_has_a_name_of_its_own_and_each_answer_a_description_and_an_example() {
    let place = "https://scanner.example/keys".parse().unwrap();
    let edge = Edge::with(|service| service.leak_reports(LeakReports::new(place, Arc::new(NoKeys)))).await;
    let answer = edge.call("", "GET /openapi.json", Value::Null).await;
    let mut names = BTreeSet::new();
    for (path, item) in answer.body["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{method} {path}: {name} is there twice");
            assert!(name.contains('_'), "{method} {path}: {name} does not say of what");
            for (status, response) in operation["responses"].as_object().unwrap() {
                assert!(!response["description"].as_str().unwrap().is_empty(), "{method} {path} {status}");
                if let (true, Some(content)) = (status.starts_with('2'), response.get("content")) {
                    assert!(!content["application/json"]["example"].is_null(), "{method} {path} {status}");
                }
            }
            if let Some(body) = operation.get("requestBody") {
                assert!(!body["content"]["application/json"]["example"].is_null(), "{method} {path}");
            }
        }
    }
    assert_eq!(names.len(), 14);
}

#[tokio::test]
async fn a_method_that_a_resource_does_not_have_is_told_with_those_it_has() {
    let edge = Edge::new().await;
    for (line, allowed) in [
        ("PUT /v1/users", "POST"),
        ("GET /v1/users", "POST"),
        ("POST /v1/users/alice", "GET,HEAD,PATCH,DELETE"),
        ("DELETE /v1/tenants/acme", "GET,HEAD,PATCH"),
        ("PATCH /v1/api-keys/k", "DELETE"),
        ("DELETE /openapi.json", "GET,HEAD"),
    ] {
        let answer = edge.send(raw(line, "", "")).await;
        assert_eq!(answer.status, 405, "{line}");
        let mut found: Vec<_> = answer.headers["allow"].to_str().unwrap().split(',').map(str::trim).collect();
        let mut expected: Vec<_> = allowed.split(',').collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{line}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
}

#[tokio::test]
async fn the_router_can_be_nested_and_merged() {
    let edge = Edge::new().await;
    let alice = edge.user("alice", "").await;
    let beside = Router::new().route("/healthz", axum::routing::get(|| async { "ok" }));
    let merged = Router::new().merge(edge.app.clone()).merge(beside).fallback(remint_identity_service::not_found);
    let nested = Router::new().nest("/identity", edge.app.clone());
    for (app, path) in [(&merged, "/v1/users/alice"), (&nested, "/identity/v1/users/alice")] {
        for (key, status) in [(alice.as_str(), 200), (crate::edge::BOOTSTRAP, 200), ("x", 401)] {
            let request = Request::get(path).header("x-api-key", key).body(Body::empty()).unwrap();
            assert_eq!(app.clone().oneshot(request).await.unwrap().status(), status, "{path} {key}");
        }
    }
    let nowhere = merged.oneshot(Request::get("/nowhere").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(nowhere.headers()["content-type"], "application/problem+json");
}
