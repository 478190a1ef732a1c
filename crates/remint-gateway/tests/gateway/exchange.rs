use std::fs;
use std::io::Write;
use std::process::{Output, Stdio};

use remint_jwt::{Algorithm, SigningKey};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Gateway, client, stderr, stdout, write};

const MAY: &str = "may = ['exchange']\nedge = true\n";
const SECRET: &str = "canary-of-an-edge-with-32-characters-";

/// A gateway with keys.
fn server() -> Gateway {
    let gateway = Gateway::new(&format!("[[clients]]\nid = 'edge-1'\nsecret = '{SECRET}'\n{MAY}"));
    reached(gateway).running()
}

/// At the address where it is.
fn reached(gateway: Gateway) -> Gateway {
    let url = format!("http://{}", gateway.http);
    gateway.listening(&format!("public_url = '{url}'\n[issuer]\nurl = '{url}'\n"))
}

/// One without, whose server this is.
fn edge(server: &Gateway, more: &str) -> Gateway {
    let (url, more) = (format!("http://{}", server.http), format!("{more}\n"));
    Gateway::with(&format!(
        "[exchange]\nissuer = '{url}'\nurl = '{url}/oauth2/token'\njwks_uri = '{url}/.well-known/jwks.json'\n\
         audience = 'internal'\nclient_id = 'edge-1'\n{more}"
    ))
}

fn exchange(edge: &Gateway, arguments: &[&str], credential: &str) -> Output {
    let mut command = edge.command(&[&["exchange"], arguments].concat());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{credential}\n").as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

async fn ready(gateway: &Gateway) -> (StatusCode, Value) {
    let answer = client().get(format!("http://{}/readyz", gateway.http)).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn an_edge_without_keys_is_ready_while_its_server_answers() {
    let mut server = server();
    let mut edge = edge(&server, &format!("client_secret = '{SECRET}'")).running();
    let (status, seen) = ready(&edge).await;
    let url = format!("http://{}", server.http);
    assert_eq!(status, StatusCode::OK);
    // Strangers are not told which server it is, an operator is.
    assert_eq!(seen["server"], json!({ "key_set": true, "token_endpoint": true }));
    let answer = client().get(format!("http://{}/readyz", edge.admin)).send().await.unwrap();
    let seen: Value = answer.json().await.unwrap();
    assert_eq!(seen["server"], json!({ "issuer": url, "key_set": true, "token_endpoint": true }));
    assert_eq!(server.stop(), Some(0));
    // It looks once in a second.
    let gone = async {
        loop {
            let (status, seen) = ready(&edge).await;
            if status != StatusCode::OK {
                break (status, seen);
            }
        }
    };
    let (status, seen) = gone.await;
    assert_eq!((status, &seen["server"]["key_set"]), (StatusCode::SERVICE_UNAVAILABLE, &json!(false)));
    assert_eq!(client().get(format!("http://{}/healthz", edge.http)).send().await.unwrap().status(), StatusCode::OK);
    // There is no identity service, and no keys are published.
    for path in ["/v1/users", "/oauth2/token", "/.well-known/jwks.json"] {
        let answer = client().get(format!("http://{}{path}", edge.http)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(edge.stop(), Some(0));
    assert_eq!(fs::read_dir(edge.folder.path()).unwrap().count(), 2, "settings and log: it has no store");
    assert!(!edge.log().contains("canary"));
}

#[test]
fn an_operator_tries_what_an_edge_without_keys_would_do() {
    let server = server();
    let edge = edge(&server, &format!("client_secret = '{SECRET}'"));
    let made = server.json(&["create", "--user", "alice", "--create-user", "--scopes", "orders:read"]);
    let key = made["key"].as_str().unwrap();
    let output = exchange(&edge, &[], key);
    assert!(output.status.success(), "{}", stderr(&output));
    let claims: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&claims["sub"], &claims["aud"]), (&json!("alice"), &json!("internal")));
    assert_eq!((&claims["client_id"], &claims["scope"]), (&made["id"], &json!("orders:read")));
    assert_eq!(stdout(&exchange(&edge, &["--token"], key)).split('.').count(), 3);

    let refused = exchange(&edge, &[], "rmt_live_of_nobody");
    assert_eq!(refused.status.code(), Some(1), "{}", stderr(&refused));
    assert!(stderr(&refused).contains("401 Unauthorized: Bearer"), "{}", stderr(&refused));
    assert!(!stderr(&refused).contains("of_nobody"));
}

#[test]
fn an_edge_finds_its_server_and_signs_with_a_key_in_a_file() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let server = reached(Gateway::new(&format!("[[clients]]\nid = 'edge-1'\njwks = 'edge.json'\n{MAY}")));
    let server = server.with_key_set("edge.json", &key).running();
    let edge = Gateway::with(&format!(
        "[exchange]\nissuer = 'http://{}'\naudience = 'internal'\nclient_id = 'edge-1'\n\
         client_key = {{ file = 'edge.pem' }}\n",
        server.http
    ));
    write(edge.path("edge.pem"), key.to_pem().unwrap().as_bytes());
    let made = server.json(&["create", "--user", "alice", "--create-user"]);
    // Each time with an assertion of its own.
    for _ in 0..2 {
        let output = exchange(&edge, &[], made["key"].as_str().unwrap());
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(stdout(&output).contains("\"sub\": \"alice\""), "{}", stdout(&output));
    }
}

#[test]
fn a_server_that_does_not_know_the_edge_is_no_fault_of_the_caller() {
    let server = server();
    let made = server.json(&["create", "--user", "alice", "--create-user"]);
    let edge = edge(&server, "client_secret = 'another'");
    let output = exchange(&edge, &[], made["key"].as_str().unwrap());
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let nobody = edge.keys(&["list", "--user", "alice"]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(stderr(&nobody).contains("they are at the server"));
    let output = exchange(&server, &[], "a.b.c");
    assert!(stderr(&output).contains("there is no `[exchange]`"), "{}", stderr(&output));
}

/// The command sends no proof; whether one would be taken stands in the refusal.
#[tokio::test]
async fn an_edge_without_keys_takes_proofs_where_its_settings_say_so() {
    let server = server();
    for (section, offered) in [("[dpop]\nenabled = true\nalgorithms = ['ES256']\n", true), ("", false)] {
        let edge = edge(&server, &format!("client_secret = '{SECRET}'\n{section}"));
        let refused = exchange(&edge, &[], "rmt_live_nobody");
        let told = stderr(&refused);
        assert_eq!(refused.status.code(), Some(1), "{told}");
        assert_eq!(told.contains("DPoP ") && told.contains("algs=\"ES256\""), offered, "{told}");
    }
}
