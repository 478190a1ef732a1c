//! Every operation by every kind of caller, and what each is told. An operation that has no row here fails a test.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use remint_core::{Actor, Authentication, ClientAddr, ClientCertificate, Confirmation, Environment, Timestamp};
use remint_identity_service::{IdentityService, LeakReports, Operator};
use remint_keyset::{FetchError, HttpFetch, Url};
use remint_testkit::fakes::jwt_of;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::edge::{BOOTSTRAP, Edge, request, text};

/// Who asks. Those who are not said to be somebody else are alice, who may `jobs`, in `live` unless it says otherwise.
const CALLERS: [&str; 18] = [
    "the bootstrap key",
    "an administrator's live key",
    "an administrator's test key",
    "a key that has what its user has",
    "a key without scopes",
    "a key that makes keys",
    "a test key that makes keys",
    "a key bound to networks that makes keys",
    "a key that ends and makes keys",
    "a token",
    "a token without scopes",
    "a test token",
    "a token that is bound to a certificate",
    "a worker that acts for alice",
    "bob's key that makes keys",
    "bob's token",
    "a token that is linked to nobody",
    "nobody",
];

/// An operation, what it is asked for, and the status for each caller, in their order.
struct Row(&'static str, Value, [u16; 18]);

/// `{plain}`, `{narrow}`, `{wide}`, `{test}` and `{own}` are keys of alice: with the scope `jobs`; the same within the
/// caller's networks and end; with what alice has; the same in `test`; and the one that the caller came with, or
/// `{plain}`.
fn rows() -> Vec<Row> {
    let none = Value::Null;
    let jobs = json!({ "scopes": "jobs" });
    let all = |status| [status; 18];
    vec![
        //                                            boot adm admT inh none mk mkT net end tok tok0 tokT mtls act bob bobT unl nobody
        Row(
            "POST /v1/users",
            json!({ "id": "new" }),
            [201, 201, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 401],
        ),
        Row(
            "GET /v1/users/{user}",
            none.clone(),
            [200, 200, 404, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 404, 404, 403, 401],
        ),
        Row(
            "PATCH /v1/users/{user}",
            json!({ "plan": "gold" }),
            [200, 200, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 401],
        ),
        Row(
            "DELETE /v1/users/{user}",
            none.clone(),
            [204, 204, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 401],
        ),
        Row(
            "GET /v1/tenants/{tenant}",
            none.clone(),
            [200, 200, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 401],
        ),
        Row(
            "PATCH /v1/tenants/{tenant}",
            json!({ "plan": "gold" }),
            [200, 200, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 401],
        ),
        Row(
            "POST /v1/revocations",
            json!({ "target": { "kind": "client", "id": "svc" } }),
            [202, 202, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 401],
        ),
        Row(
            "POST /v1/api-keys",
            json!({ "user": "alice" }),
            [201, 201, 404, 403, 403, 201, 201, 201, 201, 201, 201, 201, 403, 403, 404, 404, 403, 401],
        ),
        Row(
            "POST /v1/api-keys",
            json!({ "user": "alice", "environment": "live", "scopes": "jobs" }),
            [201, 201, 404, 403, 403, 201, 403, 201, 201, 201, 403, 403, 403, 403, 404, 404, 403, 401],
        ),
        Row(
            "POST /v1/api-keys",
            json!({ "user": "alice", "scopes": "remint:keys" }),
            [201, 201, 404, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 404, 404, 403, 401],
        ),
        Row(
            "POST /v1/api-keys",
            json!({ "user": "alice", "scopes": "jobs", "networks": ["10.0.0.0/8"] }),
            [201, 201, 404, 403, 403, 201, 201, 403, 201, 201, 403, 201, 403, 403, 404, 404, 403, 401],
        ),
        Row(
            "POST /v1/api-keys",
            json!({ "user": "alice", "act_for": { "anyone": true } }),
            [201, 201, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 401],
        ),
        Row(
            "GET /v1/api-keys?user=alice",
            none.clone(),
            [200, 200, 404, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 404, 404, 403, 401],
        ),
        Row(
            "POST /v1/api-keys/{plain}/rotate",
            json!({}),
            [201, 201, 404, 403, 403, 201, 403, 403, 403, 201, 403, 403, 403, 403, 404, 404, 403, 401],
        ),
        Row(
            "POST /v1/api-keys/{narrow}/rotate",
            json!({}),
            [201, 201, 404, 403, 403, 201, 403, 201, 201, 201, 403, 403, 403, 403, 404, 404, 403, 401],
        ),
        Row(
            "POST /v1/api-keys/{wide}/rotate",
            json!({}),
            [201, 201, 404, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 404, 404, 403, 401],
        ),
        Row(
            "POST /v1/api-keys/{own}/rotate",
            json!({}),
            [201, 201, 201, 201, 201, 201, 201, 201, 201, 201, 403, 403, 403, 403, 201, 404, 403, 401],
        ),
        Row(
            "DELETE /v1/api-keys/{plain}",
            none.clone(),
            [204, 204, 404, 204, 403, 204, 403, 403, 403, 204, 204, 403, 204, 403, 404, 404, 403, 401],
        ),
        Row(
            "DELETE /v1/api-keys/{narrow}",
            none.clone(),
            [204, 204, 404, 204, 403, 204, 403, 204, 204, 204, 204, 403, 204, 403, 404, 404, 403, 401],
        ),
        Row(
            "DELETE /v1/api-keys/{wide}?cascade=true",
            none.clone(),
            [204, 204, 404, 204, 403, 403, 403, 403, 403, 204, 204, 403, 204, 403, 404, 404, 403, 401],
        ),
        Row(
            "DELETE /v1/api-keys/{test}",
            none.clone(),
            [204, 204, 404, 403, 403, 403, 204, 403, 403, 403, 403, 204, 403, 403, 404, 404, 403, 401],
        ),
        Row(
            "DELETE /v1/api-keys/{own}",
            none.clone(),
            [204, 204, 204, 204, 204, 204, 204, 204, 204, 204, 204, 403, 204, 403, 204, 404, 403, 401],
        ),
        Row(
            "POST /v1/api-keys/verify",
            json!({ "key": "x" }),
            [200, 200, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 401],
        ),
        Row(
            "GET /v1/usage?user=alice",
            none.clone(),
            [200, 200, 404, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 404, 404, 403, 401],
        ),
        // Let in by the scanner's signature, and by nothing else.
        Row("POST /v1/leaked-keys", jobs, all(403)),
    ]
}

/// Whoever asks, with what they come with, and the id of their own key.
async fn caller(edge: &Edge, who: &str) -> (String, Option<String>) {
    let with = async |body: Value| {
        let (id, key) = edge.key(BOOTSTRAP, body).await;
        (key, Some(id))
    };
    let token = |change: &dyn Fn(&mut Authentication)| {
        let mut token = jwt_of("subject", edge.now(), Timestamp::MAX);
        token.identity.subject = "alice".parse().unwrap();
        token.identity.scopes = "jobs".parse().unwrap();
        change(&mut token);
        edge.jwts.answer("e30.e30.dG9rZW4", Ok(token));
        ("e30.e30.dG9rZW4".to_owned(), None)
    };
    match who {
        "the bootstrap key" => (BOOTSTRAP.to_owned(), None),
        "an administrator's live key" => with(json!({ "user": "root" })).await,
        "an administrator's test key" => with(json!({ "user": "root", "environment": "test" })).await,
        "a key that has what its user has" => with(json!({ "user": "alice" })).await,
        "a key without scopes" => with(json!({ "user": "alice", "scopes": [] })).await,
        "a key that makes keys" => with(json!({ "user": "alice", "scopes": "jobs remint:keys" })).await,
        "a test key that makes keys" => {
            with(json!({ "user": "alice", "scopes": "jobs remint:keys", "environment": "test" })).await
        }
        "a key bound to networks that makes keys" => {
            with(json!({ "user": "alice", "scopes": "jobs remint:keys", "networks": ["192.0.2.0/24"] })).await
        }
        "a key that ends and makes keys" => {
            with(json!({ "user": "alice", "scopes": "jobs remint:keys", "expires_in": "1h" })).await
        }
        "a token" => token(&|_| {}),
        "a token without scopes" => token(&|token| token.identity.scopes = "".parse().unwrap()),
        "a test token" => token(&|token| token.identity.environment = Environment::Test),
        "a token that is bound to a certificate" => {
            token(&|token| token.confirmation = Some(Confirmation::X5tS256([1; 32])))
        }
        "a worker that acts for alice" => token(&|token| {
            token.identity.scopes = "jobs remint:keys remint:admin remint:verify".parse().unwrap();
            token.identity.actor = Some(Actor::new("worker".parse().unwrap(), None));
        }),
        "bob's key that makes keys" => with(json!({ "user": "bob", "scopes": "jobs remint:keys" })).await,
        "bob's token" => token(&|token| token.identity.subject = "bob".parse().unwrap()),
        "a token that is linked to nobody" => token(&|token| {
            token.identity.subject = "acme|alice".parse().unwrap();
            token.identity.scopes = "remint:admin remint:keys remint:verify".parse().unwrap();
        }),
        _ => (String::new(), None),
    }
}

/// What is asked about: see [`rows`].
async fn filled(edge: &Edge, line: &str, own: Option<String>) -> String {
    let made = async |body: Value| edge.key(BOOTSTRAP, body).await.0;
    let plain = made(json!({ "user": "alice", "scopes": "jobs" })).await;
    let narrow = json!({ "user": "alice", "scopes": "jobs", "networks": ["192.0.2.128/25"], "expires_in": "30m" });
    let (narrow, wide) = (made(narrow).await, made(json!({ "user": "alice" })).await);
    let test = made(json!({ "user": "alice", "scopes": "jobs", "environment": "test" })).await;
    line.replace("{own}", &own.unwrap_or_else(|| plain.clone()))
        .replace("{plain}", &plain)
        .replace("{narrow}", &narrow)
        .replace("{wide}", &wide)
        .replace("{test}", &test)
        .replace("{user}", "alice")
        .replace("{tenant}", "acme")
}

/// A place where no scanner publishes keys.
#[derive(Debug)]
pub(crate) struct NoKeys;

#[async_trait]
impl HttpFetch for NoKeys {
    fn permits(&self, _: &Url) -> bool {
        true
    }

    async fn get(&self, _: &Url) -> Result<Vec<u8>, FetchError> {
        Ok(br#"{"public_keys":[]}"#.to_vec())
    }

    async fn get_with(&self, url: &Url, headers: &remint_keyset::HeaderMap) -> Result<Vec<u8>, FetchError> {
        if headers.is_empty() { self.get(url).await } else { Err(FetchError::Headers) }
    }
}

async fn edge() -> Edge {
    let url = Url::parse("https://scanner.example/keys").unwrap();
    let edge = Edge::with(|service| service.leak_reports(LeakReports::new(url, Arc::new(NoKeys)))).await;
    for body in [
        json!({ "id": "alice", "tenant": "acme", "scopes": "jobs", "issue": [] }),
        json!({ "id": "bob", "scopes": "jobs", "issue": [] }),
        json!({ "id": "root", "scopes": "remint:admin", "issue": [] }),
    ] {
        assert_eq!(edge.bootstrap("POST /v1/users", body).await.status, 201);
    }
    edge
}

#[tokio::test]
async fn each_operation_is_open_to_whom_it_should_be_and_to_nobody_else() {
    for Row(line, body, statuses) in rows() {
        for (who, status) in CALLERS.into_iter().zip(statuses) {
            let edge = edge().await;
            let (key, own) = caller(&edge, who).await;
            let filled = filled(&edge, line, own).await;
            let mut request = request(&key, &filled, body.clone());
            request.extensions_mut().insert(ClientAddr("192.0.2.130".parse::<IpAddr>().unwrap()));
            request.extensions_mut().insert(ClientCertificate([1; 32]));
            let answer = edge.send(request).await;
            assert_eq!(answer.status, status, "{line} {body} by {who}: {}", answer.body);
            assert_eq!(answer.headers["cache-control"], "no-store", "{line}");
            if status >= 400 {
                assert_eq!(answer.headers["content-type"], "application/problem+json", "{line} by {who}");
            }
        }
    }
}

/// Who is stated to be an operator, on the router for operators, may do what the bootstrap key may.
#[tokio::test]
async fn each_operation_is_open_to_an_operator_of_the_machine() {
    for Row(line, body, [status, ..]) in rows() {
        if line == "POST /v1/leaked-keys" {
            continue;
        }
        let edge = edge().await;
        let router = IdentityService::new(edge.keys.clone()).into_operator_router();
        let mut request = request("", &filled(&edge, line, None).await, body.clone());
        request.extensions_mut().insert(Operator { account: None });
        let answer = router.oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status, "{line} {body}");
    }
}

#[tokio::test]
async fn each_operation_of_the_document_has_a_row() {
    let document = edge().await.call("", "GET /openapi.json", Value::Null).await.body;
    let mut documented = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        documented.extend(item.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())));
    }
    let tested: BTreeSet<_> = rows()
        .into_iter()
        .map(|Row(line, ..)| {
            let mut line = line.split('?').next().unwrap().to_owned();
            for name in ["{own}", "{plain}", "{narrow}", "{wide}", "{test}", "{user}", "{tenant}"] {
                line = line.replace(name, "{id}");
            }
            line
        })
        .collect();
    assert_eq!(documented, tested);
}

