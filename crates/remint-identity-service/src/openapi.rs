//! The OpenAPI document: what the handlers say of themselves, and what holds for all of them.

use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::header;
use remint_tower::ProblemDocument;
use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

/// The document as it is served.
pub(crate) fn document(api: &OpenApi) -> Bytes {
    let mut document = serde_json::to_value(api).unwrap_or_default();
    if let Some(top) = document.as_object_mut() {
        top.insert("info".into(), info());
        top.insert("security".into(), json!([{ "api_key": [] }, { "bearer": [] }]));
    }
    for (path, item) in members(document.get_mut("paths")) {
        for (_method, operation) in members(Some(item)) {
            complete(path, operation);
        }
    }
    if let Some(components) = document.pointer_mut("/components").and_then(Value::as_object_mut) {
        for (name, schema) in members(components.get_mut("schemas")) {
            close(name, schema);
        }
        components.insert("securitySchemes".into(), security_schemes());
        if let Some(schemas) = components.get_mut("schemas").and_then(Value::as_object_mut) {
            schemas.insert("Problem".into(), problem_schema());
        }
    }
    show_examples(&mut document);
    serde_json::to_vec(&document).map(Bytes::from).unwrap_or_default()
}

/// The answer to `GET /openapi.json`.
pub(crate) fn response(document: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document).into_response()
}

/// What every operation may answer, and what creations take.
fn complete(path: &str, operation: &mut Value) {
    let has_body = operation.get("requestBody").is_some();
    let creates = operation.pointer("/responses/201").is_some();
    let public = operation.get("security").is_some();
    let mut refusals = vec![
        ("400", "The request cannot be understood"),
        ("403", "The caller may not"),
        ("405", "No such method"),
        ("503", "The fault is ours: try again"),
    ];
    if !public {
        refusals.push(("401", "No credential, or one that does not work"));
        refusals.push(("429", "A limit of the caller's plan is used up"));
    }
    if path.contains('{') || !public {
        refusals.push(("404", "There is no such resource, or none that the caller may know of"));
    }
    if has_body {
        refusals.push(("413", "The body is too large"));
        refusals.push(("422", "The body does not fit"));
        if !public {
            refusals.push(("415", "The body is not application/json"));
        }
    }
    if let Some(body) = operation.get_mut("requestBody").and_then(Value::as_object_mut) {
        say_whether_required(body);
    }
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        for (status, description) in refusals {
            responses.entry(status).or_insert_with(|| json!({ "description": description }));
        }
        for (status, response) in responses.iter_mut() {
            describe(status, creates, response);
        }
    }
    if creates && let Some(operation) = operation.as_object_mut() {
        let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
        if let Some(parameters) = parameters.as_array_mut() {
            parameters.push(idempotency_key());
        }
    }
}

/// A body that may be absent is no `null`.
fn say_whether_required(body: &mut Map<String, Value>) {
    let alternatives = body.get("content").and_then(|content| content.pointer("/application~1json/schema/oneOf"));
    let schema = alternatives.and_then(|schemas| schemas.get(0)).cloned();
    body.insert("required".into(), schema.is_none().into());
    if let Some(schema) = schema {
        body.insert("content".into(), json!({ "application/json": { "schema": schema } }));
    }
}

fn describe(status: &str, creates: bool, response: &mut Value) {
    let Some(response) = response.as_object_mut() else { return };
    if status.starts_with(['4', '5']) {
        let schema = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
        response.insert("content".into(), json!({ ProblemDocument::MEDIA_TYPE: schema }));
    }
    if matches!(status, "429" | "503") {
        let header = json!({ "required": true, "description": "In how many seconds to try again", "schema": { "type": "integer", "minimum": 1 } });
        response.insert("headers".into(), json!({ "Retry-After": header }));
    }
    if status == "201" && creates {
        let header = json!({ "description": "This was made before, under the same idempotency key: each key's text is null", "schema": { "type": "string", "const": "true" } });
        response.insert("headers".into(), json!({ "Idempotent-Replayed": header }));
    }
}

/// No object of ours has members that are not listed. A scanner's has.
fn close(name: &str, schema: &mut Value) {
    if let Some(schema) = schema.as_object_mut()
        && schema.contains_key("properties")
        && name != "FoundToken"
    {
        schema.insert("additionalProperties".into(), false.into());
    }
}

/// A body is shown as its schema's example shows it.
fn show_examples(document: &mut Value) {
    let schemas = document.pointer("/components/schemas").cloned().unwrap_or_default();
    let example = |schema: &Value| {
        let name = schema.get("$ref")?.as_str()?.rsplit('/').next()?;
        schemas.get(name)?.pointer("/examples/0").cloned()
    };
    let shown = |schema: &Value| match schema.get("items") {
        Some(item) => example(item).map(|item| json!([item])),
        None => example(schema),
    };
    for (_path, item) in members(document.get_mut("paths")) {
        for (_method, operation) in members(Some(item)) {
            let mut contents: Vec<&mut Value> = Vec::new();
            let Some(operation) = operation.as_object_mut() else { continue };
            for (name, part) in operation.iter_mut() {
                match name.as_str() {
                    "requestBody" => contents.extend(part.get_mut("content")),
                    "responses" => contents.extend(
                        members(Some(part)).into_iter().filter_map(|(_, response)| response.get_mut("content")),
                    ),
                    _ => {}
                }
            }
            for (_type, media) in contents.into_iter().flat_map(|content| members(Some(content))) {
                let example = media.get("schema").and_then(shown);
                if let Some((media, example)) = media.as_object_mut().zip(example) {
                    media.insert("example".into(), example);
                }
            }
        }
    }
}

fn members(value: Option<&mut Value>) -> Vec<(&String, &mut Value)> {
    value.and_then(Value::as_object_mut).into_iter().flat_map(Map::iter_mut).collect()
}

fn info() -> Value {
    json!({
        "title": "Remint identity service",
        "description": "Users, tenants and API keys.",
        "version": env!("CARGO_PKG_VERSION"),
        "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
    })
}

fn security_schemes() -> Value {
    json!({
        "api_key": { "type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key, or the bootstrap key" },
        "bearer": { "type": "http", "scheme": "bearer", "description": "An API key, or a token of a trusted issuer" },
    })
}

fn idempotency_key() -> Value {
    json!({
        "name": "Idempotency-Key",
        "in": "header",
        "required": false,
        "description": "The same request under the same key is carried out once; remembered for 24 hours",
        "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
    })
}

fn problem_schema() -> Value {
    let fault = json!({
        "type": "object",
        "required": ["detail"],
        "properties": {
            "pointer": { "type": "string", "description": "Where in the body (RFC 6901)" },
            "parameter": { "type": "string", "description": "Which parameter of the query" },
            "detail": { "type": "string" },
        },
    });
    json!({
        "type": "object",
        "description": "An error (RFC 9457)",
        "required": ["type", "title", "status"],
        "properties": {
            "type": { "type": "string", "description": "`about:blank`, or a name that stays" },
            "title": { "type": "string" },
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "detail": { "type": "string" },
            "error": { "type": "string", "description": "The error code of RFC 6750 §3.1" },
            "errors": { "type": "array", "items": fault },
        },
    })
}
