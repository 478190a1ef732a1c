//! The layer around a client.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::{HeaderName, Request, Response};
use remint_core::{Timestamp, Unavailable, UnavailableKind};
use remint_exchange::outbound::{
    BoxError, CallerToken, Origin, OutboundError, OutboundLayer, OutboundToken, TokenSource, TokenUse,
};
use tower::{Layer as _, Service, ServiceExt as _, service_fn};

/// Gives `own`, or what is the caller's.
#[derive(Debug)]
enum Source {
    Good(TokenUse),
    Gone,
}

#[async_trait]
impl TokenSource for Source {
    async fn token(&self, caller: Option<&CallerToken>) -> Result<OutboundToken, OutboundError> {
        let text = caller.map_or("own", CallerToken::expose_secret);
        match self {
            Self::Good(token_use) => Ok(OutboundToken::new(text, *token_use, Timestamp::MAX).unwrap()),
            Self::Gone => Err(OutboundError::Unavailable(Unavailable::new(UnavailableKind::Issuer))),
        }
    }
}

type Sent = Arc<Mutex<Vec<Request<()>>>>;

fn client(
    sent: &Sent,
) -> impl Service<Request<()>, Response = Response<()>, Error = BoxError, Future: Send> + Clone + Send + use<> {
    let sent = sent.clone();
    service_fn(move |request: Request<()>| {
        sent.lock().unwrap().push(request);
        async { Ok::<_, BoxError>(Response::new(())) }
    })
}

fn headers(sent: &Sent, name: &str) -> Vec<String> {
    let sent = sent.lock().unwrap();
    let values = sent.last().unwrap().headers().get_all(name);
    values.iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

fn billing() -> Origin {
    "https://billing.internal".parse().unwrap()
}

fn request() -> Request<()> {
    let builder = Request::get("https://billing.internal/").header("authorization", "Basic b2xk");
    builder.header("authorization", "Bearer old").header("txn-token", "old").body(()).unwrap()
}

#[tokio::test]
async fn the_token_stands_alone_in_its_header() {
    let sent = Sent::default();
    let service = OutboundLayer::new(Source::Good(TokenUse::Bearer), billing()).layer(client(&sent));
    service.oneshot(request()).await.unwrap();
    assert_eq!(headers(&sent, "authorization"), ["Bearer own"]);
    assert!(sent.lock().unwrap()[0].headers()["authorization"].is_sensitive());
}

#[tokio::test]
async fn the_caller_is_the_requests_own_or_the_clients() {
    let sent = Sent::default();
    let service = OutboundLayer::new(Source::Good(TokenUse::Bearer), billing()).layer(client(&sent));
    let bound = service.on_behalf_of(CallerToken::new("bound"));
    bound.clone().oneshot(request()).await.unwrap();
    assert_eq!(headers(&sent, "authorization"), ["Bearer bound"]);
    let mut own = request();
    own.extensions_mut().insert(CallerToken::new("extension"));
    bound.oneshot(own).await.unwrap();
    assert_eq!(headers(&sent, "authorization"), ["Bearer extension"]);
    service.oneshot(request()).await.unwrap();
    assert_eq!(headers(&sent, "authorization"), ["Bearer own"], "a bound client binds no other");
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let sent = Sent::default();
    let error = OutboundLayer::new(Source::Gone, billing()).layer(client(&sent)).oneshot(request()).await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(OutboundError::Unavailable(_))));
    assert!(sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_transaction_token_has_a_header_of_its_own() {
    let sent = Sent::default();
    let service = OutboundLayer::transaction(Source::Good(TokenUse::NotAccess), billing()).layer(client(&sent));
    service.oneshot(request()).await.unwrap();
    assert_eq!(headers(&sent, "txn-token"), ["own"]);
    assert_eq!(headers(&sent, "authorization"), ["Basic b2xk", "Bearer old"], "what is not its business stays");
    assert!(sent.lock().unwrap()[0].headers()["txn-token"].is_sensitive());
}

#[tokio::test]
async fn a_transaction_token_is_never_sent_as_an_access_token() {
    let sent = Sent::default();
    let authorization = HeaderName::from_static("authorization");
    for layer in [
        OutboundLayer::new(Source::Good(TokenUse::NotAccess), billing()),
        OutboundLayer::transaction(Source::Good(TokenUse::NotAccess), billing()).with_header(authorization.clone()),
    ] {
        let error = layer.layer(client(&sent)).oneshot(request()).await.unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(OutboundError::NoAccessToken)));
    }
    assert!(sent.lock().unwrap().is_empty());
    let named = OutboundLayer::new(Source::Good(TokenUse::Bearer), billing()).with_header(authorization);
    named.layer(client(&sent)).oneshot(request()).await.unwrap();
    assert_eq!(headers(&sent, "authorization"), ["Bearer own"]);
}

#[tokio::test]
async fn two_layers_give_a_request_two_tokens_of_one_caller() {
    let sent = Sent::default();
    let inner = OutboundLayer::transaction(Source::Good(TokenUse::NotAccess), billing()).layer(client(&sent));
    let service = OutboundLayer::new(Source::Good(TokenUse::Bearer), billing()).layer(inner);
    service.on_behalf_of(CallerToken::new("alice")).oneshot(request()).await.unwrap();
    assert_eq!(headers(&sent, "authorization"), ["Bearer alice"]);
    assert_eq!(headers(&sent, "txn-token"), ["alice"], "whoever the outer one works for, the inner one does too");
}

#[tokio::test]
async fn a_token_goes_to_its_own_origins_and_is_not_taken_along_by_a_redirect() {
    for layer in [
        OutboundLayer::new(Source::Good(TokenUse::Bearer), billing()),
        OutboundLayer::transaction(Source::Good(TokenUse::NotAccess), billing()),
    ] {
        let sent = Sent::default();
        let layer = layer.with_origin("https://billing.internal:8443".parse().unwrap());
        let service = layer.layer(client(&sent));
        // What a service around it does that follows a redirect.
        let redirected = |to: &str| {
            let mut request = request();
            *request.uri_mut() = to.parse().unwrap();
            service.clone().oneshot(request)
        };
        redirected("https://billing.internal/moved").await.unwrap();
        redirected("https://billing.internal:8443/").await.unwrap();
        assert_eq!(sent.lock().unwrap().len(), 2);
        for elsewhere in ["https://evil.example/", "http://billing.internal/", "https://billing.internal:444/"] {
            let error = redirected(elsewhere).await.unwrap_err();
            assert!(matches!(error.downcast_ref(), Some(OutboundError::OtherOrigin)), "{elsewhere}");
        }
        assert_eq!(sent.lock().unwrap().len(), 2);
    }
}

#[test]
fn debug_shows_no_token() {
    let sent = Sent::default();
    let service = OutboundLayer::new(Source::Good(TokenUse::Bearer), billing()).layer(client(&sent));
    let token = OutboundToken::new("canary", TokenUse::Bearer, Timestamp::MAX).unwrap();
    let shown = format!("{:?} {token:?}", service.on_behalf_of(CallerToken::new("canary")));
    assert!(!shown.contains("canary"), "{shown}");
}
