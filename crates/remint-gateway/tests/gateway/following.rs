//! Clients that follow the revocation log.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, Response};
use remint::{Audience, HttpClient, IssuerId, Remint, Revocations, SystemClock, Verifier};
use remint_exchange::{ClientCredentials, ClientSecret, EndpointAddress, HttpLog, RemoteExchanger};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::{BOOTSTRAP, Gateway, client};

const SECRET: &str = "canary-of-a-follower-with-32-characters";

/// A gateway with a client that may follow its log.
fn followed() -> Gateway {
    let clients = format!("[[clients]]\nid = 'edge-1'\nsecret = '{SECRET}'\nmay = ['follow']\n");
    Gateway::new(&clients).running()
}

async fn follow(gateway: &Gateway, query: &str) -> (StatusCode, Value) {
    let request = client().get(format!("http://{}/v1/revocations{query}", gateway.http));
    let answer = request.basic_auth("edge-1", Some(SECRET)).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn revoke(gateway: &Gateway, body: Value) -> (StatusCode, Value) {
    let request = client().post(format!("http://{}/v1/revocations", gateway.http)).header("x-api-key", BOOTSTRAP);
    let answer = request.json(&body).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn what_an_administrator_ends_is_in_the_log_that_a_client_reads() {
    let gateway = followed();
    let (status, start) = follow(&gateway, "").await;
    assert_eq!((status, &start["rows"]), (StatusCode::OK, &json!([])));
    let query = format!("?after={}&wait=30s", start["cursor"].as_str().unwrap());
    let target = json!({ "kind": "issuer", "id": "https://idp.example" });
    let begun = Instant::now();
    let (waited, (status, place)) =
        tokio::join!(follow(&gateway, &query), revoke(&gateway, json!({ "target": target, "reason": "a test" })));
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!((status, &place["pos"]), (StatusCode::ACCEPTED, &json!(1)));
    assert_eq!((waited.0, &waited.1["rows"][0]["target"]), (StatusCode::OK, &target));
    let cursor = waited.1["cursor"].as_str().unwrap();
    assert!(cursor.starts_with(&format!("{}.1.", place["log"].as_str().unwrap())), "{cursor} {place}");
}

#[tokio::test]
async fn one_path_has_two_services_and_every_refusal_is_a_problem_document() {
    let gateway = followed();
    for (method, headers, status) in [
        (Method::GET, None, StatusCode::UNAUTHORIZED),
        (Method::GET, Some(("x-api-key", BOOTSTRAP)), StatusCode::UNAUTHORIZED),
        (Method::POST, None, StatusCode::UNAUTHORIZED),
        (Method::DELETE, None, StatusCode::METHOD_NOT_ALLOWED),
    ] {
        let request = client().request(method.clone(), format!("http://{}/v1/revocations", gateway.http));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status, "{method}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{method}");
        if status == StatusCode::METHOD_NOT_ALLOWED {
            let allowed = answer.headers()["allow"].to_str().unwrap();
            assert!(["GET", "POST"].iter().all(|method| allowed.contains(method)), "{allowed}");
        }
    }
}

#[tokio::test]
async fn the_log_is_in_the_description_of_the_service() {
    let gateway = followed();
    let answer = client().get(format!("http://{}/openapi.json", gateway.http)).send().await.unwrap();
    let document: Value = answer.json().await.unwrap();
    let path = &document["paths"]["/v1/revocations"];
    assert_eq!(path["get"]["operationId"], "follow_revocations");
    assert_eq!(path["post"]["operationId"], "create_revocation");
    let mut names = Vec::new();
    references(&document, &mut names);
    assert!(names.iter().any(|name| name.ends_with("/RevocationLogGone")));
    for name in names {
        let place = name.strip_prefix('#').unwrap();
        assert!(document.pointer(place).is_some(), "{name} is not there");
    }
    for status in ["400", "401", "403", "405", "410", "429", "503"] {
        assert!(path["get"]["responses"][status]["content"].get("application/problem+json").is_some(), "{status}");
    }
}

fn references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            names.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| references(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        _ => {}
    }
}

#[tokio::test]
async fn those_who_wait_take_no_connection_from_others_and_do_not_hold_up_the_end() {
    let clients = format!("[[clients]]\nid = 'edge-1'\nsecret = '{SECRET}'\nmay = ['follow']\n");
    let mut gateway = Gateway::new(&clients).listening("max_connections = 4\n").running();
    let (_, start) = follow(&gateway, "").await;
    let query = format!("?after={}&wait=30s", start["cursor"].as_str().unwrap());
    let url = format!("http://{}/v1/revocations{query}", gateway.http);
    let waiting: Vec<_> =
        (0..12).map(|_| tokio::spawn(client().get(&url).basic_auth("edge-1", Some(SECRET)).send())).collect();
    // Each of them waits, sooner or later; a client of its own for each request, so that none is reused.
    let (begun, mut answered) = (Instant::now(), 0);
    while answered < 20 {
        let health = client().get(format!("http://{}/v1/users/nobody", gateway.http)).header("x-api-key", BOOTSTRAP);
        let status = health.send().await.unwrap().status();
        answered = if status == StatusCode::NOT_FOUND { answered + 1 } else { 0 };
        assert!(begun.elapsed() < Duration::from_secs(20), "{status}");
    }
    assert!(waiting.iter().all(|waits| !waits.is_finished()));
    let begun = Instant::now();
    assert_eq!(gateway.stop(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(5), "it waited for those who wait");
    for waits in waiting {
        assert_eq!(waits.await.unwrap().unwrap().status(), StatusCode::OK);
    }
}

/// What a service behind the edge receives.
async fn received(headers: HeaderMap) -> String {
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok());
    bearer.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default().to_owned()
}

