//! A token endpoint that is not there, and counts.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::{Request, Response};
use remint_core::ClientId;
use remint_exchange::{ClientCredentials, ClientSecret, Endpoint, EndpointAddress, EndpointSettings, Url};
use remint_oauth_client::{FetchError, HttpSend};
use remint_testkit::ManualClock;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

/// Answers what it was told to, else with `t-1`, `t-2` and so on, each good for 300 seconds.
#[derive(Debug, Default)]
pub(crate) struct TokenEndpoint {
    script: Mutex<VecDeque<(u16, Value)>>,
    asked: Mutex<Vec<Vec<(String, String)>>>,
    gate: Mutex<Option<Arc<Semaphore>>>,
}

impl TokenEndpoint {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn then(&self, status: u16, answer: Value) {
        self.script.lock().unwrap().push_back((status, answer));
    }

    /// From now on each request waits for a permit.
    pub(crate) fn gated(&self) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        *self.gate.lock().unwrap() = Some(Arc::clone(&gate));
        gate
    }

    pub(crate) fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// One request's parameters.
    pub(crate) fn asked(&self, index: usize) -> Vec<(String, String)> {
        self.asked.lock().unwrap().get(index).unwrap().clone()
    }

    pub(crate) fn endpoint(self: &Arc<Self>, clock: &ManualClock) -> Endpoint {
        let address = EndpointAddress::Fixed(Url::parse("https://auth.example/token").unwrap());
        let secret = ClientSecret::new("s3cret");
        let credentials = ClientCredentials::secret_basic(ClientId::new("billing").unwrap(), secret);
        let settings = EndpointSettings { retries: 0, ..EndpointSettings::default() };
        let builder = Endpoint::builder(address, credentials, self.clone()).clock(clock.clone());
        builder.settings(settings).build().unwrap()
    }
}

#[async_trait]
impl HttpSend for TokenEndpoint {
    fn permits(&self, _: &Url) -> bool {
        true
    }

    async fn send(&self, request: Request<Vec<u8>>, _: usize) -> Result<Response<Vec<u8>>, FetchError> {
        let query = format!("http://x/?{}", String::from_utf8(request.into_body()).unwrap());
        let parameters: Vec<_> = Url::parse(&query).unwrap().query_pairs().into_owned().collect();
        let wanted =
            parameters.iter().find(|(name, _)| name == "requested_token_type").map(|(_, wanted)| wanted.clone());
        let number = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(parameters);
            asked.len()
        };
        let gate = self.gate.lock().unwrap().clone();
        if let Some(gate) = gate {
            gate.acquire().await.unwrap().forget();
        }
        let is_txn = wanted.is_some_and(|wanted| wanted.ends_with(":txn_token"));
        let token_type = if is_txn { "N_A" } else { "Bearer" };
        let default = json!({ "access_token": format!("t-{number}"), "token_type": token_type, "expires_in": 300 });
        let (status, body) = self.script.lock().unwrap().pop_front().unwrap_or((200, default));
        let response = Response::builder().status(status).header("content-type", "application/json");
        Ok(response.body(body.to_string().into_bytes()).unwrap())
    }
}

pub(crate) fn parameter(asked: &[(String, String)], name: &str) -> Option<String> {
    asked.iter().find(|(is, _)| is == name).map(|(_, value)| value.clone())
}

pub(crate) async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}
