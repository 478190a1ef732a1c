//! This service's own token.

use std::sync::Arc;
use std::time::Duration;

use remint_core::{Audience, Scopes, UnavailableKind};
use remint_exchange::outbound::{ClientCredentialsTokens, OutboundError, TokenSource as _};
use remint_testkit::ManualClock;
use serde_json::json;

use super::support::{TokenEndpoint, settle};

struct Setup {
    server: Arc<TokenEndpoint>,
    clock: ManualClock,
    tokens: ClientCredentialsTokens,
}

fn setup() -> Setup {
    let (server, clock) = (TokenEndpoint::new(), ManualClock::default());
    let audience = Audience::new("billing").unwrap();
    let scopes: Scopes = "read write".parse().unwrap();
    let endpoint = server.endpoint(&clock);
    let resources = ["https://billing.internal/".parse().unwrap()];
    let tokens = ClientCredentialsTokens::with_clock(endpoint, Some(&audience), &scopes, &resources, clock.clone());
    Setup { server, clock, tokens: tokens.unwrap() }
}

impl Setup {
    async fn token(&self) -> Result<String, OutboundError> {
        self.tokens.token(None).await.map(|token| token.expose_secret().to_owned())
    }
}

#[tokio::test]
async fn it_is_asked_for_with_client_credentials() {
    let setup = setup();
    assert_eq!(setup.token().await.unwrap(), "t-1");
    let expected = [
        ("grant_type", "client_credentials"),
        ("audience", "billing"),
        ("scope", "read write"),
        ("resource", "https://billing.internal/"),
    ];
    assert_eq!(setup.server.asked(0), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn it_is_kept_and_fetched_anew_beside_the_requests_before_it_ends() {
    let setup = setup();
    setup.token().await.unwrap();
    setup.clock.advance(Duration::from_millis(239_999));
    assert_eq!(setup.token().await.unwrap(), "t-1");
    settle().await;
    assert_eq!(setup.server.count(), 1, "not yet");
    setup.clock.advance(Duration::from_millis(1));
    let gate = setup.server.gated();
    for _ in 0..10 {
        assert_eq!(setup.token().await.unwrap(), "t-1", "nobody waits");
    }
    settle().await;
    assert_eq!(setup.server.count(), 2, "one fetch");
    gate.add_permits(1);
    settle().await;
    assert_eq!(setup.token().await.unwrap(), "t-2");
}

#[tokio::test]
async fn a_server_that_is_gone_keeps_nobody_waiting_until_the_token_ends() {
    let setup = setup();
    setup.token().await.unwrap();
    setup.clock.advance(Duration::from_secs(280));
    setup.server.then(503, json!({}));
    assert_eq!(setup.token().await.unwrap(), "t-1");
    settle().await;
    setup.clock.advance(Duration::from_secs(10));
    setup.server.then(503, json!({}));
    let error = setup.token().await.unwrap_err();
    assert!(matches!(error, OutboundError::Unavailable(ref why) if why.kind() == UnavailableKind::Issuer));
    assert_eq!(setup.token().await.unwrap(), "t-4", "an error is not kept");
}

#[tokio::test]
async fn all_who_wait_share_one_fetch_and_its_error() {
    let setup = setup();
    let (one, two, three) = tokio::join!(setup.token(), setup.token(), setup.token());
    assert_eq!((one.unwrap(), two.unwrap(), three.unwrap()), ("t-1".into(), "t-1".into(), "t-1".into()));
    assert_eq!(setup.server.count(), 1);
    let failing = self::setup();
    let gate = failing.server.gated();
    failing.server.then(500, json!({}));
    let (one, two, ()) = tokio::join!(failing.token(), failing.token(), async {
        settle().await;
        gate.add_permits(1);
    });
    assert!(one.is_err() && two.is_err());
    assert_eq!(failing.server.count(), 1);
}

#[tokio::test]
async fn who_hangs_up_ends_nobody_elses_fetch() {
    let setup = setup();
    let gate = setup.server.gated();
    {
        let mut first = Box::pin(setup.token());
        assert!(
            std::future::poll_fn(|context| std::task::Poll::Ready(first.as_mut().poll(context).is_pending())).await
        );
    }
    let (second, ()) = tokio::join!(setup.token(), async {
        settle().await;
        gate.add_permits(1);
    });
    assert_eq!(second.unwrap(), "t-1");
    assert_eq!(setup.server.count(), 1);
}

#[tokio::test]
async fn a_refusal_is_our_own_outage() {
    let setup = setup();
    for code in ["invalid_client", "invalid_request", "invalid_grant", "invalid_scope"] {
        setup.server.then(400, json!({ "error": code }));
        assert!(matches!(setup.token().await, Err(OutboundError::Unavailable(_))), "{code}");
    }
    setup.server.then(200, json!({ "access_token": "x", "token_type": "DPoP" }));
    assert!(matches!(setup.token().await, Err(OutboundError::Unavailable(_))));
}

#[tokio::test]
async fn a_token_whose_end_nobody_knows_is_for_one_request() {
    let setup = setup();
    setup.server.then(200, json!({ "access_token": "x", "token_type": "Bearer" }));
    assert_eq!(setup.token().await.unwrap(), "x");
    assert_eq!(setup.token().await.unwrap(), "t-2");
}
