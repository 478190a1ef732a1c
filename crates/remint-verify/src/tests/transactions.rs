use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use proptest::prelude::*;
use remint_core::{Environment, Identity, Refusal};
use remint_jwt::{Algorithm, SigningKey};
use serde_json::{Value, json};
use tower::{Layer, ServiceExt, service_fn};

use super::layer::bearer;
use super::outage::remote;
use super::support::{AUDIENCE, ISSUER, Mint};
use crate::{
    Denials, Requirements, Transaction, TransactionLayer, TransactionVerifier, Verifier, VerifierErrorKind, VerifyLayer,
};

const DOMAIN: &str = "trust-domain.example";

fn claims(mint: &Mint) -> Value {
    json!({
        "iss": ISSUER, "aud": DOMAIN, "sub": "alice", "txn": "t-1", "iat": mint.now(), "exp": mint.now() + 60,
        "scope": "trade.stocks", "req_wl": "gateway", "client_id": "web", "env": "live",
        "cred": { "kind": "api_key", "id": "k-1" }, "act": { "sub": "worker" },
        "rctx": { "req_ip": "192.0.2.1" }, "tctx": { "action": "BUY" },
    })
}

fn token(mint: &Mint) -> String {
    mint.sign("txntoken+jwt", &claims(mint))
}

/// The usual claims with some replaced, or, by `null`, left out.
pub(super) fn token_with(mint: &Mint, changes: Value) -> String {
    let mut claims = claims(mint);
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    mint.sign("txntoken+jwt", &claims)
}

pub(super) fn within(verifier: &Verifier) -> TransactionVerifier {
    TransactionVerifier::new(verifier, DOMAIN.parse().unwrap()).unwrap()
}

async fn transactions(mint: &Mint) -> TransactionVerifier {
    within(&mint.verifier().await)
}

async fn reason(verifier: &TransactionVerifier, token: &str) -> &'static str {
    verifier.verify(token).await.unwrap_err().reason()
}

/// Answers with the transaction's subject, and what the headers show of the token.
async fn what(request: Request<()>) -> Result<Response<Bytes>, Infallible> {
    assert!(request.extensions().get::<Arc<Identity>>().is_none(), "a transaction is no caller");
    let Some(transaction) = request.extensions().get::<Arc<Transaction>>() else {
        return Ok(Response::new("nothing".into()));
    };
    let (parts, ()) = request.clone().into_parts();
    assert!(parts.headers["txn-token"].is_sensitive() && !format!("{parts:?}").contains("eyJ"));
    Ok(Response::new(transaction.subject().to_string().into()))
}

pub(super) async fn answer(layer: &TransactionLayer, request: Request<()>) -> Response<Bytes> {
    layer.layer(service_fn(what)).oneshot(request).await.unwrap()
}

pub(super) fn carrying(token: &str) -> Request<()> {
    Request::get("/").header("txn-token", token).body(()).unwrap()
}

fn challenge(response: &Response<Bytes>) -> &str {
    response.headers()["www-authenticate"].to_str().unwrap()
}

#[tokio::test]
async fn a_transaction_is_read_as_it_was_written() {
    let mint = Mint::new();
    let verified = transactions(&mint).await.verify(&token(&mint)).await.unwrap();
    let transaction = verified.get();
    assert_eq!((transaction.id.as_str(), transaction.requester.as_str()), ("t-1", "gateway"));
    assert_eq!(
        (transaction.subject().as_str(), transaction.scopes().to_string()),
        ("alice", "trade.stocks".to_owned())
    );
    assert_eq!(transaction.actor().unwrap().subject.as_str(), "worker");
    assert_eq!(transaction.request_context.get("req_ip"), Some(&json!("192.0.2.1")));
    assert_eq!(transaction.request_details.get("action"), Some(&json!("BUY")));
}

#[tokio::test]
async fn an_array_of_the_one_trust_domain_says_the_same_as_its_text() {
    let mint = Mint::new();
    let verifier = transactions(&mint).await;
    let transaction = verifier.verify(&token_with(&mint, json!({ "aud": [DOMAIN] }))).await.unwrap();
    assert_eq!(transaction.get().subject().as_str(), "alice");
    assert_eq!(reason(&verifier, &token_with(&mint, json!({ "aud": [DOMAIN, DOMAIN] }))).await, "audience");
}

