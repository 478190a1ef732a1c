use axum::http::HeaderMap;
use serde_json::Value;

use crate::Outcome;
use crate::script::PATIENCE;

/// What came back for a request.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; from the service behind it is what that one saw.
    pub body: Value,
}

impl Answer {
    /// The internal token that the service behind the edge was given.
    ///
    /// # Errors
    ///
    /// If the answer is not from there.
    pub fn internal_token(&self) -> Outcome<&str> {
        let token = self.body.get("token").and_then(Value::as_str);
        token.ok_or_else(|| format!("{} and no token: {}", self.status, self.body).into())
    }
}

/// Asks with a token, and with a header that only a liar sends.
pub(crate) async fn ask(http: &reqwest::Client, url: &str, token: &str) -> Outcome<Answer> {
    let response = http.get(url).bearer_auth(token).header("x-user-id", "mallory").timeout(PATIENCE).send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = serde_json::from_slice(&response.bytes().await?).unwrap_or_default();
    Ok(Answer { status, headers, body })
}
