use std::collections::BTreeMap;

use axum::Router;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use remint_verify::{Caller, Verifier};
use serde_json::{Value, json};

use crate::Outcome;

/// A service behind the edge. It knows one issuer, by the address of its keys, and no credential
/// but that one's tokens.
pub(crate) async fn app(issuer: &str, audience: &str) -> Outcome<Router> {
    let verifier = Verifier::builder(issuer.parse()?, audience.parse()?)
        .jwks_uri(format!("{issuer}/.well-known/jwks.json"))
        .build()
        .await?;
    Ok(Router::new().route("/whoami", get(whoami)).layer(verifier.layer()))
}

/// What this service sees: the headers, the caller made of them, and the token's claims.
async fn whoami(caller: Caller, headers: HeaderMap) -> impl IntoResponse {
    let mut seen = BTreeMap::<&str, Vec<_>>::new();
    for (name, value) in &headers {
        seen.entry(name.as_str()).or_default().push(String::from_utf8_lossy(value.as_bytes()));
    }
    let answer = json!({ "headers": seen, "caller": caller, "claims": claims(&headers) });
    // For people with `curl`: indented, and with an end of line.
    ([(CONTENT_TYPE, "application/json")], format!("{answer:#}\n"))
}

/// The claims as they stand in the token, for people. Whoever wants to *use* them takes the
/// [`Caller`], which has been verified.
fn claims(headers: &HeaderMap) -> Option<Value> {
    let payload = headers.get(AUTHORIZATION)?.to_str().ok()?.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}
