//! The layer around a `reqwest` client.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use async_trait::async_trait;
use remint_core::Timestamp;
use remint_exchange::outbound::{
    CallerToken, OutboundError, OutboundLayer, OutboundToken, ReqwestClient, TokenSource, TokenUse,
};
use tower::{Layer as _, ServiceExt as _};
use wiremock::matchers::{any, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// Gives the caller's token back.
#[derive(Debug)]
struct Same(TokenUse);

#[async_trait]
impl TokenSource for Same {
    async fn token(&self, caller: Option<&CallerToken>) -> Result<OutboundToken, OutboundError> {
        let caller = caller.ok_or(OutboundError::NoCaller)?;
        Ok(OutboundToken::new(caller.expose_secret(), self.0, Timestamp::MAX).unwrap())
    }
}

fn client() -> ReqwestClient {
    ReqwestClient::new(reqwest::Client::builder().no_proxy()).unwrap()
}

#[tokio::test]
async fn a_redirect_within_the_origin_is_followed_and_none_to_another_one() {
    let (server, elsewhere) = (MockServer::start().await, MockServer::start().await);
    Mock::given(any()).respond_with(ResponseTemplate::new(204)).mount(&elsewhere).await;
    Mock::given(path("/here")).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    let redirect = |from: &str, to: String| {
        Mock::given(path(from)).respond_with(ResponseTemplate::new(307).insert_header("location", to))
    };
    redirect("/near", "/here".to_owned()).mount(&server).await;
    redirect("/far", elsewhere.uri()).mount(&server).await;
    redirect("/loop", "/loop".to_owned()).mount(&server).await;
    let origin = || server.uri().parse().unwrap();
    let layers = [
        OutboundLayer::new(Same(TokenUse::Bearer), origin()),
        OutboundLayer::transaction(Same(TokenUse::NotAccess), origin()),
    ];
    for layer in layers {
        let client = layer.layer(client()).on_behalf_of(CallerToken::new("a.b.c"));
        for (at, status) in [("/near", 204), ("/far", 307), ("/loop", 307)] {
            let url = format!("{}{at}", server.uri()).parse().unwrap();
            let answer = client.clone().oneshot(reqwest::Request::new(reqwest::Method::GET, url)).await.unwrap();
            assert_eq!(answer.status(), status, "{at}");
        }
        let url = elsewhere.uri().parse().unwrap();
        let refused = client.oneshot(reqwest::Request::new(reqwest::Method::GET, url)).await.unwrap_err();
        assert!(matches!(refused.downcast_ref(), Some(OutboundError::OtherOrigin)));
    }
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_reqwest_request_goes_out_with_the_callers_token_or_not_at_all() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    let plain = reqwest::Client::new();
    let tokens = Arc::new(Same(TokenUse::Bearer));
    let client = OutboundLayer::new(tokens, server.uri().parse().unwrap()).layer(client());
    let request = || plain.get(server.uri()).header("authorization", "Basic b2xk").build().unwrap();

    let refused = client.clone().oneshot(request()).await.unwrap_err();
    assert!(matches!(refused.downcast_ref(), Some(OutboundError::NoCaller)));
    assert!(server.received_requests().await.unwrap().is_empty());

    let answer = client.on_behalf_of(CallerToken::new("a.b.c")).oneshot(request()).await.unwrap();
    assert_eq!(answer.status(), 204);
    let received = server.received_requests().await.unwrap();
    let sent: Vec<_> = received.first().unwrap().headers.get_all("authorization").iter().collect();
    assert_eq!(sent, ["Bearer a.b.c"]);
}
