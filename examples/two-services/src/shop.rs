//! The edge service: it has the credentials, the users and the keys.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use remint::{Caller, Edge, Environment, MemoryStore, NewKey, NewUser, Remint, UserId};

use crate::{AUDIENCE, ISSUER, Outcome};

/// Who is trusted. In memory, for the example; `Sqlite::open` and a provider's `.trust(…)` are one
/// line each.
///
/// # Errors
///
/// If no key can be made.
pub async fn edge() -> Outcome<Edge> {
    Ok(Remint::builder(ISSUER, AUDIENCE).api_keys(MemoryStore::new()).ephemeral_keys().build().await?)
}

/// The shop, which asks the stock at this address.
///
/// # Errors
///
/// If the HTTP client cannot be set up.
pub fn app(edge: &Edge, stock: impl Into<String>) -> Outcome<Router> {
    // The stock speaks plain HTTP on this machine. For https leave out `tls_certs_only`. The token is for the
    // stock alone, so no redirect is followed with it.
    let client = reqwest::Client::builder().tls_certs_only([]).redirect(reqwest::redirect::Policy::none()).build()?;
    let keys = edge.clone();
    Ok(Router::new()
        .route("/items/{item}", get(item))
        .with_state(Stock { client, url: stock.into() })
        .layer(edge.layer())
        .route("/.well-known/jwks.json", get(|| async move { keys.jwks_response().map(Body::from) })))
}

#[derive(Debug, Clone)]
struct Stock {
    client: reqwest::Client,
    url: String,
}

/// The request's `Authorization` is the internal token by now: handing it on says to the stock who
/// is asking, and gives it nothing that would be good at the edge.
async fn item(State(stock): State<Stock>, Path(item): Path<String>, caller: Caller, headers: HeaderMap) -> Response {
    let mut request = stock.client.get(format!("{}/items/{item}", stock.url));
    if let Some(token) = headers.get(header::AUTHORIZATION) {
        request = request.header(header::AUTHORIZATION, token);
    }
    match request.send().await {
        Ok(answer) if answer.status().is_success() => {
            let left = answer.text().await.unwrap_or_default();
            format!("{}, of {item} there are: {left}", caller.subject).into_response()
        }
        Ok(answer) if answer.status() == StatusCode::FORBIDDEN => StatusCode::FORBIDDEN.into_response(),
        Ok(_) | Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

/// A user with these scopes, and a key of theirs. Its text is shown this once.
///
/// # Errors
///
/// If a name is none, or the store does not take it.
pub async fn key_of(edge: &Edge, user: &str, scopes: &str) -> Outcome<String> {
    let (keys, user) = (edge.api_keys().ok_or("the edge was built with a store")?, UserId::new(user)?);
    keys.create_user(NewUser::new(user.clone()).with_scopes(scopes.parse()?)).await?;
    let (key, _) = keys.create(NewKey::new(user, Environment::Live)).await?;
    Ok(key.expose_secret().to_owned())
}
