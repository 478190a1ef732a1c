//! A server that is not there: it answers what it was told to, and counts.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::{Request, Response};
use remint_oauth_client::{
    Endpoint, EndpointAddress, EndpointSettings, FetchError, HttpFetch, HttpSend, RotatingCredentials, Url,
};
use remint_testkit::ManualClock;
use tokio::sync::Semaphore;

use crate::support::basic;

/// What comes of one request.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Json(u16, &'static str),
    RetryAfter(u16, &'static str),
    Broken,
    TooLarge,
    Never,
    /// Waits for a permit, then answers as usual.
    Gated,
}

#[derive(Debug)]
pub(crate) struct FakeServer {
    script: Mutex<VecDeque<Answer>>,
    afterwards: Mutex<Answer>,
    sent: Mutex<Vec<Vec<u8>>>,
    documents: Mutex<HashMap<String, Result<String, u16>>>,
    fetched: Mutex<Vec<String>>,
    pub(crate) gate: Semaphore,
}

impl FakeServer {
    /// One that answers everything so.
    pub(crate) fn always(answer: Answer) -> Arc<Self> {
        Self::scripted(&[], answer)
    }

    /// One that answers so in turn, and `afterwards` from then on.
    pub(crate) fn scripted(script: &[Answer], afterwards: Answer) -> Arc<Self> {
        Arc::new(Self {
            script: Mutex::new(script.iter().cloned().collect()),
            afterwards: Mutex::new(afterwards),
            sent: Mutex::default(),
            documents: Mutex::default(),
            fetched: Mutex::default(),
            gate: Semaphore::new(0),
        })
    }

    pub(crate) fn answers_now(&self, answer: Answer) {
        *self.afterwards.lock().unwrap() = answer;
    }

    /// How many requests have reached it.
    pub(crate) fn requests(&self) -> usize {
        self.sent.lock().unwrap().len()
    }

    pub(crate) fn bodies(&self) -> Vec<Vec<u8>> {
        self.sent.lock().unwrap().clone()
    }

    pub(crate) fn has_document(&self, at: &str, document: Result<serde_json::Value, u16>) {
        self.documents.lock().unwrap().insert(at.to_owned(), document.map(|json| json.to_string()));
    }

    /// The addresses of the documents that were asked for.
    pub(crate) fn fetched(&self) -> Vec<String> {
        self.fetched.lock().unwrap().clone()
    }

    pub(crate) fn endpoint(self: &Arc<Self>, clock: &ManualClock) -> Endpoint {
        self.endpoint_as(basic("s3cret"), EndpointSettings::default(), clock)
    }

    pub(crate) fn endpoint_as(
        self: &Arc<Self>,
        credentials: impl Into<RotatingCredentials>,
        settings: EndpointSettings,
        clock: &ManualClock,
    ) -> Endpoint {
        let address = EndpointAddress::Fixed(Url::parse("https://auth.example/token").unwrap());
        let builder = Endpoint::builder(address, credentials, self.clone());
        builder.clock(clock.clone()).settings(settings).build().unwrap()
    }
}

#[async_trait]
impl HttpSend for FakeServer {
    fn permits(&self, url: &Url) -> bool {
        remint_keyset::is_https_or_loopback(url)
    }

    async fn send(&self, request: Request<Vec<u8>>, _: usize) -> Result<Response<Vec<u8>>, FetchError> {
        self.sent.lock().unwrap().push(request.into_body());
        let next = self.script.lock().unwrap().pop_front();
        let answer = next.unwrap_or_else(|| self.afterwards.lock().unwrap().clone());
        let response = Response::builder().header("content-type", "application/json");
        match answer {
            Answer::Json(status, body) => Ok(response.status(status).body(body.into()).unwrap()),
            Answer::RetryAfter(status, after) => {
                Ok(response.status(status).header("retry-after", after).body(Vec::new()).unwrap())
            }
            Answer::Broken => Err(FetchError::Transport("canary of the transport".into())),
            Answer::TooLarge => Err(FetchError::TooLarge(1)),
            Answer::Never => std::future::pending().await,
            Answer::Gated => {
                self.gate.acquire().await.unwrap().forget();
                Ok(response.body(b"{}".to_vec()).unwrap())
            }
        }
    }
}

#[async_trait]
impl HttpFetch for FakeServer {
    fn permits(&self, url: &Url) -> bool {
        remint_keyset::is_https_or_loopback(url)
    }

    async fn get(&self, url: &Url) -> Result<Vec<u8>, FetchError> {
        self.fetched.lock().unwrap().push(url.to_string());
        tokio::task::yield_now().await;
        match self.documents.lock().unwrap().get(url.as_str()) {
            Some(Ok(document)) => Ok(document.clone().into_bytes()),
            Some(Err(0)) | None => Err(FetchError::Timeout),
            Some(Err(status)) => Err(FetchError::Status(*status)),
        }
    }

    async fn get_with(&self, url: &Url, headers: &remint_keyset::HeaderMap) -> Result<Vec<u8>, FetchError> {
        if headers.is_empty() { self.get(url).await } else { Err(FetchError::Headers) }
    }
}
