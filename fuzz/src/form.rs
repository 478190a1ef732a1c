//! The form of the endpoints of OAuth: whatever stands in it, the answer is one of RFC 6749, and never ours to blame.

use std::cell::OnceCell;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use remint::{Audience, ClientId, MemoryReplays, MemoryStore, Remint};
use remint_authorization_server::{AuthorizationServer, Client, Right};
use serde_json::Value;

use crate::{ask, choice, wait};

const SECRET: &str = "edge-1-0123456789-abcdefghijklmnop";

thread_local! {
    static SERVER: OnceCell<Router> = const { OnceCell::new() };
}

fn server() -> Router {
    wait(async {
        let edge = Remint::builder("https://auth.internal", "internal").api_keys(MemoryStore::new()).ephemeral_keys();
        let edge = edge.build().await.expect("an edge in memory");
        let rights = [Right::Exchange, Right::JwtBearer, Right::ClientCredentials, Right::Introspect, Right::Revoke];
        let audiences = ["internal", "orders"].map(|name| Audience::new(name).expect("an audience"));
        let client = Client::with_secret(ClientId::new("edge-1").expect("an id"), SECRET)
            .may(rights)
            .audiences(audiences)
            .scopes("orders:read".parse().expect("a scope"));
        let authority = edge.authority().expect("it holds keys").clone();
        AuthorizationServer::new(authority, Arc::clone(edge.issuer()), Arc::new(MemoryReplays::new(1_000)))
            .revocation_endpoint()
            .api_keys(edge.api_keys().expect("it has a store").clone())
            .client(client)
            .into_router()
            .expect("one client")
    })
}

/// The first byte says which endpoint, the rest is the body.
pub fn holds(bytes: &[u8]) {
    let (which, body) = choice(bytes, ENDPOINTS.len());
    let app = SERVER.with(|app| app.get_or_init(server).clone());
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("edge-1:{SECRET}")));
    let request = || {
        let request = Request::post(ENDPOINTS.get(which).copied().unwrap_or("/oauth2/token"));
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.header(header::AUTHORIZATION, &basic)
    };
    let asked = |request: axum::http::request::Builder| {
        wait(ask(&app, request.body(Body::from(body.to_vec())).expect("a request")))
    };
    let (answer, text) = asked(request());
    let status = answer.status().as_u16();
    assert!(matches!(status, 200 | 400 | 401 | 403 | 413 | 429), "{status}");
    if !text.is_empty() {
        let value: Value = serde_json::from_slice(&text).expect("JSON");
        let object = value.as_object().expect("an object");
        assert_eq!(object.contains_key("error"), status != 200, "{status}");
        assert!(!object.get("error").is_some_and(|error| error == "server_error"));
    }
    if which == 0 {
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    }
    // The verdict is of the form and the client, and of no header that somebody on the way may have set.
    let (again, _) = asked(
        request()
            .header("x-forwarded-for", "127.0.0.1")
            .header("x-remint-subject", "root")
            .header("dpop", "a.b.c")
            .header("origin", "https://evil.example"),
    );
    assert_eq!(again.status().as_u16(), status);
}

const ENDPOINTS: [&str; 3] = ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"];
