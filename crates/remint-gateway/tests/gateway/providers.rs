//! Tokens as providers make them, held to the settings that the README gives for each.

use std::time::{SystemTime, UNIX_EPOCH};

use remint_jwt::{Algorithm, Jws, SigningKey};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Gateway, client};

const SETTINGS: &str = "[credentials]\njwt_headers = ['Cf-Access-Jwt-Assertion']\n\
    [[trust]]\nname = 'entra'\nissuer = 'https://sts.windows.net/t-1/'\naudience = ['api://orders']\n\
    jwks_file = 'keys.json'\n[trust.claims]\nsubject = 'upn'\n\
    [[trust]]\nname = 'cognito'\nissuer = 'https://cognito-idp.us-east-1.amazonaws.com/p'\naudience = ['orders']\n\
    jwks_file = 'keys.json'\nwithout_audience = true\nclients = ['57cb']\nallow_groups = ['*']\n\
    [trust.claims]\ngroups = 'cognito:groups'\n\
    [[trust]]\nname = 'zitadel'\nissuer = 'https://acme.zitadel.cloud'\naudience = ['orders']\n\
    jwks_file = 'keys.json'\nallow_roles = ['buyer']\n\
    [trust.claims]\nroles = 'urn:zitadel:iam:org:project:roles'\n\
    [[trust]]\nname = 'keycloak'\nissuer = 'https://sso.acme.example/realms/a'\naudience = ['orders']\n\
    jwks_file = 'keys.json'\nallow_roles = ['*']\n\
    [[trust]]\nname = 'access'\nissuer = 'https://acme.cloudflareaccess.com'\naudience = ['32ea']\n\
    jwks_file = 'keys.json'\njust_in_time = true\n\
    [[clients]]\nid = 'edge-1'\nsecret = 'canary-of-a-client-with-32-characters'\nmay = ['exchange']\n";

#[tokio::test]
async fn the_tokens_of_providers_pass_as_their_settings_say() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let gateway = Gateway::new(SETTINGS).with_key_set("keys.json", &key).running();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let sign = |claims: &Value| {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().extend([("iat".into(), now.into()), ("exp".into(), (now + 60).into())]);
        key.sign("JWT", &claims).unwrap()
    };
    for (claims, is) in [
        (
            json!({ "iss": "https://sts.windows.net/t-1/", "aud": "api://orders", "upn": "alice@acme.example",
                    "appid": "6e74", "ver": "1.0" }),
            json!({ "sub": "entra|alice@acme.example", "client_id": "6e74", "roles": null, "groups": null }),
        ),
        (
            json!({ "iss": "https://cognito-idp.us-east-1.amazonaws.com/p", "sub": "aaaa", "token_use": "access",
                    "client_id": "57cb", "cognito:groups": ["buyers"], "at_hash": "x" }),
            json!({ "sub": "cognito|aaaa", "client_id": "57cb", "roles": null, "groups": ["buyers"] }),
        ),
        (
            json!({ "iss": "https://acme.zitadel.cloud", "aud": ["orders", "web"], "sub": "1658", "client_id": "web",
                    "urn:zitadel:iam:org:project:roles": { "buyer": { "1": "a" }, "other": {} } }),
            json!({ "sub": "zitadel|1658", "client_id": "web", "roles": ["buyer"], "groups": null }),
        ),
        (
            json!({ "iss": "https://sso.acme.example/realms/a", "aud": ["account", "orders"], "sub": "9c1f",
                    "typ": "Bearer", "azp": "web", "nonce": "n", "at_hash": "x", "auth_time": now - 5,
                    "realm_access": { "roles": ["buyer"] } }),
            json!({ "sub": "keycloak|9c1f", "client_id": "web", "roles": ["buyer"], "groups": null }),
        ),
        (
            json!({ "iss": "https://acme.cloudflareaccess.com", "aud": "32ea", "sub": "7335", "type": "app" }),
            json!({ "client_id": "access|", "roles": null, "groups": null }),
        ),
    ] {
        let token = sign(&claims);
        if claims["iss"] == "https://acme.cloudflareaccess.com" {
            let request = client().get(format!("http://{}/v1/api-keys", gateway.http));
            let answer = request.header("cf-access-jwt-assertion", &token).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK, "{}", answer.text().await.unwrap());
        }
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("subject_token", &token),
        ];
        let request = client().post(format!("http://{}/oauth2/token", gateway.http)).form(&form);
        let answer = request.basic_auth("edge-1", Some("canary-of-a-client-with-32-characters")).send().await.unwrap();
        let (status, answer) = (answer.status(), answer.json::<Value>().await.unwrap());
        assert_eq!(status, StatusCode::OK, "{claims}: {answer} {}", gateway.log());
        let token = Jws::parse(answer["access_token"].as_str().unwrap()).unwrap();
        for (name, value) in is.as_object().unwrap() {
            let found = token.unverified_claims().get(name).cloned().unwrap_or_default();
            assert_eq!(found, *value, "{claims}: {name}");
        }
    }
}
