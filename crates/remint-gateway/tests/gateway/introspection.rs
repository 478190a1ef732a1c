//! An issuer that is asked about its tokens.

use std::time::{SystemTime, UNIX_EPOCH};

use http::StatusCode;
use serde_json::json;
use wiremock::matchers::{basic_auth, body_string_contains, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{Gateway, client};

#[tokio::test]
async fn an_opaque_token_is_whom_its_issuer_says_when_it_is_asked() {
    let idp = MockServer::start().await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let answer = json!({
        "active": true, "aud": "api", "sub": "bob", "token_type": "Bearer", "iat": now, "exp": now + 300,
    });
    Mock::given(method("POST"))
        .and(path("/introspect"))
        .and(basic_auth("edge-1", "the-secret-of-edge-1"))
        .and(body_string_contains("token=idp_known&"))
        .respond_with(ResponseTemplate::new(200).set_body_json(answer))
        // Once more at most: what was known of a subject is forgotten when it becomes a user.
        .expect(1..=2)
        .mount(&idp)
        .await;
    Mock::given(method("POST"))
        .and(path("/introspect"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "active": false })))
        .expect(1)
        .with_priority(9)
        .mount(&idp)
        .await;
    let gateway = Gateway::started(&format!(
        "[[trust]]\nname = 'idp'\nissuer = 'https://idp.example'\naudience = ['api']\njust_in_time = true\n\
         [trust.introspection]\nendpoint = '{}/introspect'\nclient_id = 'edge-1'\n\
         client_secret = 'the-secret-of-edge-1'\nopaque_prefix = 'idp_'\n",
        idp.uri()
    ));
    for (token, status) in [
        ("idp_known", StatusCode::OK),
        ("idp_known", StatusCode::OK),
        ("idp_known", StatusCode::OK),
        ("idp_known", StatusCode::OK),
        ("idp_other", StatusCode::UNAUTHORIZED),
        ("elsewhere", StatusCode::UNAUTHORIZED),
        ("rmt_live_x", StatusCode::UNAUTHORIZED),
    ] {
        let request = client().get(format!("http://{}/v1/api-keys", gateway.http));
        let answer = request.header("authorization", format!("Bearer {token}")).send().await.unwrap();
        assert_eq!(answer.status(), status, "{token}: {}", answer.text().await.unwrap());
    }
    assert!(!gateway.log().contains("idp_known") && !gateway.log().contains("the-secret"), "{}", gateway.log());
}
