//! What the log says of tokens whose claims stand elsewhere.

use std::time::{SystemTime, UNIX_EPOCH};

use remint_jwt::{Algorithm, SigningKey};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Gateway, client};

const SETTINGS: &str = "[[trust]]\nname = 'idp'\nissuer = 'https://idp.example'\naudience = ['api']\n\
    jwks_file = 'idp.json'\ntenants = ['acme']\nallow_roles = ['*']\n\
    [trust.claims]\ntenant = 'team.id'\nroles = 'https://idp.example/roles'\n\
    [[clients]]\nid = 'edge-1'\nsecret = 'canary-of-a-client-with-32-characters'\nmay = ['exchange', 'jwt_bearer']\n";

#[tokio::test]
async fn the_line_of_a_refusal_names_the_mapped_claim_that_is_the_reason() {
    let idp = SigningKey::generate(Algorithm::Es256).unwrap();
    let mut gateway = Gateway::new(SETTINGS).with_key_set("idp.json", &idp).running();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let token = |name: &str, value: Value| {
        let mut claims = json!({
            "iss": "https://idp.example", "aud": "api", "sub": "bob", "azp": "web", "jti": name, "iat": now,
            "exp": now + 60,
        });
        claims[name] = value;
        idp.sign("at+jwt", &claims).unwrap()
    };
    let asked = async |form: &[(&str, &str)]| {
        let request = client().post(format!("http://{}/oauth2/token", gateway.http)).form(form);
        let answer = request.basic_auth("edge-1", Some("canary-of-a-client-with-32-characters")).send().await.unwrap();
        answer.status()
    };

    let other = token("team", json!({ "id": "canary" }));
    let request = client().get(format!("http://{}/v1/api-keys", gateway.http));
    let answer = request.header("authorization", format!("Bearer {other}")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    let kind = "urn:ietf:params:oauth:token-type:access_token";
    let form = [("grant_type", exchange), ("subject_token_type", kind), ("subject_token", &other)];
    assert_eq!(asked(&form).await, StatusCode::BAD_REQUEST);
    // An assertion is held to the word in what an access token only carries along.
    let odd = token("https://idp.example/roles", json!(["canary", 7]));
    let form = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", &odd)];
    assert_eq!(asked(&form).await, StatusCode::BAD_REQUEST);

    assert_eq!(gateway.stop(), Some(0));
    let log = gateway.log();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("trust=\"idp\"")).collect();
    assert_eq!(lines.len(), 3, "{log}");
    for (line, parts) in lines.iter().zip([
        ["reason=\"tenant\"", "claim=\"team.id\"", "found=\"text\""],
        ["reason=\"tenant\"", "claim=\"team.id\"", "found=\"text\""],
        ["reason=\"claim\"", "claim=\"https://idp.example/roles\"", "found=\"list\""],
    ]) {
        assert!(parts.iter().all(|part| line.contains(part)), "{parts:?}: {line}");
    }
    assert!(!log.contains("canary"), "{log}");
}
