//! Gateways that share a store, and what each of them knows of what was revoked at another.

mod blind;
mod leaked;
mod outage;
mod revoked;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use remint_jwt::{Algorithm, SigningKey};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{BOOTSTRAP, Gateway, client};

const SECRET: &str = "canary-of-a-client-with-32-characters";

/// An issuer outside, and the gateways that trust it.
struct Provider(SigningKey);

impl Provider {
    fn new() -> Self {
        Self(SigningKey::generate(Algorithm::Es256).unwrap())
    }

    fn settings() -> String {
        let trust = |name: &str| {
            format!(
                "[[trust]]\nname = '{name}'\nissuer = 'https://{name}.example'\naudience = ['api']\n\
                 jwks_file = 'keys.json'\ntenants = ['acme']\n"
            )
        };
        format!(
            "{}{}[[clients]]\nid = 'job'\nsecret = '{SECRET}'\n\
             may = ['client_credentials', 'exchange', 'introspect', 'revoke']\n",
            trust("idp"),
            trust("other")
        )
    }

    fn is_known_to(&self, gateway: &Gateway) {
        gateway.write_key_set("keys.json", &self.0);
    }

    /// A token of this subject, with these claims too.
    fn token(&self, issuer: &str, subject: &str, more: Value) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let mut claims = json!({
            "iss": format!("https://{issuer}.example"), "aud": "api", "sub": subject, "iat": now, "exp": now + 600,
            "jti": format!("of-{subject}"),
        });
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.0.sign("at+jwt", &claims).unwrap()
    }
}

/// Two gateways that trust the provider.
fn pair(provider: &Provider) -> (Gateway, Gateway) {
    over_one_store(&Provider::settings(), |gateway| provider.is_known_to(gateway))
}

/// Two gateways over one store and one folder of keys, each of which was prepared.
fn over_one_store(settings: &str, prepare: impl Fn(&Gateway)) -> (Gateway, Gateway) {
    let first = Gateway::new(settings);
    prepare(&first);
    let first = first.running();
    let shared = format!(
        "[issuer]\nkeys = '{}'\n[api_keys]\nstore = 'sqlite://{}'\n",
        first.path("keys").display(),
        first.path("remint.db").display()
    );
    let second = Gateway::new(&format!("{settings}{shared}"));
    prepare(&second);
    (first, second.running())
}

/// What is presented, and where.
#[derive(Debug)]
enum Presented {
    ApiKey(String),
    External(String),
    /// An internal token, which is introspected.
    Internal(String),
}

impl Presented {
    async fn is_accepted(&self, gateway: &Gateway) -> bool {
        let at_the_edge = client().get(format!("http://{}/v1/api-keys", gateway.http));
        let answer = match self {
            Self::ApiKey(key) => at_the_edge.header("x-api-key", key).send().await.unwrap(),
            Self::External(token) => at_the_edge.bearer_auth(token).send().await.unwrap(),
            Self::Internal(token) => {
                let answer = oauth(gateway, "introspect", &[("token", token)]).await;
                assert_eq!(answer.0, StatusCode::OK, "{}", answer.1);
                return answer.1["active"] == true;
            }
        };
        let status = answer.status();
        // Whoever is authenticated need not be one of our users.
        assert!([StatusCode::OK, StatusCode::FORBIDDEN, StatusCode::UNAUTHORIZED].contains(&status), "{status}");
        status != StatusCode::UNAUTHORIZED
    }

    /// How long it takes until it is refused.
    async fn is_refused_within(&self, gateway: &Gateway, deadline: Duration) -> Duration {
        let begun = Instant::now();
        while self.is_accepted(gateway).await {
            assert!(begun.elapsed() < deadline, "{self:?} is accepted: {}", gateway.log());
        }
        begun.elapsed()
    }
}

async fn oauth(gateway: &Gateway, endpoint: &str, form: &[(&str, &str)]) -> (StatusCode, Value) {
    let request = client().post(format!("http://{}/oauth2/{endpoint}", gateway.http)).form(form);
    let answer = request.basic_auth("job", Some(SECRET)).send().await.unwrap();
    let status = answer.status();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
}

async fn token_of(gateway: &Gateway, form: &[(&str, &str)]) -> String {
    let (status, answer) = oauth(gateway, "token", form).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer["access_token"].as_str().unwrap().to_owned()
}

async fn of_the_client(gateway: &Gateway) -> String {
    token_of(gateway, &[("grant_type", "client_credentials")]).await
}

async fn exchanged(gateway: &Gateway, kind: &str, credential: &str) -> String {
    let grant = ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
    token_of(gateway, &[grant, ("subject_token_type", kind), ("subject_token", credential)]).await
}

/// A user's new key.
async fn key_of(gateway: &Gateway, user: &str, tenant: Option<&str>) -> (String, String) {
    let mut body = json!({ "id": user, "issue": ["live"] });
    if let Some(tenant) = tenant {
        body["tenant"] = tenant.into();
    }
    let answer = gateway.request(Method::POST, "/v1/users", BOOTSTRAP).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    let answer: Value = answer.json().await.unwrap();
    let key = &answer["keys"][0];
    (key["id"].as_str().unwrap().to_owned(), key["key"].as_str().unwrap().to_owned())
}

async fn revoke(gateway: &Gateway, target: &Value) -> StatusCode {
    let request = gateway.request(Method::POST, "/v1/revocations", BOOTSTRAP);
    request.json(&json!({ "target": target })).send().await.unwrap().status()
}

fn jti(token: &str) -> String {
    let token = remint_jwt::Jws::parse(token).unwrap();
    token.unverified_claims().get("jti").unwrap().as_str().unwrap().to_owned()
}

const API_KEY: &str = "urn:remint:params:oauth:token-type:api-key";
/// Much longer than it takes.
const PATIENCE: Duration = Duration::from_secs(20);
