use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use remint_jwt::{Algorithm, JwkSet, Jws, SigningKey};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::support::{Gateway, client};

const SECRET: &str = "canary-of-a-client-with-32-characters";

/// An edge that exchanges, a job that asks for itself.
fn clients() -> String {
    format!(
        "[[clients]]\nid = 'edge-1'\nsecret = '{SECRET}'\nalso_secret = 'canary-next'\nmay = ['exchange']\n\
         audience = ['orders']\n[[clients]]\nid = 'job'\njwks = 'job.json'\nmay = ['client_credentials']\n\
         scopes = ['stock:read']\n"
    )
}

fn with_key_of_the_job(gateway: Gateway) -> (Gateway, SigningKey) {
    let key = SigningKey::generate(Algorithm::EdDSA).unwrap();
    (gateway.with_key_set("job.json", &key), key)
}

async fn token(gateway: &Gateway, client_id: Option<(&str, &str)>, form: &[(&str, &str)]) -> Response {
    let request = client().post(format!("http://{}/oauth2/token", gateway.http)).form(form);
    let request = match client_id {
        Some((id, secret)) => request.basic_auth(id, Some(secret)),
        None => request,
    };
    request.send().await.unwrap()
}

fn of_key(key: &str) -> [(&str, &str); 3] {
    [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token_type", "urn:remint:params:oauth:token-type:api-key"),
        ("subject_token", key),
    ]
}

/// The claims of the token in an answer, if a key that the gateway publishes has signed it.
async fn claims(gateway: &Gateway, answer: Response) -> Value {
    assert_eq!(answer.status(), StatusCode::OK, "{}", answer.text().await.unwrap());
    let answer: Value = answer.json().await.unwrap();
    let keys = client().get(format!("http://{}/.well-known/jwks.json", gateway.http)).send().await.unwrap();
    let keys = JwkSet::parse(&keys.bytes().await.unwrap()).unwrap();
    let token = Jws::parse(answer["access_token"].as_str().unwrap()).unwrap();
    let key = keys.find(token.header().key_id(), token.header().algorithm()).unwrap();
    Value::Object(token.verify(&key).unwrap().into_inner().into_map())
}

#[tokio::test]
async fn a_client_exchanges_a_key_until_it_is_revoked() {
    let (gateway, _) = with_key_of_the_job(Gateway::new(&clients()));
    let mut gateway = gateway.running();
    let made = gateway.json(&["create", "--user", "alice", "--create-user", "--scopes", "orders:read"]);
    let key = made["key"].as_str().unwrap();
    for secret in [SECRET, "canary-next"] {
        let answer = token(&gateway, Some(("edge-1", secret)), &of_key(key)).await;
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let claims = claims(&gateway, answer).await;
        assert_eq!((&claims["sub"], &claims["aud"]), (&json!("alice"), &json!("orders")));
        assert_eq!(claims["scope"], "orders:read");
    }
    let nobody = token(&gateway, Some(("edge-1", "another")), &of_key(key)).await;
    assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);

    let revoked = gateway.keys(&["revoke", made["id"].as_str().unwrap()]);
    assert!(revoked.status.success());
    let refused = token(&gateway, Some(("edge-1", SECRET)), &of_key(key)).await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    assert_eq!(refused.json::<Value>().await.unwrap()["error"], "invalid_request");

    assert_eq!(gateway.stop(), Some(0));
    let log = gateway.log();
    assert!(log.contains("less than 32 characters client=edge-1") && !log.contains("client=job"), "{log}");
    assert!(!log.contains("canary") && !log.contains(key), "a secret is in the log");
}

