use axum::extract::Request;
use axum::http::uri::{Authority, PathAndQuery, Scheme};
use axum::http::{HeaderMap, HeaderName, StatusCode, Uri, Version, header};
use axum::response::{IntoResponse, Response};

use crate::Outcome;
use crate::client::Client;

/// A minimal reverse proxy: every request goes to one service, as it left the layer.
#[derive(Debug, Clone)]
pub(crate) struct Proxy {
    client: Client,
    behind: Authority,
}

impl Proxy {
    pub(crate) fn to(behind: Authority) -> Self {
        Self { client: Client::new(), behind }
    }

    /// Sends a request on and its answer back; 502 if the service does not answer.
    pub(crate) async fn forward(self, request: Request) -> Response {
        let answer = match self.outgoing(request) {
            Ok(outgoing) => self.client.send(outgoing).await,
            Err(error) => Err(error),
        };
        match answer {
            Ok(mut answer) => {
                remove_hop_by_hop(answer.headers_mut());
                answer
            }
            Err(_) => StatusCode::BAD_GATEWAY.into_response(),
        }
    }

    fn outgoing(&self, mut request: Request) -> Outcome<Request> {
        let path = request.uri().path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        *request.uri_mut() =
            Uri::builder().scheme(Scheme::HTTP).authority(self.behind.clone()).path_and_query(path).build()?;
        *request.version_mut() = Version::HTTP_11;
        remove_hop_by_hop(request.headers_mut());
        Ok(request)
    }
}

/// Removes what is meant for one connection alone (RFC 9110 §7.6.1).
///
/// The caller names some of these in `Connection`. The layer has seen to it that the internal
/// token's header is not among them.
fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&ALWAYS) {
        headers.remove(name);
    }
}

const ALWAYS: [HeaderName; 8] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];
