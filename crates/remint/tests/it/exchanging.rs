use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::{Router, routing::get};
use remint::{
    Algorithm, Caller, Credential, Edge, Environment, Exchanged, Exchanger, ExchangingBuilder, IssuerId, MemoryStore,
    Refusal, Remint, Target, Unavailable, UnavailableKind, async_trait,
};
use tower::ServiceExt;

use crate::support::{IDP, Provider, builder};

/// An edge with keys, as the server of one without.
#[derive(Debug, Clone)]
struct Server {
    edge: Edge,
    asked: Arc<AtomicUsize>,
}

#[async_trait]
impl Exchanger for Server {
    async fn exchange(&self, credential: Credential<'_>) -> Result<Exchanged, Refusal> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let minting = self.edge.authority().unwrap().begin();
        let authentication = minting.authenticate(credential).await?;
        let narrowed = minting.narrow(authentication.get().clone());
        let token = minting.issue(&narrowed, authentication.get().expires_at, &[]).await?;
        let issued_at = self.edge.authority().unwrap().clock().now();
        Ok(Exchanged { token, authentication, issued_at, rev: None })
    }

    fn revocation_log(&self) -> Option<Arc<dyn remint::RevocationLog>> {
        None
    }
}

/// A server that is gone.
#[derive(Debug)]
struct Gone;

#[async_trait]
impl Exchanger for Gone {
    async fn exchange(&self, _: Credential<'_>) -> Result<Exchanged, Refusal> {
        Err(Unavailable::new(UnavailableKind::Issuer).into())
    }

    fn revocation_log(&self) -> Option<Arc<dyn remint::RevocationLog>> {
        None
    }
}

fn exchanging(exchanger: impl Exchanger) -> ExchangingBuilder {
    Remint::exchanging("https://auth.internal", "internal", exchanger)
}

async fn server(provider: &Provider) -> Server {
    Server { edge: builder(provider, MemoryStore::new()).build().await.unwrap(), asked: Arc::default() }
}

async fn ask(builder: ExchangingBuilder, token: &str) -> StatusCode {
    let edge = builder.build().await.unwrap();
    status(&Router::new().route("/", get(whoever)).layer(edge.layer()), token).await
}

async fn whoever(caller: Caller) -> String {
    caller.subject.to_string()
}

async fn status(app: &Router, token: &str) -> StatusCode {
    let request = Request::get("/").header("authorization", format!("Bearer {token}")).body(Body::empty()).unwrap();
    app.clone().oneshot(request).await.unwrap().status()
}

#[tokio::test]
async fn an_edge_without_keys_asks_its_server_once_until_it_is_told_otherwise() {
    let provider = Provider::new(Algorithm::Es256);
    let (server, token) = (server(&provider).await, provider.token("alice", 60));
    let edge = exchanging(server.clone()).build().await.unwrap();
    let app = Router::new().route("/", get(whoever)).layer(edge.layer());
    for _ in 0..2 {
        assert_eq!(status(&app, &token).await, StatusCode::OK);
    }
    assert_eq!(server.asked.load(Ordering::SeqCst), 1);
    assert!(edge.normalizer().authority().is_none());
    edge.revoke(Target::Issuer(IssuerId::new(IDP).unwrap())).await.unwrap();
    assert_eq!(status(&app, &token).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_the_server_says_is_the_answer_and_its_silence_is_503() {
    let provider = Provider::new(Algorithm::Es256);
    let server = server(&provider).await;
    let token = provider.token("alice", 60);
    assert_eq!(ask(exchanging(server.clone()), "a.b.c").await, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(exchanging(Gone), &token).await, StatusCode::SERVICE_UNAVAILABLE);
    let test_only = exchanging(server).environment(Environment::Test);
    assert_eq!(ask(test_only, &token).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn names_that_are_none_are_an_error() {
    assert!(Remint::exchanging("", "internal", Gone).build().await.is_err());
    assert!(Remint::exchanging("https://auth.internal", "", Gone).build().await.is_err());
}
