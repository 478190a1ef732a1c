//! A key that was found in public.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{PATIENCE, Presented, key_of, over_one_store};
use crate::support::{BOOTSTRAP, client};

/// What a scanner publishes so that its reports are believed.
fn published(pair: &EcdsaKeyPair) -> Value {
    // SubjectPublicKeyInfo of a point on P-256 (RFC 5480 §2).
    let info = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
        0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    let der = STANDARD.encode([&info[..], pair.public_key().as_ref()].concat());
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{der}\n-----END PUBLIC KEY-----\n");
    json!({ "public_keys": [{ "key_identifier": "k1", "key": pem, "is_current": true }] })
}

#[tokio::test]
async fn a_leaked_key_and_what_it_made_are_dead_at_each_gateway_after_one_report() {
    let scanner = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    let place = MockServer::start().await;
    let keys = ResponseTemplate::new(200).set_body_json(published(&scanner));
    Mock::given(path("/keys")).respond_with(keys).mount(&place).await;
    let settings = format!("[leaked_keys]\npublic_keys_uri = '{}/keys'\n", place.uri());
    let (first, second) = over_one_store(&settings, |_| {});

    key_of(&first, "alice", None).await;
    let create = async |by: &str, more: Value| {
        let answer = first.request(Method::POST, "/v1/api-keys", by).json(&more).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED, "{}", answer.text().await.unwrap());
        answer.json::<Value>().await.unwrap()["key"].as_str().unwrap().to_owned()
    };
    let leaked = create(BOOTSTRAP, json!({ "user": "alice", "scopes": "remint:keys" })).await;
    let made = create(&leaked, json!({})).await;
    let presented = [Presented::ApiKey(leaked.clone()), Presented::ApiKey(made)];
    for presented in &presented {
        assert!(presented.is_accepted(&first).await && presented.is_accepted(&second).await, "{presented:?}");
    }

    let body = json!([{ "token": leaked, "type": "remint_key", "url": "https://github.example/c/1" }]).to_string();
    let signature = STANDARD.encode(scanner.sign(&SystemRandom::new(), body.as_bytes()).unwrap());
    let report = client().post(format!("http://{}/v1/leaked-keys", first.http)).body(body);
    let report = report.header("github-public-key-identifier", "k1").header("github-public-key-signature", signature);
    let answer = report.header("content-type", "application/json").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{}", answer.text().await.unwrap());
    for presented in &presented {
        assert!(!presented.is_accepted(&first).await, "{presented:?}");
        let taken = presented.is_refused_within(&second, PATIENCE).await;
        println!("{taken:?}");
    }
}
