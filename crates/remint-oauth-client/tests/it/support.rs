//! A server, and an endpoint that calls it.

use std::sync::Arc;

use remint_core::ClientId;
use remint_oauth_client::{
    ClientCredentials, ClientSecret, Endpoint, EndpointAddress, EndpointSettings, HttpClient, RotatingCredentials, Url,
};
use remint_testkit::ManualClock;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

pub(crate) fn client() -> ClientId {
    ClientId::new("edge-1").unwrap()
}

pub(crate) fn basic(secret: &str) -> ClientCredentials {
    ClientCredentials::secret_basic(client(), ClientSecret::new(secret))
}

pub(crate) fn token_url(server: &MockServer) -> Url {
    Url::parse(&[&server.uri(), "/token"].concat()).unwrap()
}

pub(crate) fn endpoint(server: &MockServer, credentials: impl Into<RotatingCredentials>) -> Endpoint {
    endpoint_with(server, credentials, EndpointSettings::default(), &ManualClock::default())
}

pub(crate) fn endpoint_with(
    server: &MockServer,
    credentials: impl Into<RotatingCredentials>,
    settings: EndpointSettings,
    clock: &ManualClock,
) -> Endpoint {
    let http = Arc::new(HttpClient::new().unwrap());
    let address = EndpointAddress::Fixed(token_url(server));
    let builder = Endpoint::builder(address, credentials, http).clock(clock.clone());
    builder.settings(settings).build().unwrap()
}

pub(crate) async fn serving(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST")).and(path("/token")).respond_with(response).mount(&server).await;
    server
}

pub(crate) fn ok() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(serde_json::json!({ "active": true }))
}

pub(crate) async fn only_request(server: &MockServer) -> Request {
    let mut received = server.received_requests().await.unwrap();
    assert_eq!(received.len(), 1);
    received.remove(0)
}

pub(crate) fn parameters(request: &Request) -> Vec<(String, String)> {
    request_parameters(&request.body)
}

pub(crate) fn request_parameters(body: &[u8]) -> Vec<(String, String)> {
    let query = format!("http://x/?{}", std::str::from_utf8(body).unwrap());
    Url::parse(&query).unwrap().query_pairs().into_owned().collect()
}