#[tokio::test]
async fn each_claim_that_is_wrong_is_refused_for_its_own_reason() {
    let mint = Mint::new();
    let verifier = transactions(&mint).await;
    let now = mint.now();
    for (changes, expected) in [
        (json!({ "iss": "https://auth.internal/" }), "untrusted_issuer"),
        (json!({ "iss": null }), "claim"),
        (json!({ "aud": AUDIENCE }), "audience"),
        (json!({ "aud": [DOMAIN, AUDIENCE] }), "audience"),
        (json!({ "aud": null }), "claim"),
        (json!({ "exp": now }), "expired"),
        (json!({ "exp": now + 301 }), "lifetime"),
        (json!({ "exp": null }), "claim"),
        (json!({ "iat": now + 31, "exp": now + 60 }), "not_yet_valid"),
        (json!({ "iat": null }), "claim"),
        (json!({ "cnf": { "jkt": "x" } }), "sender_constrained"),
        (json!({ "txn": null }), "claim"),
        (json!({ "sub": null }), "claim"),
        (json!({ "scope": null }), "claim"),
        (json!({ "scope": "" }), "claim"),
        (json!({ "req_wl": null }), "claim"),
        (json!({ "env": null }), "claim"),
        (json!({ "cred": null }), "claim"),
        (json!({ "client_id": null }), "claim"),
        (json!({ "tctx": "x" }), "claim"),
        (json!({ "rctx": [] }), "claim"),
        (json!({ "act": "worker" }), "claim"),
    ] {
        assert_eq!(reason(&verifier, &token_with(&mint, changes.clone())).await, expected, "{changes}");
    }
}