#[tokio::test]
async fn an_assertion_is_used_once_by_all_gateways_over_a_store() {
    let (first, key) = with_key_of_the_job(Gateway::new(&clients()));
    let first = first.running();
    let store = first.path("remint.db");
    let shared = format!("[issuer]\nkeys = '{}'\n", first.path("keys").display());
    let more = format!("{}[api_keys]\nstore = 'sqlite://{}'\n{shared}", clients(), store.display());
    let second = Gateway::new(&more);
    fs::copy(first.path("job.json"), second.path("job.json")).unwrap();
    let second = second.running();

    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims_of = |id: &str| json!({ "iss": "job", "sub": "job", "aud": "http://127.0.0.1:8480", "iat": now, "exp": now + 60, "jti": id });
    let ask = async |gateway: &Gateway, id: &str| {
        let assertion = key.sign("JWT", &claims_of(id)).unwrap();
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion.as_str()),
        ];
        token(gateway, None, &form).await
    };
    let claims = claims(&first, ask(&first, "a").await).await;
    assert_eq!((&claims["sub"], &claims["scope"]), (&json!("client|job"), &json!("stock:read")));
    for gateway in [&first, &second] {
        assert_eq!(ask(gateway, "a").await.status(), StatusCode::UNAUTHORIZED, "it was used");
    }
    assert_eq!(ask(&second, "b").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn its_metadata_is_that_of_the_address_at_which_others_reach_it() {
    let gateway = Gateway::new(&clients()).listening("public_url = 'https://auth.example'\n");
    let (gateway, _) = with_key_of_the_job(gateway);
    let gateway = gateway.running();
    for path in ["oauth-authorization-server", "openid-configuration"] {
        let answer = client().get(format!("http://{}/.well-known/{path}", gateway.http)).send().await.unwrap();
        let document: Value = answer.json().await.unwrap();
        assert_eq!(document["issuer"], "http://127.0.0.1:8480", "a name, which need not be the address");
        assert_eq!(document["token_endpoint"], "https://auth.example/oauth2/token");
        assert_eq!(document["jwks_uri"], "https://auth.example/.well-known/jwks.json");
        assert_eq!(document["introspection_endpoint"], "https://auth.example/oauth2/introspect");
        assert_eq!(document["revocation_endpoint"], "https://auth.example/oauth2/revoke");
    }
}

#[tokio::test]
async fn a_trust_says_for_which_clients_an_id_token_may_be() {
    let idp = SigningKey::generate(Algorithm::Es256).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims_of = json!({ "iss": "https://idp.example", "aud": "web", "sub": "bob", "iat": now, "exp": now + 60 });
    let id_token = idp.sign("JWT", &claims_of).unwrap();
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"),
        ("subject_token", id_token.as_str()),
    ];
    for (id_tokens, status) in [("['web']", StatusCode::OK), ("[]", StatusCode::BAD_REQUEST)] {
        let trust = format!(
            "[[trust]]\nname = 'idp'\nissuer = 'https://idp.example'\naudience = ['api']\njwks_file = 'idp.json'\n\
             id_tokens = {id_tokens}\n"
        );
        let (gateway, _) = with_key_of_the_job(Gateway::new(&format!("{}{trust}", clients())));
        let gateway = gateway.with_key_set("idp.json", &idp).running();
        let answer = token(&gateway, Some(("edge-1", SECRET)), &form).await;
        assert_eq!(answer.status(), status);
        if status == StatusCode::OK {
            assert_eq!(claims(&gateway, answer).await["sub"], "idp|bob");
        }
    }
}

#[tokio::test]
async fn transaction_tokens_are_issued_where_a_trust_domain_is_set() {
    for (domain, status) in [("trust_domain = 'acme.example'", StatusCode::OK), ("", StatusCode::BAD_REQUEST)] {
        let clients = clients().replace("['orders']", "['orders', 'acme.example']");
        let (gateway, _) = with_key_of_the_job(Gateway::new(&format!("{clients}[issuer]\n{domain}\n")));
        let gateway = gateway.running();
        let made = gateway.json(&["create", "--user", "alice", "--create-user", "--scopes", "orders:read"]);
        let [grant, kind, subject] = of_key(made["key"].as_str().unwrap());
        let txn = ("requested_token_type", "urn:ietf:params:oauth:token-type:txn_token");
        let form = [grant, kind, subject, txn, ("audience", "acme.example"), ("scope", "orders:read")];
        let answer = token(&gateway, Some(("edge-1", SECRET)), &form).await;
        assert_eq!(answer.status(), status);
        if status == StatusCode::OK {
            let claims = claims(&gateway, answer).await;
            assert_eq!((&claims["aud"], &claims["sub"]), (&json!("acme.example"), &json!("alice")));
        }
    }
}

#[tokio::test]
async fn without_clients_nobody_gets_a_token() {
    let gateway = Gateway::started("");
    let made = gateway.json(&["create", "--user", "alice", "--create-user"]);
    let answer = token(&gateway, Some(("edge-1", SECRET)), &of_key(made["key"].as_str().unwrap())).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(answer.json::<Value>().await.unwrap()["error"], "invalid_client");
}
