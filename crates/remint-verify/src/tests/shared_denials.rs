use std::convert::Infallible;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use tower::util::BoxCloneSyncService;
use tower::{Layer, ServiceExt, service_fn};

use super::layer::bearer;
use super::outage::remote;
use super::support::Mint;
use super::transactions::within;
use crate::{Denials, RequireLayer, TransactionLayer, VerifyLayer};

type Inner = BoxCloneSyncService<Request<()>, Response<Bytes>, Infallible>;

/// Denials whose bodies say this, and the code.
fn saying(name: &'static str) -> Denials {
    Denials::new().with_hook(move |context, mut response| {
        *response.body_mut() = format!("{name}: {}", context.code.unwrap_or("none")).into();
        response
    })
}

fn inner() -> Inner {
    let shared = |request: Request<()>| {
        let shared = Denials::shared(request.extensions()).is_some();
        std::future::ready(Ok(Response::new(Bytes::from(shared.to_string()))))
    };
    Inner::new(service_fn(shared))
}

async fn answer(layer: &VerifyLayer, inner: Inner, request: Request<()>) -> (StatusCode, Bytes) {
    let response = layer.layer(inner).oneshot(request).await.unwrap();
    (response.status(), response.into_body())
}

fn without_token() -> Request<()> {
    Request::new(())
}

#[tokio::test]
async fn a_hook_of_the_layer_shapes_what_is_denied_inside_it() {
    let mint = Mint::new();
    let layer = VerifyLayer::new(mint.verifier().await).optional().with_denials(saying("outer"));
    let forbidden = || bearer(&mint.token());
    for warmth in ["cold", "warm"] {
        let require = Inner::new(RequireLayer::scopes(["admin"]).layer(inner()));
        let (status, body) = answer(&layer, require, forbidden()).await;
        assert_eq!((status.as_u16(), &body[..]), (403, &b"outer: insufficient_scope"[..]), "{warmth}");
    }
    let require = Inner::new(RequireLayer::authenticated().layer(inner()));
    assert_eq!(answer(&layer, require, without_token()).await, (StatusCode::UNAUTHORIZED, "outer: none".into()));

    let own = RequireLayer::scopes(["admin"]).with_denials(saying("own"));
    let (_, body) = answer(&layer, Inner::new(own.layer(inner())), forbidden()).await;
    assert_eq!(body, "own: insufficient_scope");
}

#[tokio::test]
async fn a_transaction_token_inside_is_refused_in_the_same_shape() {
    let mint = Mint::new();
    let verifier = mint.verifier().await;
    let layer = VerifyLayer::new(verifier.clone()).with_denials(saying("outer"));
    let transactions = || TransactionLayer::new(within(&verifier));
    for (transactions, expected) in
        [(transactions(), "outer: none"), (transactions().with_denials(saying("own")), "own: none")]
    {
        let (status, body) = answer(&layer, Inner::new(transactions.layer(inner())), bearer(&mint.token())).await;
        assert_eq!((status, &body[..]), (StatusCode::UNAUTHORIZED, expected.as_bytes()));
    }
}

#[tokio::test]
async fn a_layer_without_any_leaves_nothing() {
    let mint = Mint::new();
    let layer = VerifyLayer::new(mint.verifier().await).optional();
    for (layer, expected) in [(layer.clone(), "false"), (layer.with_denials(saying("outer")), "true")] {
        for request in [bearer(&mint.token()), bearer(&mint.token()), without_token()] {
            assert_eq!(answer(&layer, inner(), request).await.1, expected);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_waited_for_the_key_set_is_told_too() {
    let mint = Mint::new();
    let (verifier, server) = remote(&mint, false).await;
    server.up.store(true, Ordering::SeqCst);
    let layer = VerifyLayer::new(verifier).with_denials(saying("outer"));
    assert_eq!(answer(&layer, inner(), bearer(&mint.token())).await, (StatusCode::OK, "true".into()));
    assert_eq!(server.asked.lock().unwrap().len(), 2, "it waited");
}
