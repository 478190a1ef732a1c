//! A limit on the length of internal tokens.

use std::time::{SystemTime, UNIX_EPOCH};

use remint_jwt::{Algorithm, SigningKey};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Gateway, client};

const SETTINGS: &str = "[issuer]\nmax_length = 2048\n\
    [[trust]]\nname = 'idp'\nissuer = 'https://idp.example'\naudience = ['api']\njwks_file = 'idp.json'\n\
    just_in_time = true\nallow_groups = ['*']\n[trust.claims.ext]\nplan = 'plan'\n\
    [[clients]]\nid = 'edge-1'\nsecret = 'canary-of-a-client-with-32-characters'\nmay = ['exchange']\n";

#[tokio::test]
async fn a_token_that_would_be_too_long_is_a_bad_request_and_the_log_names_its_longest_claim() {
    let idp = SigningKey::generate(Algorithm::Es256).unwrap();
    let mut gateway = Gateway::new(SETTINGS).with_key_set("idp.json", &idp).running();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let token = |name: &str, value: Value| {
        let mut claims =
            json!({ "iss": "https://idp.example", "aud": "api", "sub": "bob", "iat": now, "exp": now + 60 });
        claims[name] = value;
        idp.sign("at+jwt", &claims).unwrap()
    };
    let at_the_endpoint = async |token: &str| {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("subject_token", token),
        ];
        let request = client().post(format!("http://{}/oauth2/token", gateway.http)).form(&form);
        let answer = request.basic_auth("edge-1", Some("canary-of-a-client-with-32-characters")).send().await.unwrap();
        (answer.status(), answer.json::<Value>().await.unwrap())
    };
    let at_the_edge = async |token: &str| {
        let request = client().get(format!("http://{}/v1/api-keys", gateway.http));
        let answer = request.header("authorization", format!("Bearer {token}")).send().await.unwrap();
        (answer.status(), answer.json::<Value>().await.unwrap())
    };

    let groups = |count: usize| json!((0..count).map(|number| format!("canary-{number:06}")).collect::<Vec<_>>());
    let fits = token("groups", groups(40));
    for (status, answer) in [at_the_edge(&fits).await, at_the_endpoint(&fits).await] {
        assert_eq!(status, StatusCode::OK, "{answer} {}", gateway.log());
    }

    let plan = token("plan", json!("canary".repeat(400)));
    for too_long in [token("groups", groups(120)), plan] {
        let (status, answer) = at_the_endpoint(&too_long).await;
        assert_eq!((status, &answer["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_request")), "{answer}");
        assert!(answer["error_description"].as_str().unwrap().contains("too long"), "{answer}");
        let (status, answer) = at_the_edge(&too_long).await;
        assert_eq!((status, &answer["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_request")), "{answer}");
    }

    assert_eq!(gateway.stop(), Some(0));
    let log = gateway.log();
    let told = |claim: &str| log.matches(&format!("claim=\"{claim}\"")).count();
    let line = "a token would be too long and is not minted";
    assert_eq!((log.matches(line).count(), told("groups"), told("ext.plan")), (4, 2, 2), "{log}");
    assert!(log.contains("limit=2048") && !log.contains("canary"), "{log}");
}
