use axum::body::Body;
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use remint::{
    Algorithm, ClientCertificate, DpopVerifier, ExternalIdentity, MemoryReplays, MemoryStore, NewUser, SigningKey,
    Target, UserId,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tower::ServiceExt;

use crate::support::{IDP, Provider, app, builder, now};

fn token(provider: &Provider, cnf: Value) -> String {
    let claims = json!({
        "iss": IDP, "aud": "api", "sub": "alice", "client_id": "web", "jti": "t1",
        "iat": now(), "exp": now() + 60, "cnf": cnf,
    });
    provider.0.sign("at+jwt", &claims).unwrap()
}

fn proof(key: &SigningKey, token: &str, jti: &str) -> String {
    let claims = json!({
        "jti": jti, "htm": "GET", "htu": "https://api.example/me", "iat": now(),
        "ath": BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token)),
    });
    key.sign_with_own_key("dpop+jwt", &claims).unwrap()
}

async fn ask(app: &axum::Router, request: Request<Body>) -> (StatusCode, Value) {
    let answer = app.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 16).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

fn verifier() -> DpopVerifier {
    DpopVerifier::new("https://api.example", MemoryReplays::new(100)).unwrap()
}

/// Linking makes another identity of it, and must not lose what its sender has to prove.
#[tokio::test]
async fn a_bound_token_of_a_linked_user_is_as_bound_as_it_was() {
    let (provider, key) = (Provider::new(Algorithm::Es256), SigningKey::generate(Algorithm::Es256).unwrap());
    let edge = builder(&provider, MemoryStore::new()).dpop(verifier()).build().await.unwrap();
    let external = ExternalIdentity { issuer: IDP.parse().unwrap(), subject: "alice".parse().unwrap() };
    let user = NewUser::new(UserId::new("u-1").unwrap()).with_external(external);
    edge.api_keys().unwrap().create_user(user).await.unwrap();
    let app = app(&edge).await;
    let token = token(&provider, json!({ "jkt": key.public_jwk().thumbprint() }));
    let request = |scheme: &str, proof: Option<String>| {
        let request = Request::get("/me").header("authorization", format!("{scheme} {token}"));
        let request = proof.into_iter().fold(request, |request, proof| request.header("dpop", proof));
        request.body(Body::empty()).unwrap()
    };
    for round in ["cold", "warm"] {
        let (status, caller) = ask(&app, request("DPoP", Some(proof(&key, &token, round)))).await;
        assert_eq!((status, &caller["subject"]), (StatusCode::OK, &json!("u-1")), "{round}");
        for refused in [
            request("DPoP", Some(proof(&key, &token, round))),
            request("DPoP", None),
            request("Bearer", None),
            request("Bearer", Some(proof(&key, &token, "bearer"))),
        ] {
            assert_eq!(ask(&app, refused).await.0, StatusCode::UNAUTHORIZED, "{round}");
        }
    }
    edge.revoke(Target::User(UserId::new("u-1").unwrap())).await.unwrap();
    let (status, _) = ask(&app, request("DPoP", Some(proof(&key, &token, "after")))).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "a proof brings nothing back that was ended");
}

#[tokio::test]
async fn a_token_that_is_bound_to_a_certificate_passes_with_it() {
    let provider = Provider::new(Algorithm::Es256);
    let edge = builder(&provider, MemoryStore::new()).build().await.unwrap();
    let app = app(&edge).await;
    let token = token(&provider, json!({ "x5t#S256": BASE64_URL_SAFE_NO_PAD.encode([7; 32]) }));
    for _ in 0..2 {
        for (certificate, status) in [(Some([7; 32]), 200), (Some([8; 32]), 401), (None, 401)] {
            let mut request = Request::get("/me").header("authorization", format!("Bearer {token}"));
            if let Some(certificate) = certificate {
                request = request.extension(ClientCertificate(certificate));
            }
            let answer = ask(&app, request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.0.as_u16(), status, "{certificate:?}");
        }
    }
}
