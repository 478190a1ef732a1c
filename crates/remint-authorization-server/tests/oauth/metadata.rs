//! What the server says of itself (RFC 8414, OpenID Connect Discovery).

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use http::{HeaderMap, Request};
use remint_authorization_server::AuthorizationServer;
use remint_core::{Audience, Authentication, Authenticator, Credential, IssuerId, Refusal, Verified};
use remint_issuer::Issuer;
use remint_jwt::Algorithm;
use remint_normalize::Normalizer;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::*;

const OAUTH: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

/// A server of this issuer, without clients.
fn server(issuer: &str) -> AuthorizationServer {
    let (own, audience) = (IssuerId::new(issuer).unwrap(), Audience::new("internal").unwrap());
    let issuer = Issuer::builder(own.clone(), audience.clone()).algorithm(Algorithm::EdDSA).build().unwrap();
    let issuer = Arc::new(issuer);
    let normalizer = Normalizer::builder(own, audience, Arc::clone(&issuer)).authenticator(Nobody);
    let normalizer = normalizer.build().unwrap();
    AuthorizationServer::new(normalizer.authority().unwrap().clone(), issuer, Arc::new(Replays::default()))
}

/// It knows nobody.
#[derive(Debug)]
struct Nobody;

#[async_trait]
impl Authenticator for Nobody {
    async fn authenticate(&self, _: Credential<'_>) -> Result<Option<Verified<Authentication>>, Refusal> {
        Ok(None)
    }
}

async fn get(app: &Router, path: &str) -> (u16, HeaderMap, Value) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let (parts, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (parts.status.as_u16(), parts.headers, serde_json::from_slice(&body).unwrap_or_default())
}

#[tokio::test]
async fn the_document_says_what_is_served() {
    let world = World::new().await;
    let (status, headers, document) = get(&world.app, OAUTH).await;
    assert_eq!(status, 200);
    assert_eq!(headers["content-type"], "application/json");
    assert!(headers["cache-control"].to_str().unwrap().starts_with("public, max-age="));
    let methods = json!(["client_secret_basic", "client_secret_post", "private_key_jwt"]);
    let algorithms = json!(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]);
    let expected = json!({
        "issuer": ISSUER,
        "token_endpoint": "https://auth.internal/oauth2/token",
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint": "https://auth.internal/oauth2/introspect",
        "introspection_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint": "https://auth.internal/oauth2/revoke",
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "jwks_uri": "https://auth.internal/.well-known/jwks.json",
        "grant_types_supported": [EXCHANGE, BEARER, "client_credentials"],
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "identity_chaining_requested_token_types_supported": [ACCESS_TOKEN, JWT],
    });
    assert_eq!(document, expected);
    assert_eq!(get(&world.app, OPENID).await.2, document, "one document at both places");
}

#[tokio::test]
async fn every_endpoint_of_the_document_is_there() {
    let world = World::new().await;
    let document = get(&world.app, OPENID).await.2;
    for name in ["token_endpoint", "introspection_endpoint", "revocation_endpoint"] {
        let path = document[name].as_str().unwrap().strip_prefix(ISSUER).unwrap();
        assert_eq!(world.send(post(path, &[], &[])).await.error(), (401, "invalid_client"), "{name}");
    }
    let path = document["jwks_uri"].as_str().unwrap().strip_prefix(ISSUER).unwrap();
    assert!(get(&world.app, path).await.2["keys"].is_array());
}

#[tokio::test]
async fn what_is_not_served_is_not_named() {
    let app = server("https://auth.internal").into_router().unwrap();
    let document = get(&app, OAUTH).await.2;
    let named = document.as_object().unwrap().keys().filter(|name| name.contains("revocation"));
    assert_eq!(named.count(), 0);
    assert!(document.get("scopes_supported").is_none());
    assert_eq!(document["id_token_signing_alg_values_supported"], json!(["EdDSA"]));
    let named = server("https://auth.internal").scopes_supported("orders:read jobs".parse().unwrap());
    let document = get(&named.into_router().unwrap(), OAUTH).await.2;
    let mut scopes: Vec<_> = document["scopes_supported"].as_array().unwrap().clone();
    scopes.sort_by_key(ToString::to_string);
    assert_eq!(scopes, [json!("jobs"), json!("orders:read")]);
}

#[tokio::test]
async fn transaction_tokens_are_named_where_they_are_issued() {
    let named = async |server: AuthorizationServer| {
        let document = get(&server.into_router().unwrap(), OAUTH).await.2;
        document["identity_chaining_requested_token_types_supported"].clone()
    };
    let without = server("https://auth.internal");
    let with = server("https://auth.internal").transactions(Audience::new("acme.example").unwrap()).unwrap();
    let txn_token = "urn:ietf:params:oauth:token-type:txn_token";
    assert_eq!(named(without).await, json!([ACCESS_TOKEN, JWT]));
    assert_eq!(named(with).await, json!([ACCESS_TOKEN, JWT, txn_token]));
}

#[tokio::test]
async fn a_base_with_a_slash_at_its_end_is_the_one_without() {
    for base in ["https://edge.example/auth", "https://edge.example/auth/"] {
        let document = get(&server("https://auth.internal").at(base).into_router().unwrap(), OAUTH).await.2;
        assert_eq!(document["token_endpoint"], "https://edge.example/auth/oauth2/token", "{base}");
    }
}

#[tokio::test]
async fn an_issuer_with_a_path_has_it_before_and_behind() {
    for (issuer, places) in [
        ("https://auth.internal", vec![OAUTH.to_owned(), OPENID.to_owned()]),
        ("https://auth.internal/", vec![OAUTH.to_owned(), OPENID.to_owned()]),
        (
            "https://auth.internal/tenants/one",
            vec![format!("{OAUTH}/tenants/one"), format!("/tenants/one{OPENID}"), OAUTH.to_owned(), OPENID.to_owned()],
        ),
        ("https://auth.internal/one/", vec![format!("{OAUTH}/one"), format!("/one{OPENID}"), OAUTH.to_owned()]),
        ("https://auth.internal/a/{b}", vec![OAUTH.to_owned(), OPENID.to_owned()]),
    ] {
        let app = server(issuer).into_router().unwrap();
        for place in places {
            let (status, _, document) = get(&app, &place).await;
            assert_eq!((status, &document["issuer"]), (200, &json!(issuer)), "{place}");
        }
        assert_eq!(get(&app, &format!("{OAUTH}/other")).await.0, 404);
    }
}

#[tokio::test]
async fn addresses_are_those_at_which_others_reach_it() {
    let app = server("https://auth.internal").at("https://edge.example/auth").into_router().unwrap();
    let document = get(&app, OAUTH).await.2;
    assert_eq!(document["issuer"], "https://auth.internal");
    assert_eq!(document["token_endpoint"], "https://edge.example/auth/oauth2/token");
    assert_eq!(document["jwks_uri"], "https://edge.example/auth/.well-known/jwks.json");
}
