use std::sync::Arc;

use axum::http::StatusCode;
use remint::{
    Algorithm, ClientId, CredentialRef, Environment, Identity, KeyId, MemoryStore, Subject, Timestamp,
    TransactionIssuer, TransactionMintRequest,
};
use serde_json::json;

use crate::support::{IDP, Provider, app, ask, builder, now};

#[tokio::test]
async fn a_transaction_token_of_a_trusted_issuer_is_refused_as_bearer() {
    let provider = Provider::new(Algorithm::Es256);
    let edge = builder(&provider, MemoryStore::new()).build().await.unwrap();
    let app = app(&edge).await;
    // All that an access token says, for our audience, and what a transaction token says besides.
    let claims = json!({
        "iss": IDP, "aud": "api", "sub": "alice", "client_id": "web", "jti": "t1", "iat": now(), "exp": now() + 60,
        "scope": "jobs:write", "txn": "x-1", "req_wl": "gateway", "tctx": { "action": "BUY" },
    });
    for (typ, status) in [
        ("txntoken+jwt", StatusCode::UNAUTHORIZED),
        ("application/TxnToken+jwt", StatusCode::UNAUTHORIZED),
        ("at+jwt", StatusCode::OK),
    ] {
        let token = provider.0.sign(typ, &claims).unwrap();
        assert_eq!(ask(&app, "authorization", &format!("Bearer {token}")).await.0, status, "{typ}");
    }
}

#[tokio::test]
async fn a_transaction_token_of_our_own_is_no_credential_at_the_edge() {
    let provider = Provider::new(Algorithm::Es256);
    let edge = builder(&provider, MemoryStore::new()).build().await.unwrap();
    let transactions = TransactionIssuer::new(Arc::clone(edge.issuer()), "trust-domain.example".parse().unwrap());
    let (client, id) = (ClientId::new("gateway").unwrap(), KeyId::new("k-1").unwrap());
    let mut alice = Identity::new(
        Subject::new("alice").unwrap(),
        Environment::Live,
        ClientId::from(id.clone()),
        CredentialRef::ApiKey { id },
    );
    alice.scopes = "jobs:write".parse().unwrap();
    let request = TransactionMintRequest {
        identity: &alice,
        not_after: Timestamp::MAX,
        requester: &client,
        audience: &"trust-domain.example".parse().unwrap(),
        scopes: &alice.scopes,
        request_context: None,
        request_details: None,
    };
    let token = transactions.unwrap().mint(&request).await.unwrap();
    let app = app(&edge).await;
    for (header, value) in [
        ("authorization", format!("Bearer {}", token.expose_secret())),
        ("authorization", format!("Token {}", token.expose_secret())),
        ("x-api-key", token.expose_secret().to_owned()),
        ("txn-token", token.expose_secret().to_owned()),
    ] {
        assert_eq!(ask(&app, header, &value).await.0, StatusCode::UNAUTHORIZED, "{header}: {:.6}", value);
    }
}
