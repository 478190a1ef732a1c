use axum::http::HeaderMap;
use axum::routing::get;
use axum::{Json, Router};
use remint_verify::{RequireLayer, Verifier};
use serde_json::{Value, json};

use crate::{Outcome, hop};

/// The stock: it verifies, and says what it saw.
pub(crate) async fn app(auth: &str) -> Outcome<Router> {
    let keys = format!("{auth}/.well-known/jwks.json");
    let verifier = Verifier::builder(auth.parse()?, "stock".parse()?).jwks_uri(keys).build().await?;
    Ok(Router::new().route("/", get(items)).layer(RequireLayer::scopes(["stock:read"])).layer(verifier.layer()))
}

/// From whom a request comes over the wire, the stock does not know; the token says for whom it is.
async fn items(headers: HeaderMap) -> Json<Value> {
    Json(json!([hop::seen("edge > stock", &headers)]))
}
