//! A backup of the store that is put back.

use std::fs;

use remint_jwt::Jws;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{BOOTSTRAP, Gateway, client, stderr};

const SECRET: &str = "canary-of-a-client-with-32-characters";

async fn oauth(gateway: &Gateway, endpoint: &str, form: &[(&str, &str)]) -> Value {
    let request = client().post(format!("http://{}/oauth2/{endpoint}", gateway.http)).form(form);
    let answer = request.basic_auth("edge-1", Some(SECRET)).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.unwrap()
}

/// A token for the key, and how far its issuer had read the log.
async fn token_for(gateway: &Gateway, key: &str) -> (String, Value) {
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token_type", "urn:remint:params:oauth:token-type:api-key"),
        ("subject_token", key),
    ];
    let token = oauth(gateway, "token", &form).await["access_token"].as_str().unwrap().to_owned();
    let read = Jws::parse(&token).unwrap().unverified_claims().get("rev").cloned().unwrap();
    (token, read)
}

async fn revoke(gateway: &Gateway, target: Value) -> Value {
    let request = gateway.request(Method::POST, "/v1/revocations", BOOTSTRAP).json(&json!({ "target": target }));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    answer.json().await.unwrap()
}

#[tokio::test]
async fn after_init_tokens_that_read_rows_which_are_lost_end_with_the_rows_that_take_their_place() {
    let client = format!("[[clients]]\nid = 'edge-1'\nsecret = '{SECRET}'\nmay = ['exchange', 'introspect']\n");
    let mut gateway = Gateway::new(&client);
    let made = gateway.json(&["create", "--user", "alice", "--create-user"]);
    fs::copy(gateway.path("remint.db"), gateway.path("backup.db")).unwrap();
    gateway.start();
    for number in 0..5 {
        revoke(&gateway, json!({ "kind": "issuer", "id": format!("https://{number}.example") })).await;
    }
    let (token, read) = token_for(&gateway, made["key"].as_str().unwrap()).await;
    assert_eq!(gateway.stop(), Some(0));

    fs::copy(gateway.path("backup.db"), gateway.path("remint.db")).unwrap();
    let init = gateway.command(&["init"]).output().unwrap();
    assert!(init.status.success(), "{}", stderr(&init));
    gateway.start();
    let introspected = oauth(&gateway, "introspect", &[("token", &token)]).await;
    assert_eq!(introspected["active"], true, "nobody has ended it");
    let ended = revoke(&gateway, json!({ "kind": "user", "id": "alice" })).await;
    assert!(ended["pos"].as_u64() < read["pos"].as_u64(), "{ended} {read}");
    assert_ne!(ended["log"], read["log"]);
    assert_eq!(oauth(&gateway, "introspect", &[("token", &token)]).await["active"], false);
}
