//! What an operator asks of the identity service.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::Outcome;
use crate::compute::Compute;

/// Makes a user who may have jobs computed, without a key.
pub(crate) async fn create_user(compute: &Compute, user: &str) -> Outcome<StatusCode> {
    let body = json!({ "id": user, "scopes": ["jobs:write"], "issue": [] });
    Ok(call(compute, Method::POST, "/v1/users", Some(&body)).await?.0)
}

/// Deletes a user, keys and all.
pub(crate) async fn delete_user(compute: &Compute, user: &str) -> Outcome<StatusCode> {
    Ok(call(compute, Method::DELETE, &format!("/v1/users/{user}"), None).await?.0)
}

/// What this user has used, line by line.
pub(crate) async fn usage(compute: &Compute, user: &str) -> Outcome<Value> {
    Ok(call(compute, Method::GET, &format!("/v1/usage?user={user}"), None).await?.1)
}

async fn call(compute: &Compute, method: Method, path: &str, body: Option<&Value>) -> Outcome<(StatusCode, Value)> {
    // `reqwest` would take `X-API-Key` along to wherever it is redirected.
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let request = client.request(method, format!("{}{path}", compute.url()));
    let request = request.header("X-API-Key", compute.operator_key());
    let answer = match body {
        Some(body) => request.json(body),
        None => request,
    };
    let answer = answer.send().await?;
    let (status, text) = (answer.status(), answer.text().await?);
    Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
}
