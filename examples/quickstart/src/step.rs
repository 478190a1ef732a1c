use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, StatusCode, header};
use serde_json::Value;

use crate::Outcome;
use crate::client::Client;
use crate::expect::Expected;
use crate::header::{redacted, text};

/// One request to the edge's `/whoami`, and what must come of it.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) title: &'static str,
    /// Whether people are shown the status only.
    pub(crate) brief: bool,
    pub(crate) sent: Vec<(HeaderName, String)>,
    pub(crate) expected: Expected,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) title: &'static str,
    pub(crate) brief: bool,
    /// The headers that went in, redacted.
    pub(crate) sent: Vec<(String, String)>,
    pub(crate) status: StatusCode,
    /// `WWW-Authenticate` of a refusal.
    pub(crate) challenge: Option<String>,
    /// What the service behind saw, or the edge's problem document.
    pub(crate) answer: Value,
    /// What is not as it must be, in words; empty if the step held.
    pub(crate) broken: Vec<String>,
}

impl Step {
    pub(crate) async fn take(self, client: &Client, edge: &str) -> Outcome<Taken> {
        let mut request = Request::get(format!("{edge}/whoami"));
        for (name, value) in &self.sent {
            request = request.header(name, value);
        }
        let answer = client.fetch(request.body(Body::empty())?).await?;
        let broken = self.expected.broken(&self.sent, &answer);
        Ok(Taken {
            title: self.title,
            brief: self.brief,
            sent: self.sent.iter().map(|(name, value)| (name.to_string(), redacted(value))).collect(),
            status: answer.status(),
            challenge: text(&answer, &header::WWW_AUTHENTICATE),
            answer: serde_json::from_slice(answer.body()).unwrap_or_default(),
            broken,
        })
    }
}
