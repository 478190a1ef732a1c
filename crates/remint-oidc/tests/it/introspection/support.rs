//! An issuer that is asked, and the edge that asks it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use remint_core::{
    Authentication, Authenticator, ClientId, Clock, Credential, CredentialForm, DeniedKind, Refusal, Slot, Unavailable,
};
use remint_keyset::{FetchError, Url};
use remint_oidc::{ClientCredentials, ClientSecret, HttpSend, Introspection, Trust};
use remint_testkit::ManualClock;
use serde_json::{Value, json};
use tokio::sync::Notify;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{AUDIENCE, Edge, FakeHttp, ISSUER};

/// A token of the issuer, whose text must be seen nowhere.
pub(super) const TOKEN: &str = "canary-token-7f3a";

pub(super) fn credentials() -> ClientCredentials {
    ClientCredentials::secret_basic(ClientId::new("edge-1").unwrap(), ClientSecret::new("canary-secret"))
}

pub(super) struct Server {
    pub(super) mock: MockServer,
    pub(super) clock: ManualClock,
}

impl Server {
    pub(super) async fn new() -> Self {
        Self { mock: MockServer::start().await, clock: ManualClock::default() }
    }

    /// One that says this of every token.
    pub(super) async fn saying(changes: Value) -> Self {
        let server = Self::new().await;
        server.says(changes).await;
        server
    }

    /// What it says of an active token that is accepted.
    pub(super) fn active(&self) -> Value {
        let now = self.clock.now().as_secs();
        json!({
            "active": true, "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "iat": now, "exp": now + 300,
            "token_type": "Bearer", "client_id": "web", "jti": "t-1", "scope": "jobs:read",
        })
    }

    /// From now on it says that, with these changes; `null` takes a member away.
    pub(super) async fn says(&self, changes: Value) {
        let mut answer = self.active();
        let members = answer.as_object_mut().unwrap();
        members.extend(changes.as_object().unwrap().clone());
        members.retain(|_, value| !value.is_null());
        self.answers(ResponseTemplate::new(200).set_body_json(answer)).await;
    }

    /// From now on it answers so, and has not been asked yet.
    pub(super) async fn answers(&self, response: ResponseTemplate) {
        self.mock.reset().await;
        Mock::given(method("POST")).and(path("/introspect")).respond_with(response).mount(&self.mock).await;
    }

    pub(super) fn endpoint(&self) -> String {
        [&self.mock.uri(), "/introspect"].concat()
    }

    pub(super) fn introspection(&self) -> Introspection {
        Introspection::new(credentials()).endpoint(self.endpoint())
    }

    pub(super) fn trust(&self) -> Trust {
        self.trust_by(self.introspection())
    }

    pub(super) fn trust_by(&self, introspection: Introspection) -> Trust {
        Trust::oidc(ISSUER, AUDIENCE).named("idp").any_scope().introspection(introspection)
    }

    pub(super) fn edge(&self) -> Edge {
        self.edge_with(self.trust())
    }

    pub(super) fn edge_with(&self, trust: Trust) -> Edge {
        Edge::new([trust], FakeHttp::new(), &self.clock)
    }

    /// The forms it was sent.
    pub(super) async fn asked(&self) -> Vec<Vec<(String, String)>> {
        let requests = self.mock.received_requests().await.unwrap();
        let form = |request: &wiremock::Request| {
            let query = format!("http://x/?{}", std::str::from_utf8(&request.body).unwrap());
            Url::parse(&query).unwrap().query_pairs().into_owned().collect()
        };
        requests.iter().filter(|request| request.method == "POST").map(form).collect()
    }

    /// The tokens it was asked about.
    pub(super) async fn seen(&self) -> Vec<String> {
        let asked = self.asked().await.into_iter().flatten();
        asked.filter(|(name, _)| name == "token").map(|(_, token)| token).collect()
    }
}

impl Edge {
    pub(super) async fn ask_in(&self, slot: Slot, text: &str) -> Result<Option<Authentication>, Refusal> {
        let credential = Credential::new(slot, CredentialForm::ApiKey, text);
        self.0.authenticate(credential).await.map(|found| found.map(|found| found.into_inner()))
    }

    pub(super) async fn accepts_opaque(&self, text: &str) -> Authentication {
        self.ask_in(Slot::Bearer, text).await.unwrap().unwrap()
    }

    pub(super) async fn denies_opaque(&self, text: &str) -> DeniedKind {
        match self.ask_in(Slot::Bearer, text).await {
            Err(Refusal::Denied(denied)) => denied.kind(),
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn cannot_say(&self, text: &str) -> Unavailable {
        match self.ask_in(Slot::Bearer, text).await {
            Err(Refusal::Unavailable(unavailable)) => unavailable,
            other => panic!("{other:?}"),
        }
    }
}

/// Answers when it is told to, and not before.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) began: Notify,
    pub(super) go_on: Notify,
    pub(super) answer: Mutex<Vec<u8>>,
}

impl Held {
    pub(super) fn answering(answer: &Value) -> Arc<Self> {
        Arc::new(Self { answer: Mutex::new(answer.to_string().into_bytes()), ..Self::default() })
    }
}

#[async_trait]
impl HttpSend for Held {
    fn permits(&self, _: &Url) -> bool {
        true
    }

    async fn send(&self, _: http::Request<Vec<u8>>, _: usize) -> Result<http::Response<Vec<u8>>, FetchError> {
        self.began.notify_one();
        self.go_on.notified().await;
        let answer = http::Response::builder().header("content-type", "application/json");
        Ok(answer.body(self.answer.lock().unwrap().clone()).unwrap())
    }
}
