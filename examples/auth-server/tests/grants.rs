//! Each grant over a socket, and what comes of it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::net::SocketAddr;

use auth_server::idp::Idp;
use auth_server::server::{AuthServer, EDGE, ORDERS};
use remint_jwt::{JwkSet, Jws};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

struct Running {
    base: String,
    key: String,
    jwt: String,
    _folder: TempDir,
}

impl Running {
    async fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", socket.local_addr().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let idp = Idp::new(folder.path()).unwrap();
        let server = AuthServer::start(&base, &idp).await.unwrap();
        let app = server.router().unwrap().into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async { axum::serve(socket, app).await.unwrap() });
        Self { base, key: server.key, jwt: idp.token().unwrap(), _folder: folder }
    }

    async fn get(&self, path: &str) -> Response {
        client().get(format!("{}{path}", self.base)).send().await.unwrap()
    }

    async fn post(&self, path: &str, (id, secret): (&str, &str), form: &[(&str, &str)]) -> Response {
        let request = client().post(format!("{}{path}", self.base)).basic_auth(id, Some(secret));
        request.form(form).send().await.unwrap()
    }

    async fn exchange(&self, client: (&str, &str), token: &str, kind: &str) -> Response {
        let form = [("grant_type", EXCHANGE), ("subject_token", token), ("subject_token_type", kind)];
        self.post("/oauth2/token", client, &form).await
    }

    /// The token in the answer, and its claims if one of the published keys has signed it.
    async fn token(&self, answer: Response) -> (String, Value) {
        assert_eq!(answer.status(), 200);
        let answer: Value = answer.json().await.unwrap();
        let keys = self.get("/.well-known/jwks.json").await.bytes().await.unwrap();
        let token = answer["access_token"].as_str().unwrap();
        let jws = Jws::parse(token).unwrap();
        let key = JwkSet::parse(&keys).unwrap().find(jws.header().key_id(), jws.header().algorithm()).unwrap();
        (token.to_owned(), Value::Object(jws.verify(&key).unwrap().into_inner().into_map()))
    }
}

#[tokio::test]
async fn a_jwt_and_a_key_become_tokens_of_one_issuer() {
    let server = Running::start().await;
    let (_, bob) = server.token(server.exchange(EDGE, &server.jwt, ACCESS_TOKEN).await).await;
    assert_eq!((&bob["sub"], &bob["tenant"], &bob["aud"]), (&json!("idp|bob"), &json!("acme"), &json!("orders")));
    let (_, alice) = server.token(server.exchange(EDGE, &server.key, API_KEY).await).await;
    assert_eq!((&alice["sub"], &alice["iss"]), (&json!("alice"), &json!(server.base)));
    let form = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", server.jwt.as_str())];
    let (_, asserted) = server.token(server.post("/oauth2/token", EDGE, &form).await).await;
    assert_eq!(asserted["sub"], "idp|bob");
}

#[tokio::test]
async fn a_service_asks_the_next_one_for_its_caller_and_for_itself() {
    let server = Running::start().await;
    let (token, _) = server.token(server.exchange(EDGE, &server.key, API_KEY).await).await;
    let (_, next) = server.token(server.exchange(ORDERS, &token, ACCESS_TOKEN).await).await;
    assert_eq!((&next["sub"], &next["aud"], &next["scope"]), (&json!("alice"), &json!("stock"), &json!("stock:read")));
    assert_eq!(next["act"], json!({ "sub": "client|orders", "cred": { "kind": "client", "id": "orders" } }));
    let form = [("grant_type", "client_credentials")];
    let (_, own) = server.token(server.post("/oauth2/token", ORDERS, &form).await).await;
    assert_eq!((&own["sub"], &own["aud"]), (&json!("client|orders"), &json!("stock")));
}

#[tokio::test]
async fn what_a_client_may_not_is_refused() {
    let server = Running::start().await;
    let error = async |answer: Response| answer.json::<Value>().await.unwrap()["error"].as_str().unwrap().to_owned();
    let own = [("grant_type", "client_credentials")];
    assert_eq!(error(server.post("/oauth2/token", EDGE, &own).await).await, "unauthorized_client");
    assert_eq!(error(server.post("/oauth2/token", (EDGE.0, ORDERS.1), &own).await).await, "invalid_client");
    let form = [("grant_type", "client_credentials"), ("audience", "orders")];
    assert_eq!(error(server.post("/oauth2/token", ORDERS, &form).await).await, "invalid_target");
    assert_eq!(error(server.exchange(EDGE, "rmt_live_of_nobody", API_KEY).await).await, "invalid_request");
}

#[tokio::test]
async fn with_a_key_ends_what_was_made_of_it() {
    let server = Running::start().await;
    let (token, _) = server.token(server.exchange(EDGE, &server.key, API_KEY).await).await;
    let active = async || {
        let answer = server.post("/oauth2/introspect", ORDERS, &[("token", &token)]).await;
        answer.json::<Value>().await.unwrap()["active"].clone()
    };
    assert_eq!(active().await, true);
    assert_eq!(server.post("/oauth2/revoke", EDGE, &[("token", &server.key)]).await.status(), 200);
    assert_eq!(active().await, false);
    assert_eq!(server.exchange(EDGE, &server.key, API_KEY).await.status(), 400);
}

#[tokio::test]
async fn its_metadata_names_every_endpoint() {
    let server = Running::start().await;
    for path in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] {
        let document: Value = server.get(path).await.json().await.unwrap();
        assert_eq!(document["issuer"], server.base);
        for (member, path) in [
            ("token_endpoint", "/oauth2/token"),
            ("introspection_endpoint", "/oauth2/introspect"),
            ("revocation_endpoint", "/oauth2/revoke"),
            ("jwks_uri", "/.well-known/jwks.json"),
        ] {
            assert_eq!(document[member], format!("{}{path}", server.base));
        }
    }
}

fn client() -> Client {
    Client::builder().no_proxy().tls_certs_only([]).build().unwrap()
}

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const API_KEY: &str = "urn:remint:params:oauth:token-type:api-key";