#[tokio::test]
async fn the_right_of_an_administrator_counts_in_the_environment_that_the_edge_demands() {
    for (demanded, live, test) in
        [(None, 200, 403), (Some(Environment::Live), 200, 403), (Some(Environment::Test), 403, 200)]
    {
        let edge = Edge::demanding(demanded, |service| service).await;
        let body = json!({ "id": "root", "tenant": "acme", "scopes": "remint:admin", "issue": ["live", "test"] });
        let made = edge.bootstrap("POST /v1/users", body).await.body;
        for key in made["keys"].as_array().unwrap() {
            let status = if key["environment"] == "live" { live } else { test };
            let answer = edge.call(&text(&key["key"]), "GET /v1/tenants/acme", Value::Null).await;
            assert_eq!(answer.status, status, "{demanded:?} {key}");
        }
    }
}

#[tokio::test]
async fn a_caller_reads_of_their_own_keys_and_usage_what_is_of_their_environment() {
    let edge = edge().await;
    let mut texts = Vec::new();
    for environment in ["live", "test"] {
        let (_, key) = edge.key(BOOTSTRAP, json!({ "user": "alice", "environment": environment })).await;
        for _ in 0..3 {
            edge.clock.advance(std::time::Duration::from_secs(1));
            edge.key(BOOTSTRAP, json!({ "user": "alice", "environment": environment })).await;
        }
        texts.push((environment, key));
    }
    for (environment, key) in &texts {
        let (mut seen, mut next) = (0, String::new());
        loop {
            let page = edge.call(key, &format!("GET /v1/api-keys?limit=3{next}"), Value::Null).await.body;
            let items = page["items"].as_array().unwrap();
            assert!(items.iter().all(|key| key["environment"] == *environment), "{page}");
            seen += items.len();
            let Some(cursor) = page["next"].as_str() else { break };
            assert_eq!(items.len(), 3, "a page is full unless it is the last");
            next = format!("&cursor={cursor}");
        }
        assert_eq!(seen, 4);
    }
    let all = edge.bootstrap("GET /v1/api-keys?user=alice", Value::Null).await.body;
    assert_eq!(all["items"].as_array().unwrap().len(), 8);
}

