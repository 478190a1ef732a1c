//! The layer around a `reqwest` client.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use async_trait::async_trait;
use remint_core::Timestamp;
use remint_exchange::outbound::{CallerToken, OutboundError, OutboundLayer, OutboundToken, TokenSource, TokenUse};
use tower::{Layer as _, ServiceExt as _};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// Gives the caller's token back.
#[derive(Debug)]
struct Same;

#[async_trait]
impl TokenSource for Same {
    async fn token(&self, caller: Option<&CallerToken>) -> Result<OutboundToken, OutboundError> {
        let caller = caller.ok_or(OutboundError::NoCaller)?;
        Ok(OutboundToken::new(caller.expose_secret(), TokenUse::Bearer, Timestamp::MAX).unwrap())
    }
}

#[tokio::test]
async fn a_reqwest_request_goes_out_with_the_callers_token_or_not_at_all() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    let plain = reqwest::Client::builder().no_proxy().build().unwrap();
    let client = OutboundLayer::new(Arc::new(Same)).layer(plain.clone());
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
