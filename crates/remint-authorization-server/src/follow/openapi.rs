//! What the endpoint says of itself.

use remint_guard::ProblemDocument;
use remint_token::revocation_log::{GAP, MAX_ROWS, MAX_TARGETS, PATH, REWRITTEN};
use serde_json::{Value, json};

/// Describes the revocation log in an OpenAPI 3.1 document that has the schemas `Problem` and `Target`, as the identity
/// service's has.
pub fn describe_revocation_log(document: &mut Value) {
    let part = json!({
        "paths": { PATH: { "get": operation() } },
        "components": { "schemas": schemas(), "securitySchemes": security_schemes() },
    });
    include(document, part);
}

/// Adds each member of an object to an object, and to the members that both have what the second has of them.
fn include(document: &mut Value, part: Value) {
    match (document, part) {
        (Value::Object(document), Value::Object(part)) => {
            part.into_iter().for_each(|(name, member)| include(document.entry(name).or_insert(json!({})), member));
        }
        (place, value) => *place = value,
    }
}

fn operation() -> Value {
    let page = json!({ "$ref": "#/components/schemas/RevocationLogPage" });
    let gone = json!({ "$ref": "#/components/schemas/RevocationLogGone" });
    let refused = |description: &str| json!({ "description": description, "content": { PROBLEM: { "schema": { "$ref": "#/components/schemas/Problem" } } } });
    let later = |description: &str| {
        let seconds = json!({ "type": "integer", "minimum": 1 });
        let header = json!({ "required": true, "description": "In how many seconds to try again", "schema": seconds });
        with(refused(description), "headers", json!({ "Retry-After": header }))
    };
    json!({
        "operationId": "follow_revocations",
        "tags": ["revocations"],
        "summary": "The revocation log, for clients with the right `follow`: its rows name users.",
        "description": "`after`: the rows after a cursor; `wait` waits for one. 410: the log cannot say what came after it. Without `after`: what the log has, page by page; go on from the `cursor` of the first page. `target`: the last row that ended each of these.",
        "security": [{ "client": [] }, { "client_assertion": [] }],
        "parameters": [
            parameter("after", "The `cursor` of an answer", &cursor()),
            parameter("wait", "How long to wait for a row; 30s at most", &json!({ "type": "string", "pattern": "^(0|[1-9]|[12][0-9]|30)s$", "examples": ["10s"] })),
            parameter("page", "The `next` of an answer without `after`", &cursor()),
            parameter("limit", "How many rows at most", &json!({ "type": "integer", "minimum": 1, "maximum": MAX_ROWS, "default": MAX_ROWS })),
            {
                "name": "target", "in": "query", "required": false,
                "description": "What may have ended, as JSON",
                "schema": { "type": "array", "maxItems": MAX_TARGETS, "items": { "type": "string" } },
                "style": "form", "explode": true,
            },
        ],
        "responses": {
            "200": { "description": "Rows, in order", "content": { "application/json": { "schema": page, "example": page_example() } } },
            "400": refused("The request cannot be understood"),
            "401": refused("The client has not proven who it is"),
            "403": refused("The client may not follow the log"),
            "405": refused("No such method"),
            "410": { "description": "The reader cannot go on from there: the first page of what the log has", "content": { PROBLEM: { "schema": gone, "example": gone_example() } } },
            "429": later("Too many failed attempts to authenticate"),
            "503": later("The log does not answer, or too many wait for it"),
        },
    })
}

fn parameter(name: &str, description: &str, schema: &Value) -> Value {
    json!({ "name": name, "in": "query", "required": false, "description": description, "schema": schema })
}

fn cursor() -> Value {
    json!({ "type": "string", "pattern": "^.+\\.[0-9]{1,20}\\.[0-9a-f]{16}$", "examples": ["store_6693dd96.17.9f0c55d2a1b3e477"] })
}

fn schemas() -> Value {
    let time = json!({ "type": "string", "format": "date-time" });
    let row = json!({
        "type": "object",
        "description": "A row of the revocation log",
        "required": ["pos", "id", "logged_at", "target", "effect", "at", "timed_by"],
        "properties": {
            "pos": { "type": "integer", "minimum": 1, "description": "Its position" },
            "id": { "type": "string", "pattern": "^[0-9a-f]{16}$", "description": "Which row stands there: another one means that history was rewritten" },
            "logged_at": time,
            "target": { "$ref": "#/components/schemas/Target" },
            "effect": { "type": "string", "enum": ["ended", "changed"], "description": "`ended`: entries and tokens are dead; `changed`: caches forget" },
            "at": { "type": "string", "format": "date-time", "description": "What was issued up to then has ended" },
            "timed_by": { "type": "string", "enum": ["us", "source"], "description": "Whose clock `at` is of: `us`, and it reaches further by the leeway of clocks, or that of whoever issued the tokens" },
            "user": { "type": "string", "description": "Whose key it is, of a key" },
        },
        "additionalProperties": false,
        "examples": [row_example()],
    });
    let rows =
        json!({ "type": "array", "maxItems": MAX_ROWS, "items": { "$ref": "#/components/schemas/LoggedRevocation" } });
    let said = "From where to go on: after these rows; without `after`, where the log stood before it was read";
    let place = with(cursor(), "description", said.into());
    let next = with(cursor(), "description", "There is more, after this place".into());
    let members = json!({ "rows": rows, "cursor": place, "next": next });
    let page = json!({
        "type": "object",
        "description": "Rows of the revocation log",
        "required": ["rows", "cursor"],
        "properties": members,
        "additionalProperties": false,
        "examples": [page_example()],
    });
    let gone = json!({
        "description": "A reader cannot go on; the first page of what the log has",
        "allOf": [
            { "$ref": "#/components/schemas/Problem" },
            {
                "type": "object",
                "required": ["rows", "cursor"],
                "properties": { "type": { "type": "string", "enum": [GAP, REWRITTEN] }, "rows": rows, "cursor": cursor(), "next": cursor() },
            },
        ],
        "examples": [gone_example()],
    });
    json!({ "LoggedRevocation": row, "RevocationLogPage": page, "RevocationLogGone": gone })
}

fn row_example() -> Value {
    json!({
        "pos": 17, "id": "9f0c55d2a1b3e477", "logged_at": "2026-12-01T09:00:00.123Z", "target": { "kind": "user", "id": "alice" },
        "effect": "ended", "at": "2026-12-01T09:00:00.123Z", "timed_by": "us",
    })
}

fn page_example() -> Value {
    json!({ "rows": [row_example()], "cursor": "store_6693dd96.17.9f0c55d2a1b3e477" })
}

fn gone_example() -> Value {
    json!({
        "type": GAP, "title": "Gone", "status": 410, "detail": "rows after the cursor are not here any more",
        "rows": [row_example()], "cursor": "store_6693dd96.17.9f0c55d2a1b3e477",
    })
}

fn security_schemes() -> Value {
    json!({
        "client": { "type": "http", "scheme": "basic", "description": "A client of the authorization server, with its secret" },
        "client_assertion": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A client of the authorization server, by an assertion (RFC 7523 §2.2) that is used once" },
    })
}

/// The object with one member more.
fn with(mut object: Value, name: &str, member: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), member);
    }
    object
}

const PROBLEM: &str = ProblemDocument::MEDIA_TYPE;
