use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use remint::{Audience, ClientId, ExchangingEdge, IssuerId, Remint};
use remint_exchange::{ClientCredentials, ClientSecret, RemoteExchanger};

use crate::{Outcome, listen};

/// An edge without keys before a service: it knows where the authorization server is, its own secret, and for
/// whom the tokens are to be.
pub(crate) async fn edge(auth: &str, audience: &str, (id, secret): (&str, &str)) -> Outcome<ExchangingEdge> {
    let credentials = ClientCredentials::secret_basic(ClientId::new(id)?, ClientSecret::new(secret));
    let exchanger = RemoteExchanger::builder(IssuerId::new(auth)?, Audience::new(audience)?, credentials).build()?;
    exchanger.start().await;
    Ok(Remint::exchanging(auth, audience, exchanger).build().await?)
}

/// Every request goes to one service, as it left the layer.
pub(crate) fn app(edge: &ExchangingEdge, service: &str) -> Outcome<Router> {
    let behind = Behind { client: listen::client()?, service: service.to_owned() };
    Ok(Router::new().fallback(forward).with_state(behind).layer(edge.layer()))
}

#[derive(Debug, Clone)]
struct Behind {
    client: reqwest::Client,
    service: String,
}

/// The least of a reverse proxy: a GET, its headers without those of the connection, and the answer's body.
async fn forward(State(behind): State<Behind>, request: Request) -> Response {
    let mut headers = request.headers().clone();
    for of_connection in [header::HOST, header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH] {
        headers.remove(of_connection);
    }
    let sent = behind.client.get(format!("{}{}", behind.service, request.uri().path())).headers(headers).send().await;
    match sent {
        Ok(answer) => (answer.status(), answer.bytes().await.unwrap_or_default()).into_response(),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}