/// A gateway at the address where it is. At it, an edge without keys exchanges as `edge-1`, and a service follows as
/// `orders`.
fn server(edge_may: &str) -> Gateway {
    let clients = format!(
        "[[clients]]\nid = 'edge-1'\nsecret = '{SECRET}'\nmay = [{edge_may}]\nedge = true\n\
         [[clients]]\nid = 'orders'\nsecret = '{SECRET}'\nmay = ['follow']\n"
    );
    let gateway = Gateway::new(&clients);
    let url = format!("http://{}", gateway.http);
    let listen = format!("public_url = '{url}'\n[issuer]\nurl = '{url}'\naudience = ['internal']\n");
    gateway.listening(&listen).running()
}

fn credentials(id: &str) -> ClientCredentials {
    ClientCredentials::secret_basic(id.parse().unwrap(), ClientSecret::new(SECRET))
}

/// An edge that exchanges at a server, and follows its log.
struct Edge {
    behind: Router,
    key: String,
}

impl Edge {
    async fn new(server: &Gateway, key: &str) -> Self {
        let url = format!("http://{}", server.http);
        let (issuer, audience): (IssuerId, Audience) = (url.parse().unwrap(), "internal".parse().unwrap());
        let exchanger = RemoteExchanger::builder(issuer, audience, credentials("edge-1")).build().unwrap();
        exchanger.start().await;
        let edge = Remint::exchanging(&url, "internal", exchanger).max_staleness(Duration::from_secs(2));
        let behind = Router::new().fallback(received).layer(edge.build().await.unwrap().layer());
        Self { behind, key: key.to_owned() }
    }

    async fn ask(&self) -> Response<Body> {
        let request = Request::get("/").header("x-api-key", &self.key).body(Body::empty()).unwrap();
        self.behind.clone().oneshot(request).await.unwrap()
    }

    /// Asks until the answer has this status; each one before must have the other.
    async fn becomes(&self, status: StatusCode, from: StatusCode) -> Duration {
        let begun = Instant::now();
        loop {
            match self.ask().await.status() {
                found if found == status => return begun.elapsed(),
                found => assert_eq!(found, from),
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "it is still {from}");
            // A hit does not wait for anything, and there is one thread.
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn what_ends_at_the_server_ends_at_an_edge_without_keys_and_behind_it() {
    let server = server("'exchange', 'follow'");
    let made = server.json(&["create", "--user", "alice", "--create-user"]);
    let edge = Edge::new(&server, made["key"].as_str().unwrap()).await;
    let url = format!("http://{}", server.http);
    let log = EndpointAddress::Fixed(format!("{url}/v1/revocations").parse().unwrap());
    let log = HttpLog::builder(log, credentials("orders"), Arc::new(HttpClient::new().unwrap())).build().unwrap();
    let known = Revocations::follow_only(Arc::new(log), SystemClock).await.unwrap();
    let service = Verifier::builder(url.parse().unwrap(), "internal".parse().unwrap());
    let service = service.revocations(known).build().await.unwrap();

    let answer = edge.ask().await;
    assert_eq!(answer.status(), StatusCode::OK);
    let token = to_bytes(answer.into_body(), 1 << 16).await.unwrap();
    let token = std::str::from_utf8(&token).unwrap();
    assert!(service.verify(token).await.is_ok());
    for _ in 0..20 {
        assert_eq!(edge.ask().await.status(), StatusCode::OK, "it is cached");
    }

    let path = format!("/v1/api-keys/{}", made["id"].as_str().unwrap());
    let revoked = server.request(Method::DELETE, &path, BOOTSTRAP).send().await.unwrap();
    assert_eq!(revoked.status(), StatusCode::NO_CONTENT);
    let begun = Instant::now();
    edge.becomes(StatusCode::UNAUTHORIZED, StatusCode::OK).await;
    while service.verify(token).await.is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(30), "it is still accepted");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_edge_whose_server_is_gone_goes_on_for_a_while_and_then_answers_503_until_it_is_back() {
    let mut server = server("'exchange', 'follow'");
    let made = server.json(&["create", "--user", "alice", "--create-user"]);
    let edge = Edge::new(&server, made["key"].as_str().unwrap()).await;
    assert_eq!(edge.ask().await.status(), StatusCode::OK);
    server.kill();
    let went_on = edge.becomes(StatusCode::SERVICE_UNAVAILABLE, StatusCode::OK).await;
    assert!(went_on < Duration::from_secs(10), "{went_on:?}");
    server.start();
    edge.becomes(StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE).await;
}

#[tokio::test]
async fn an_edge_that_may_not_follow_goes_on_as_without_a_log() {
    let server = server("'exchange'");
    let made = server.json(&["create", "--user", "alice", "--create-user"]);
    let edge = Edge::new(&server, made["key"].as_str().unwrap()).await;
    assert_eq!(edge.ask().await.status(), StatusCode::OK);
    let path = format!("/v1/api-keys/{}", made["id"].as_str().unwrap());
    let revoked = server.request(Method::DELETE, &path, BOOTSTRAP).send().await.unwrap();
    assert_eq!(revoked.status(), StatusCode::NO_CONTENT);
    // For longer than it may be blind: it is not.
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(3) {
        assert_eq!(edge.ask().await.status(), StatusCode::OK, "it is cached until its time is over");
        tokio::task::yield_now().await;
    }
}
