//! A session of a web application: a cookie that only an authenticator of its own can read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::{Router, routing::any};
use remint::{
    Authentication, Authenticator, Caller, ClientId, Credential, CredentialForm, CredentialId, CredentialKind,
    CredentialRef, CredentialRules, DeniedKind, Environment, Identity, IssuerId, Refusal, Remint, Revocation, Revoker,
    Subject, Target, Timestamp, Unavailable, UnavailableKind, Verified, Verifier,
};
use serde_json::{Value, json};
use tower::ServiceExt;

/// How often it was asked. It knows the cookie `s%3A1.alice` and one of a database that is down.
#[derive(Debug, Clone, Default)]
struct Sessions(Arc<AtomicUsize>);

#[remint::async_trait]
impl Authenticator for Sessions {
    async fn authenticate(&self, credential: Credential<'_>) -> Result<Option<Verified<Authentication>>, Refusal> {
        if credential.form() != CredentialForm::Session {
            return Ok(None);
        }
        self.0.fetch_add(1, Ordering::SeqCst);
        match credential.expose_secret() {
            "s%3A1.alice" => {}
            "down" => return Err(Unavailable::new(UnavailableKind::Store).into()),
            _ => return Err(DeniedKind::Inactive.into()),
        }
        let credential = CredentialRef::Other { kind: kind(), id: id("1") };
        let (subject, client) = (Subject::new("alice").unwrap(), ClientId::new("web").unwrap());
        let identity = Identity::new(subject, Environment::Live, client, credential);
        #[expect(clippy::disallowed_methods, reason = "this is an authenticator")]
        Ok(Some(Verified::vouch(Authentication::new(identity, Timestamp::from_secs(0), Timestamp::MAX))))
    }
}

fn kind() -> CredentialKind {
    CredentialKind::new("session").unwrap()
}

fn id(text: &str) -> CredentialId {
    CredentialId::new(text).unwrap()
}

#[tokio::test]
async fn a_session_cookie_becomes_a_caller_behind_the_edge_and_ends() {
    let sessions = Sessions::default();
    let rules = CredentialRules::default().with_session_cookie("sid").with_origin("https://app.example");
    let edge = Remint::builder("https://auth.internal", "internal")
        .authenticator(sessions.clone())
        .credential_rules(rules)
        .ephemeral_keys()
        .build()
        .await
        .unwrap();
    let issuer = edge.issuer().clone();
    // A service of its own, which hears of revocations.
    let behind = Verifier::builder(IssuerId::new("https://auth.internal").unwrap(), "internal".parse().unwrap())
        .local_keys(move || issuer.key_set())
        .build()
        .await
        .unwrap();
    let me = |caller: Caller, headers: HeaderMap| async move {
        let id = caller.credential.id().unwrap().to_owned();
        let seen =
            json!({ "kind": caller.credential.claim_kind(), "id": id, "cookie": headers.contains_key("cookie") });
        json!({ "caller": caller, "seen": seen }).to_string()
    };
    let app = Router::new().route("/me", any(me)).layer(behind.layer()).layer(edge.layer());
    let ask = async |method: Method, cookie: &str, origin: Option<&str>| {
        let mut request = Request::builder().method(method).uri("/me").header("cookie", cookie);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let answer = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (status, body) = (answer.status(), axum::body::to_bytes(answer.into_body(), 1 << 16).await.unwrap());
        (status, serde_json::from_slice::<Value>(&body).unwrap_or_default())
    };

    for _ in ["cold", "warm"] {
        let (status, answer) = ask(Method::GET, "sid=s%3A1.alice", None).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(answer["caller"]["subject"], "alice");
        assert_eq!(answer["caller"]["credential"], json!({ "kind": "session", "id": "1" }));
        assert_eq!(answer["seen"], json!({ "kind": "session", "id": "1", "cookie": false }));
    }
    assert_eq!(sessions.0.load(Ordering::SeqCst), 1, "a hit asks nobody");

    // Other sites can cause a request with the cookie, and change nothing by it.
    for (method, origin, status) in [
        (Method::POST, Some("https://app.example"), StatusCode::OK),
        (Method::POST, Some("https://evil.example"), StatusCode::BAD_REQUEST),
        (Method::POST, None, StatusCode::BAD_REQUEST),
        (Method::GET, Some("https://evil.example"), StatusCode::OK),
    ] {
        assert_eq!(ask(method.clone(), "sid=s%3A1.alice", origin).await.0, status, "{method} {origin:?}");
    }
    for (cookie, status) in [
        ("sid=s%3A2.eve", StatusCode::UNAUTHORIZED),
        ("sid=down", StatusCode::SERVICE_UNAVAILABLE),
        ("SID=s%3A1.alice", StatusCode::UNAUTHORIZED),
        ("sid=s%3A1.alice; sid=s%3A1.alice", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(ask(Method::GET, cookie, None).await.0, status, "{cookie}");
    }

    let target = Target::Credential { kind: kind(), id: id("1") };
    edge.revocations().revoke(Revocation::ended(target, Timestamp::from_secs(1))).await.unwrap();
    for _ in ["cold", "warm"] {
        assert_eq!(ask(Method::GET, "sid=s%3A1.alice", None).await.0, StatusCode::UNAUTHORIZED);
    }
}