#[tokio::test]
async fn an_access_token_is_no_transaction_token() {
    let mint = Mint::new();
    let verifier = transactions(&mint).await;
    assert_eq!(reason(&verifier, &mint.token()).await, "token_type");
    for typ in ["at+jwt", "JWT", "", "txn_token"] {
        assert_eq!(reason(&verifier, &mint.sign(typ, &claims(&mint))).await, "token_type", "{typ}");
    }
    // Not even by a wrong type for the right trust domain.
    let mut access = mint.claims();
    access["aud"] = DOMAIN.into();
    assert_eq!(reason(&verifier, &mint.sign("txntoken+jwt", &access)).await, "claim");

    let layer = verifier.layer();
    let response = answer(&layer, carrying(&mint.token())).await;
    assert_eq!(
        (response.status(), challenge(&response)),
        (StatusCode::UNAUTHORIZED, r#"Bearer error="invalid_token""#)
    );
}

#[tokio::test]
async fn a_transaction_token_is_no_access_token() {
    let mint = Mint::new();
    let verifier = mint.verifier().await;
    for changes in [json!({}), json!({ "aud": AUDIENCE }), json!({ "aud": AUDIENCE, "jti": "j-1" })] {
        let token = token_with(&mint, changes);
        assert_eq!(super::support::reason(&verifier, &token).await, "token_type");
        let response = super::layer::answer(&VerifyLayer::new(verifier.clone()).optional(), bearer(&token)).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    }
    // Not even by a wrong type for the right audience.
    let mut transaction = claims(&mint);
    transaction["aud"] = AUDIENCE.into();
    assert_eq!(super::support::reason(&verifier, &mint.sign("at+jwt", &transaction)).await, "claim");
}

#[tokio::test]
async fn a_trust_domain_is_not_the_audience_of_access_tokens() {
    let error = TransactionVerifier::new(&Mint::new().verifier().await, AUDIENCE.parse().unwrap()).unwrap_err();
    assert_eq!(error.kind(), VerifierErrorKind::TrustDomain);
}

#[tokio::test]
async fn a_key_that_is_not_the_issuers_is_refused() {
    let mint = Mint::new();
    let stranger = SigningKey::generate(Algorithm::Es256).unwrap();
    let token = stranger.sign("txntoken+jwt", &claims(&mint)).unwrap();
    assert_eq!(reason(&transactions(&mint).await, &token).await, "unknown_key_id");
}

#[tokio::test]
async fn an_algorithm_outside_the_allow_list_is_refused() {
    let mint = Mint::with(Algorithm::Es384);
    assert_eq!(reason(&transactions(&mint).await, &token(&mint)).await, "algorithm");
    let only = mint.builder().algorithms([Algorithm::Es384]).build().await.unwrap();
    assert!(within(&only).verify(&token(&mint)).await.is_ok());
}

#[tokio::test]
async fn a_token_over_the_limit_is_not_looked_at() {
    let mint = Mint::new();
    let long = token_with(&mint, json!({ "ext": { "x": "x".repeat(8192) } }));
    assert!(transactions(&mint).await.verify(&long).await.is_ok());
    let narrow = within(&mint.builder().max_length(8192).build().await.unwrap());
    assert_eq!(reason(&narrow, &long).await, "too_long");
    assert_eq!(answer(&narrow.layer(), carrying(&long)).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn every_single_byte_edit_is_refused() {
    let mint = Mint::with(Algorithm::EdDSA);
    let token = token(&mint);
    let verifier = transactions(&mint).await;
    for at in 0..token.len() {
        let mut edited = token.clone().into_bytes();
        edited[at] = if edited[at] == b'A' { b'B' } else { b'A' };
        assert!(verifier.verify(&String::from_utf8(edited).unwrap()).await.is_err(), "byte {at}");
        assert!(verifier.verify(&token[..at]).await.is_err(), "prefix of {at}");
    }
    assert!(verifier.verify(&token).await.is_ok());
}

#[tokio::test]
async fn each_token_is_verified_anew_and_ends_when_it_says() {
    let mint = Mint::new();
    let verifier = transactions(&mint).await;
    let token = token(&mint);
    for asked in 1..=2 {
        assert!(verifier.verify(&token).await.is_ok());
        assert_eq!(mint.signatures(), asked);
    }
    mint.clock.advance(Duration::from_millis(59_999));
    assert!(verifier.verify(&token).await.is_ok());
    mint.clock.advance(Duration::from_millis(1));
    assert_eq!(reason(&verifier, &token).await, "expired");
}

#[tokio::test]
async fn a_transaction_passes_and_is_told_to_the_service() {
    let mint = Mint::new();
    let layer = transactions(&mint).await.layer();
    assert_eq!(answer(&layer, carrying(&token(&mint))).await.body(), "alice");
}

#[tokio::test]
async fn without_the_header_a_request_is_refused() {
    let mint = Mint::new();
    let layer = transactions(&mint).await.layer();
    let response = answer(&layer, Request::new(())).await;
    assert_eq!((response.status(), challenge(&response)), (StatusCode::UNAUTHORIZED, "Bearer"));
    // What stands in `Authorization` is not looked at.
    for other in [mint.token(), token(&mint)] {
        assert_eq!(answer(&layer, bearer(&other)).await.status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn optional_lets_none_pass_and_no_bad_one() {
    let mint = Mint::new();
    let layer = transactions(&mint).await.layer().optional();
    assert_eq!(answer(&layer, Request::new(())).await.body(), "nothing");
    assert_eq!(answer(&layer, carrying(&token(&mint))).await.body(), "alice");
    for bad in ["x", "a.b.c", &token_with(&mint, json!({ "aud": "other" }))] {
        assert_eq!(answer(&layer, carrying(bad)).await.status(), StatusCode::UNAUTHORIZED, "{bad}");
    }
    assert_eq!(answer(&layer, carrying("")).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_request_without_the_header_carries_no_transaction_of_an_earlier_layer() {
    let mint = Mint::new();
    let verifier = transactions(&mint).await;
    let mut request = Request::new(());
    request.extensions_mut().insert(verifier.verify(&token(&mint)).await.unwrap().into_inner());
    assert_eq!(answer(&verifier.layer().optional(), request).await.body(), "nothing");
}

#[tokio::test]
async fn the_header_stands_there_once_and_holds_one_token() {
    let mint = Mint::new();
    let layer = transactions(&mint).await.layer().optional();
    let token = token(&mint);
    let twice = Request::get("/").header("txn-token", &token).header("txn-token", &token).body(()).unwrap();
    let look_alike = Request::get("/").header("txn_token", &token).body(()).unwrap();
    let both = Request::get("/").header("txn-token", &token).header("txn_token", &token).body(()).unwrap();
    let mut raw = carrying("x");
    raw.headers_mut().insert("txn-token", HeaderValue::from_bytes(b"a.b.\xff").unwrap());
    for request in [
        twice,
        look_alike,
        both,
        raw,
        carrying(&format!("{token},{token}")),
        carrying(&format!("Bearer {token}")),
        carrying(&"x".repeat(16385)),
        carrying(""),
    ] {
        let response = answer(&layer, request).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(challenge(&response), r#"Bearer error="invalid_request""#);
    }
}

#[tokio::test]
async fn requirements_hold_for_the_transaction() {
    let mint = Mint::new();
    let verifier = transactions(&mint).await;
    let status = async |requirements: Requirements| {
        answer(&verifier.layer().with_requirements(requirements), carrying(&token(&mint))).await.status()
    };
    let scopes = |scope| Requirements::new().with_scopes([scope]).unwrap();
    assert_eq!(status(scopes("trade.stocks")).await, StatusCode::OK);
    assert_eq!(status(scopes("trade.bonds")).await, StatusCode::FORBIDDEN);
    assert_eq!(status(Requirements::new().with_environment(Environment::Live)).await, StatusCode::OK);
    assert_eq!(status(Requirements::new().with_environment(Environment::Test)).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_preflight_passes_without_a_transaction_only_where_that_is_allowed_and_never_with_a_bad_one() {
    let layer = transactions(&Mint::new()).await.layer();
    let preflight =
        || Request::options("/").header("origin", "https://app.example").header("access-control-request-method", "PUT");
    let refused = answer(&layer, preflight().body(()).unwrap()).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let layer = layer.allow_cors_preflight();
    assert_eq!(answer(&layer, preflight().body(()).unwrap()).await.body(), "nothing");
    let bad = preflight().header("txn-token", "a.b.c").body(()).unwrap();
    assert_eq!(answer(&layer, bad).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn denials_are_the_services_own_and_in_grpcs_terms() {
    let denials = Denials::new().with_realm("jobs").unwrap();
    let layer = transactions(&Mint::new()).await.layer().with_denials(denials);
    let request =
        Request::post("/").version(http::Version::HTTP_2).header("content-type", "application/grpc").body(()).unwrap();
    let response = answer(&layer, request).await;
    assert_eq!((response.status(), &response.headers()["grpc-status"]), (StatusCode::OK, &"16".parse().unwrap()));
    assert_eq!(challenge(&response), r#"Bearer realm="jobs""#);
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_never_a_401() {
    let mint = Mint::new();
    let (verifier, server) = remote(&mint, false).await;
    let verifier = within(&verifier);
    let refusal = verifier.verify(&token(&mint)).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Unavailable(_)), "{refusal:?}");

    let layer = verifier.layer().optional();
    let response = answer(&layer, carrying(&token(&mint))).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key("retry-after") && !response.headers().contains_key("www-authenticate"));

    server.up.store(true, Ordering::SeqCst);
    assert_eq!(answer(&layer, carrying(&token(&mint))).await.body(), "alice");
}

#[tokio::test(start_paused = true)]
async fn who_waited_for_the_key_set_meets_the_same_requirements_and_the_same_end() {
    let mint = Mint::new();
    let (verifier, server) = remote(&mint, false).await;
    let layer = within(&verifier).layer();
    server.up.store(true, Ordering::SeqCst);
    let strict = layer.clone().with_requirements(Requirements::new().with_scopes(["admin"]).unwrap());
    assert_eq!(answer(&strict, carrying(&token(&mint))).await.status(), StatusCode::FORBIDDEN);

    let (verifier, server) = remote(&mint, false).await;
    server.up.store(true, Ordering::SeqCst);
    let layer = within(&verifier).layer();
    let waiting = answer(&layer, carrying(&token(&mint)));
    let late = async {
        tokio::task::yield_now().await;
        mint.clock.advance(Duration::from_secs(60));
    };
    let (response, ()) = tokio::join!(waiting, late);
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test(start_paused = true)]
async fn a_token_for_others_asks_the_issuer_nothing() {
    let mint = Mint::new();
    let (verifier, server) = remote(&mint, false).await;
    let before = server.asked.lock().unwrap().len();
    assert_eq!(reason(&within(&verifier), &token_with(&mint, json!({ "aud": "other" }))).await, "audience");
    assert_eq!(reason(&within(&verifier), &mint.token()).await, "token_type");
    assert_eq!(server.asked.lock().unwrap().len(), before);
}

proptest! {
    #[test]
    fn no_input_panics(token in ".{0,200}|[A-Za-z0-9_=-]{0,80}\\.[A-Za-z0-9_=-]{0,80}\\.[A-Za-z0-9_=-]{0,80}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            prop_assert!(transactions(&Mint::new()).await.verify(&token).await.is_err());
            Ok(())
        })?;
    }
}
