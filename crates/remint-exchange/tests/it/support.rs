//! An authorization server, and an edge that exchanges there.

use std::sync::Arc;

use remint_core::{
    Audience, ClientId, Clock as _, Credential, CredentialForm, DeniedKind, Exchanged, Exchanger as _, IssuerId,
    Refusal, Slot, UnavailableKind,
};
use remint_exchange::{
    ClientCredentials, ClientSecret, EndpointSettings, RemoteExchanger, RemoteExchangerBuilder, Url,
};
use remint_jwt::{Algorithm, JwkSet, SigningKey};
use remint_testkit::ManualClock;
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

pub(crate) struct Server {
    pub(crate) http: MockServer,
    pub(crate) clock: ManualClock,
    pub(crate) key: SigningKey,
}

impl Server {
    /// One that publishes its metadata and its keys, and answers no exchange yet.
    pub(crate) async fn start() -> Self {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let http = MockServer::start().await;
        let server = Self { http, clock: ManualClock::default(), key };
        let jwks = JwkSet::try_from(vec![server.key.public_jwk().clone()]).unwrap().to_json();
        server.publishes("/jwks", jwks).await;
        let metadata = json!({
            "issuer": server.issuer().as_str(),
            "token_endpoint": server.url("/token").as_str(),
            "jwks_uri": server.url("/jwks").as_str(),
        });
        server.publishes("/.well-known/oauth-authorization-server", metadata).await;
        server
    }

    async fn publishes(&self, at: &str, document: Value) {
        let response = ResponseTemplate::new(200).set_body_json(document);
        Mock::given(method("GET")).and(path(at)).respond_with(response).mount(&self.http).await;
    }

    pub(crate) fn issuer(&self) -> IssuerId {
        IssuerId::new(self.http.uri()).unwrap()
    }

    pub(crate) fn url(&self, at: &str) -> Url {
        Url::parse(&[&self.http.uri(), at].concat()).unwrap()
    }

    /// From now on answers each exchange so.
    pub(crate) async fn answers(&self, response: ResponseTemplate) {
        self.http.reset().await;
        let jwks = JwkSet::try_from(vec![self.key.public_jwk().clone()]).unwrap().to_json();
        self.publishes("/jwks", jwks).await;
        let metadata = json!({
            "issuer": self.issuer().as_str(),
            "token_endpoint": self.url("/token").as_str(),
            "jwks_uri": self.url("/jwks").as_str(),
        });
        self.publishes("/.well-known/oauth-authorization-server", metadata).await;
        Mock::given(method("POST")).and(path("/token")).respond_with(response).mount(&self.http).await;
    }

    /// From now on issues this token.
    pub(crate) async fn issues(&self, token: &str) {
        self.answers(ResponseTemplate::new(200).set_body_json(answer(token))).await;
    }

    /// The claims of a token that is as it should be.
    pub(crate) fn claims(&self) -> Value {
        let now = self.clock.now().as_secs();
        json!({
            "iss": self.issuer().as_str(), "aud": "internal", "sub": "alice", "exp": now + 300, "nbf": now, "iat": now,
            "jti": "t-1", "client_id": "app", "scope": "read", "env": "live", "tenant": "acme",
            "cred": { "kind": "jwt", "iss": EXTERNAL, "sub": "alice@idp", "jti": "x-1" },
            "act": { "sub": "worker" },
        })
    }

    pub(crate) fn token(&self) -> String {
        self.signed("at+jwt", &self.claims())
    }

    pub(crate) fn token_with(&self, changes: &Value) -> String {
        self.signed("at+jwt", &changed(self.claims(), changes))
    }

    pub(crate) fn signed(&self, typ: &str, claims: &Value) -> String {
        self.key.sign(typ, claims).unwrap()
    }

    /// What a caller presents: an external token with some claims replaced.
    pub(crate) fn subject(&self, changes: &Value) -> String {
        let now = self.clock.now().as_secs();
        let claims = json!({ "iss": EXTERNAL, "sub": "alice@idp", "aud": "api", "exp": now + 600, "iat": now - 5, "jti": "x-1" });
        SigningKey::generate(Algorithm::Es256).unwrap().sign("JWT", &changed(claims, changes)).unwrap()
    }

    pub(crate) fn builder(&self) -> RemoteExchangerBuilder {
        let audience = Audience::new("internal").unwrap();
        let secret = ClientSecret::new("s3cret");
        let credentials = ClientCredentials::secret_basic(ClientId::new("edge-1").unwrap(), secret);
        let settings = EndpointSettings { retries: 0, ..EndpointSettings::default() };
        let builder = RemoteExchanger::builder(self.issuer(), audience, credentials);
        builder.clock(Arc::new(self.clock.clone())).endpoint_settings(settings)
    }

    pub(crate) fn exchanger(&self) -> RemoteExchanger {
        self.builder().build().unwrap()
    }

    /// The exchanges that were asked for.
    pub(crate) async fn exchanges(&self) -> Vec<Request> {
        let received = self.http.received_requests().await.unwrap();
        received.into_iter().filter(|request| request.url.path() == "/token").collect()
    }
}

pub(crate) const EXTERNAL: &str = "https://idp.example";

pub(crate) fn changed(mut claims: Value, changes: &Value) -> Value {
    let members = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value == "absent" {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    claims
}

/// RFC 8693 §2.2.1.
pub(crate) fn answer(token: &str) -> Value {
    json!({
        "access_token": token,
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "token_type": "Bearer",
        "expires_in": 300,
    })
}

pub(crate) fn bearer(text: &str) -> Credential<'_> {
    let form = if text.contains('.') { CredentialForm::Jwt } else { CredentialForm::ApiKey };
    Credential::new(Slot::Bearer, form, text)
}

pub(crate) async fn exchanged(exchanger: &RemoteExchanger, text: &str) -> Result<Exchanged, Refusal> {
    exchanger.exchange(bearer(text)).await
}

pub(crate) async fn denied(exchanger: &RemoteExchanger, text: &str) -> DeniedKind {
    match exchanged(exchanger, text).await {
        Err(Refusal::Denied(denied)) => denied.kind(),
        other => panic!("{other:?}"),
    }
}

/// That it is unavailable, and why in words.
pub(crate) async fn unavailable(exchanger: &RemoteExchanger, text: &str) -> String {
    match exchanged(exchanger, text).await {
        Err(Refusal::Unavailable(unavailable)) => {
            assert_eq!(unavailable.kind(), UnavailableKind::Issuer);
            std::error::Error::source(&unavailable).unwrap().to_string()
        }
        other => panic!("{other:?}"),
    }
}

pub(crate) fn parameters(request: &Request) -> Vec<(String, String)> {
    let query = format!("http://x/?{}", std::str::from_utf8(&request.body).unwrap());
    Url::parse(&query).unwrap().query_pairs().into_owned().collect()
}
