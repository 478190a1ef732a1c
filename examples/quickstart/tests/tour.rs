//! The quickstart from outside: its binary, run as a user runs it.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

use remint_jwt::{Algorithm, SigningKey};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

#[test]
fn every_step_of_the_tour_holds_and_says_so() {
    let output = quickstart(&["--once", "--json"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let lines: Vec<Value> = output.stdout.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    let statuses: Vec<_> = lines.iter().map(|line| line["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 200, 200, 401, 401, 400, 200, 401]);
    for (index, line) in lines.iter().enumerate() {
        assert_eq!((&line["step"], &line["held"]), (&json!(index + 1), &json!(true)), "{line}");
    }
    let seen = |index: usize, pointer: &str| lines[index].pointer(pointer).cloned().unwrap_or_default();
    for (index, subject, env, kind) in
        [(0, "demo|bob", "live", "jwt"), (1, "alice", "live", "api_key"), (2, "alice", "test", "api_key")]
    {
        assert_eq!(seen(index, "/answer/caller/subject"), subject);
        assert_eq!(seen(index, "/answer/claims/sub"), subject);
        assert_eq!(seen(index, "/answer/claims/env"), env);
        assert_eq!(seen(index, "/answer/claims/cred/kind"), kind);
        assert_eq!(seen(index, "/answer/claims/aud"), "internal");
    }
}

#[test]
fn for_people_it_is_text_without_colour_where_there_is_no_terminal() {
    let output = quickstart(&["--once"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("Every step held."), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[tokio::test]
async fn while_it_serves_every_credential_reaches_the_service_as_one_kind_of_token() {
    let quickstart = Serving::start(&[]);
    let (live, test) = (quickstart.key("live"), quickstart.key("test"));
    let jwt = quickstart.ready["jwt"].as_str().unwrap();
    for (name, value, subject, env) in [
        ("authorization", format!("Bearer {jwt}"), "demo|bob", "live"),
        ("x-api-key", live.clone(), "alice", "live"),
        ("authorization", format!("Token {test}"), "alice", "test"),
    ] {
        let seen = json(quickstart.whoami(&[(name, &value), ("x-user-id", "root"), ("x_user_id", "root")]).await).await;
        assert_eq!((&seen["caller"]["subject"], &seen["caller"]["env"]), (&json!(subject), &json!(env)));
        assert_eq!((&seen["claims"]["sub"], &seen["claims"]["env"]), (&json!(subject), &json!(env)));
        assert_eq!(seen["claims"]["iss"], quickstart.ready["listening"]);
        let headers = seen["headers"].as_object().unwrap();
        assert_eq!(headers["authorization"].as_array().unwrap().len(), 1);
        assert!(!["x-api-key", "x-user-id", "x_user_id"].iter().any(|name| headers.contains_key(*name)), "{headers:?}");
        assert!(!seen.to_string().contains(value.rsplit(' ').next().unwrap()), "the credential itself went on");
    }
    quickstart.stop();
}

#[tokio::test]
async fn while_it_serves_what_is_wrong_is_refused() {
    let quickstart = Serving::start(&[]);
    let live = quickstart.key("live");
    let (with_scheme, cut) = (format!("Api-Key {live}"), &live[..live.len() - 1]);
    let cases: &[(&[(&str, &str)], StatusCode)] = &[
        (&[], StatusCode::UNAUTHORIZED),
        (&[("x-api-key", &live), ("authorization", &with_scheme)], StatusCode::BAD_REQUEST),
        (&[("x-api-key", &live), ("x-api-key", &live)], StatusCode::BAD_REQUEST),
        (&[("x_api_key", &live)], StatusCode::BAD_REQUEST),
        (&[("x-api-key", cut)], StatusCode::UNAUTHORIZED),
        (&[("authorization", "Basic dTpw")], StatusCode::UNAUTHORIZED),
        (&[("x-user-id", "root")], StatusCode::UNAUTHORIZED),
    ];
    for (headers, status) in cases {
        let answer = quickstart.whoami(headers).await;
        assert_eq!(answer.status(), *status, "{headers:?}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        assert!(answer.headers().contains_key("www-authenticate"));
    }
    quickstart.stop();
}

#[tokio::test]
async fn a_caller_cannot_have_the_internal_token_removed_as_hop_by_hop() {
    let quickstart = Serving::start(&[]);
    let live = quickstart.key("live");
    let named = ("connection", "authorization, x-gone, keep-alive");
    let answer = quickstart.whoami(&[("x-api-key", &live), named, ("x-gone", "1"), ("x-stays", "1")]).await;
    let seen = json(answer).await;
    assert_eq!(seen["headers"]["x-stays"], json!(["1"]));
    assert_eq!(seen["headers"].get("x-gone"), None);
    assert_eq!(seen["headers"].get("connection"), None);
    quickstart.stop();
}

#[tokio::test]
async fn what_the_service_behind_does_not_have_it_says_itself() {
    let quickstart = Serving::start(&[]);
    let answer = quickstart.get("/nothing", &[("x-api-key", &quickstart.key("live"))]).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert_eq!(quickstart.get("/nothing", &[]).await.status(), StatusCode::UNAUTHORIZED);
    let keys = quickstart.get("/.well-known/jwks.json", &[]).await;
    assert_eq!(keys.headers()["cache-control"], "public, max-age=300");
    let keys = json(keys).await;
    assert_eq!(keys["keys"][0]["alg"], "ES256");
    assert_eq!(keys["keys"][0].get("d"), None);
    quickstart.stop();
}

#[tokio::test]
async fn a_real_provider_takes_the_demo_ones_place() {
    let other = Serving::start(&[]);
    let jwt = other.ready["jwt"].as_str().unwrap();
    let issuer = claims(jwt)["iss"].as_str().unwrap().to_owned();
    let quickstart = Serving::start(&["--issuer", &issuer, "--audience", "quickstart-api"]);
    assert_eq!(quickstart.ready.get("jwt"), None);
    assert_eq!(quickstart.tour.iter().filter(|line| line.get("skipped").is_some()).count(), 3);

    let bearer = format!("Bearer {jwt}");
    let seen = json(quickstart.whoami(&[("authorization", &bearer)]).await).await;
    assert_eq!(seen["caller"]["subject"], "127.0.0.1|bob");
    assert_eq!(seen["caller"]["tenant"], "acme");
    assert_eq!(seen["caller"]["scopes"], json!(["everything:delete", "openid", "orders:read"]));
    assert_eq!(quickstart.whoami(&[("x-api-key", &quickstart.key("test"))]).await.status(), StatusCode::OK);
    quickstart.stop();

    let elsewhere = Serving::start(&["--issuer", &issuer, "--audience", "another-api"]);
    assert_eq!(elsewhere.whoami(&[("authorization", &bearer)]).await.status(), StatusCode::UNAUTHORIZED);
    elsewhere.stop();
    other.stop();
}

#[tokio::test]
async fn a_provider_that_is_down_is_an_outage_and_not_a_denial() {
    // Nobody listens on port 1.
    let quickstart = Serving::start(&["--issuer", "http://127.0.0.1:1", "--audience", "api"]);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({ "iss": "http://127.0.0.1:1", "aud": "api", "sub": "bob", "iat": now, "exp": now + 60 });
    let token = SigningKey::generate(Algorithm::Es256).unwrap().sign("JWT", &claims).unwrap();
    let answer = quickstart.whoami(&[("authorization", &format!("Bearer {token}"))]).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers().contains_key("retry-after"));
    quickstart.stop();
}

#[test]
fn an_issuer_without_an_audience_is_a_mistake() {
    assert_eq!(quickstart(&["--issuer", "https://idp.example"]).output().unwrap().status.code(), Some(2));
    assert_eq!(quickstart(&["--listen", "192.0.2.1:80"]).output().unwrap().status.code(), Some(2));
}

/// A quickstart that has taken its tour and serves.
struct Serving {
    child: Child,
    tour: Vec<Value>,
    ready: Value,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Serving {
    fn start(arguments: &[&str]) -> Self {
        let mut child = quickstart(arguments).arg("--json").stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut serving = Self { child, tour: Vec::new(), ready: Value::Null, lines };
        while serving.ready.is_null() {
            let line: Value = serde_json::from_str(&serving.lines.next().unwrap().unwrap()).unwrap();
            if line.get("listening").is_some() { serving.ready = line } else { serving.tour.push(line) }
        }
        serving
    }

    fn key(&self, environment: &str) -> String {
        self.ready["keys"][environment].as_str().unwrap().to_owned()
    }

    async fn whoami(&self, headers: &[(&str, &str)]) -> Response {
        self.get("/whoami", headers).await
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        let client = Client::builder().tls_certs_only([]).build().unwrap();
        let mut request = client.get(format!("{}{path}", self.ready["listening"].as_str().unwrap()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    /// As Ctrl-C does.
    fn stop(mut self) {
        let asked = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // A test that failed; otherwise it has ended already.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn quickstart(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quickstart"));
    if !arguments.contains(&"--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    command.args(arguments);
    command
}

async fn json(answer: Response) -> Value {
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.unwrap()
}

fn claims(jwt: &str) -> Value {
    use base64::Engine;
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}