#[tokio::test]
async fn a_verifier_is_told_of_keys_of_its_own_environment() {
    let edge = edge().await;
    edge.bootstrap("POST /v1/users", json!({ "id": "service", "scopes": "remint:verify", "issue": [] })).await;
    for verifier in ["live", "test"] {
        let (_, service) = edge.key(BOOTSTRAP, json!({ "user": "service", "environment": verifier })).await;
        for asked in ["live", "test"] {
            let (_, key) = edge.key(BOOTSTRAP, json!({ "user": "alice", "environment": asked })).await;
            let answer = edge.call(&service, "POST /v1/api-keys/verify", json!({ "key": key })).await;
            assert_eq!(answer.body["valid"], verifier == asked, "{verifier} of {asked}");
            let answer = edge.bootstrap("POST /v1/api-keys/verify", json!({ "key": key })).await;
            assert_eq!(answer.body["valid"], true);
        }
    }
}

#[tokio::test]
async fn a_credential_that_is_bound_to_its_sender_makes_no_key_whatever_right_it_has() {
    let edge = edge().await;
    let mut root = jwt_of("subject", edge.now(), Timestamp::MAX);
    root.identity.subject = "root".parse().unwrap();
    root.identity.scopes = "remint:admin".parse().unwrap();
    root.confirmation = Some(Confirmation::X5tS256([1; 32]));
    edge.jwts.answer("e30.e30.cm9vdA", Ok(root));
    let (id, _) = edge.key(BOOTSTRAP, json!({ "user": "alice" })).await;
    let rotate = format!("POST /v1/api-keys/{id}/rotate");
    for (line, body, status) in [
        ("GET /v1/tenants/acme", Value::Null, 200),
        ("POST /v1/api-keys", json!({ "user": "alice" }), 403),
        (rotate.as_str(), json!({}), 403),
        ("POST /v1/users", json!({ "id": "carol", "issue": ["live"] }), 403),
        ("POST /v1/users", json!({ "id": "carol" }), 403),
        ("POST /v1/users", json!({ "id": "carol", "issue": [] }), 201),
    ] {
        let mut request = request("e30.e30.cm9vdA", line, body.clone());
        request.extensions_mut().insert(ClientCertificate([1; 32]));
        let answer = edge.send(request).await;
        assert_eq!(answer.status, status, "{line} {body}: {}", answer.body);
        if status == 403 {
            assert_eq!(answer.body["type"], "urn:remint:problem:bound-credential");
        }
    }
    let keys = edge.keys.list(&"alice".parse().unwrap()).await.unwrap();
    assert!(keys.len() == 1 && keys[0].rotated_to.is_none());
}
