use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use remint::{Audience, ClientId, IssuerId, Scopes};
use remint_exchange::outbound::{
    BoxError, ClientCredentialsTokens, ExchangedTokens, Outbound, OutboundError, OutboundLayer, ReqwestClient,
    caller_token,
};
use remint_exchange::{ClientCredentials, ClientSecret, DiscoveredServer, Endpoint, EndpointAddress, HttpClient};
use remint_verify::{RequireLayer, Verifier};
use serde_json::{Value, json};
use tower::{Layer as _, ServiceExt as _};

use crate::auth::ORDERS;
use crate::{Outcome, hop, listen};

/// The orders: they verify, and ask the stock: for their caller, and for themselves.
pub(crate) async fn app(auth: &str, stock: &str) -> Outcome<Router> {
    let keys = format!("{auth}/.well-known/jwks.json");
    let verifier = Verifier::builder(auth.parse()?, "orders".parse()?).jwks_uri(keys).build().await?;

    let http = Arc::new(HttpClient::new()?);
    let server = DiscoveredServer::new(IssuerId::new(auth)?, Arc::clone(&http) as _)?;
    let credentials = ClientCredentials::secret_basic(ClientId::new(ORDERS.0)?, ClientSecret::new(ORDERS.1));
    let endpoint = Endpoint::builder(EndpointAddress::Token(server), credentials, http).build()?;
    let (audience, client) = (Audience::new("stock")?, ReqwestClient::new(listen::client_builder())?);
    let own = ClientCredentialsTokens::new(endpoint.clone(), Some(&audience), &Scopes::default())?;
    let for_caller = ExchangedTokens::builder(endpoint, audience).build()?;
    let stock = Stock {
        url: stock.to_owned(),
        for_caller: OutboundLayer::new(for_caller, stock.parse()?).layer(client.clone()),
        own: OutboundLayer::new(own, stock.parse()?).layer(client),
    };
    let app = Router::new().route("/", get(orders)).with_state(stock);
    Ok(app.layer(RequireLayer::scopes(["orders:read"])).layer(verifier.layer()))
}

/// The stock, as seen from here: each client of it is for one audience.
#[derive(Debug, Clone)]
struct Stock {
    url: String,
    for_caller: Outbound<ReqwestClient>,
    own: Outbound<ReqwestClient>,
}

impl Stock {
    async fn ask(&self, client: Outbound<ReqwestClient>) -> Result<Vec<Value>, BoxError> {
        let request = reqwest::Request::new(reqwest::Method::GET, self.url.parse()?);
        Ok(client.oneshot(request).await?.error_for_status()?.json().await?)
    }
}

/// What it saw itself, and what the stock saw of its two requests.
async fn orders(State(stock): State<Stock>, headers: HeaderMap) -> Response {
    let Some(caller) = caller_token(&headers) else { return StatusCode::UNAUTHORIZED.into_response() };
    let mut hops = vec![hop::seen("edge > orders", &headers)];
    let for_caller = ("orders > stock, for the caller", stock.for_caller.on_behalf_of(caller));
    for (name, client) in [for_caller, ("orders > stock, for itself", stock.own.clone())] {
        match stock.ask(client).await {
            Ok(seen) => hops.extend(seen.into_iter().map(|hop| hop::named(hop, name))),
            Err(error) => return refused(&error),
        }
    }
    Json(json!(hops)).into_response()
}

/// A caller whose token is not exchanged is refused; all else is nobody's fault who called.
fn refused(error: &BoxError) -> Response {
    match error.downcast_ref::<OutboundError>() {
        Some(OutboundError::NotExchanged(_)) => StatusCode::FORBIDDEN.into_response(),
        _ => StatusCode::BAD_GATEWAY.into_response(),
    }
}
