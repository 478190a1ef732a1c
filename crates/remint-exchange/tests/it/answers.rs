//! Which answers are believed.

use remint_core::{Clock as _, CredentialRef, DeniedKind, Target, Timestamp};
use remint_exchange::KeySource;
use remint_jwt::{Algorithm, JwkSet, SigningKey};
use serde_json::{Value, json};
use wiremock::matchers::path;
use wiremock::{Mock, ResponseTemplate};

use crate::support::{EXTERNAL, Server, answer, changed, denied, exchanged, unavailable};

#[tokio::test]
async fn a_good_answer_is_a_token_and_whom_it_names() {
    let server = Server::start().await;
    let token = server.token();
    server.issues(&token).await;
    let subject = server.subject(&json!({}));
    let exchanged = exchanged(&server.exchanger(), &subject).await.unwrap();
    let now = server.clock.now().as_secs();
    assert_eq!(exchanged.token.expose_secret(), token);
    assert_eq!(exchanged.token.id().as_str(), "t-1");
    assert_eq!(exchanged.token.expires_at(), Timestamp::from_secs(now + 300));
    let authentication = exchanged.authentication.get();
    let identity = &authentication.identity;
    assert_eq!((identity.subject.as_str(), identity.client.as_str()), ("alice", "app"));
    assert_eq!(identity.tenant.as_ref().unwrap().as_str(), "acme");
    assert_eq!(identity.actor.as_ref().unwrap().subject.as_str(), "worker");
    assert!(matches!(&identity.credential, CredentialRef::Jwt { issuer, .. } if issuer.as_str() == EXTERNAL));
    assert_eq!(identity.credential_ends, Some(Timestamp::from_secs(now + 600)));
    assert_eq!(authentication.expires_at, Timestamp::from_secs(now + 600), "it is used no longer than the credential");
    assert_eq!(authentication.issued_at, Timestamp::from_secs(now - 5), "the credential's: revocations ask for it");
    assert!(matches!(authentication.also_named.as_slice(), [Target::SigningInput(_)]));
    assert!(authentication.networks.is_empty() && authentication.confirmation.is_none());
}

#[tokio::test]
async fn an_api_key_has_no_end_of_its_own_unless_the_server_says() {
    let server = Server::start().await;
    let cred = json!({ "cred": { "kind": "api_key", "id": "k-1" }, "client_id": "k-1" });
    server.issues(&server.token_with(&cred)).await;
    let exchanged = exchanged(&server.exchanger(), "rmt_live_abc").await.unwrap();
    let authentication = exchanged.authentication.get();
    assert_eq!(authentication.expires_at, Timestamp::MAX);
    assert_eq!(authentication.identity.credential_ends, None);
    assert_eq!(authentication.issued_at, server.clock.now());
    assert!(authentication.also_named.is_empty());
}

#[tokio::test]
async fn a_token_that_is_not_what_was_expected_is_our_outage() {
    let server = Server::start().await;
    let subject = server.subject(&json!({}));
    let now = server.clock.now().as_secs();
    for (changes, reason) in [
        (json!({ "iss": "https://other.example" }), "untrusted_issuer"),
        (json!({ "iss": format!("{}/", server.issuer()) }), "untrusted_issuer"),
        (json!({ "aud": "other" }), "audience"),
        (json!({ "aud": ["other", "internal2"] }), "audience"),
        (json!({ "aud": "absent" }), "claim"),
        (json!({ "exp": now }), "expired"),
        (json!({ "exp": "absent" }), "claim"),
        (json!({ "exp": now as f64 + 0.5 }), "claim"),
        (json!({ "iat": now + 31 }), "not_yet_valid"),
        (json!({ "nbf": now + 31 }), "not_yet_valid"),
        (json!({ "iat": "absent" }), "claim"),
        (json!({ "jti": "absent" }), "claim"),
        (json!({ "sub": "absent" }), "claim"),
        (json!({ "env": "absent" }), "claim"),
        (json!({ "cred": "absent" }), "claim"),
        (json!({ "cnf": { "jkt": "x" } }), "sender_constrained"),
    ] {
        server.issues(&server.token_with(&changes)).await;
        let why = unavailable(&server.exchanger(), &subject).await;
        assert_eq!(why, format!("the issued token is not acceptable: {reason}"), "{changes}");
    }
}

#[tokio::test]
async fn a_token_of_another_type_is_not_believed() {
    let server = Server::start().await;
    for typ in ["JWT", "txntoken+jwt", "dpop+jwt", "logout+jwt", ""] {
        server.issues(&server.signed(typ, &server.claims())).await;
        let why = unavailable(&server.exchanger(), &server.subject(&json!({}))).await;
        assert_eq!(why, "the issued token is not acceptable: token_type", "{typ}");
    }
}

#[tokio::test]
async fn a_token_that_the_servers_key_did_not_sign_is_not_believed() {
    let server = Server::start().await;
    let stranger = SigningKey::generate(Algorithm::Es256).unwrap();
    server.issues(&stranger.sign("at+jwt", &server.claims()).unwrap()).await;
    let why = unavailable(&server.exchanger(), &server.subject(&json!({}))).await;
    assert_eq!(why, "the issued token is not acceptable: unknown_key_id");
    let token = server.token();
    let other = stranger.sign("at+jwt", &server.claims()).unwrap();
    let forged = [token.rsplit_once('.').unwrap().0, other.rsplit_once('.').unwrap().1].join(".");
    server.issues(&forged).await;
    let why = unavailable(&server.exchanger(), &server.subject(&json!({}))).await;
    assert_eq!(why, "the issued token is not acceptable: signature");
}

#[tokio::test]
async fn nothing_outlives_what_it_came_from() {
    let server = Server::start().await;
    let now = server.clock.now().as_secs();
    server.issues(&server.token()).await;
    exchanged(&server.exchanger(), &server.subject(&json!({ "exp": now + 300 }))).await.unwrap();
    let short = server.subject(&json!({ "exp": now + 299 }));
    assert_eq!(unavailable(&server.exchanger(), &short).await, "the issued token lives longer than the credential");
    let lenient = server.builder().insecure_allow_outliving().build().unwrap();
    let exchanged = exchanged(&lenient, &short).await.unwrap();
    assert_eq!(exchanged.authentication.get().expires_at, Timestamp::from_secs(now + 299));
}

#[tokio::test]
async fn a_token_that_lives_too_long_is_not_believed() {
    let server = Server::start().await;
    let now = server.clock.now().as_secs();
    let day = 24 * 60 * 60;
    let subject = server.subject(&json!({ "exp": now + 10 * day }));
    server.issues(&server.token_with(&json!({ "exp": now + day }))).await;
    exchanged(&server.exchanger(), &subject).await.unwrap();
    server.issues(&server.token_with(&json!({ "exp": now + day + 1 }))).await;
    assert_eq!(unavailable(&server.exchanger(), &subject).await, "the issued token lives longer than any should");
    let strict = server.builder().max_lifetime(std::time::Duration::from_secs(299)).build().unwrap();
    server.issues(&server.token()).await;
    assert_eq!(unavailable(&strict, &subject).await, "the issued token lives longer than any should");
    server.issues(&server.token_with(&json!({ "iat": now + 20, "exp": now + 20 }))).await;
    assert_eq!(unavailable(&server.exchanger(), &subject).await, "the issued token lives longer than any should");
}

#[tokio::test]
async fn a_token_that_ends_while_its_key_is_waited_for_has_ended() {
    let server = Server::start().await;
    server.issues(&server.token()).await;
    let keys = JwkSet::try_from(vec![server.key.public_jwk().clone()]).unwrap().to_json();
    let clock = server.clock.clone();
    let slow = move |_: &wiremock::Request| {
        clock.advance(std::time::Duration::from_secs(300));
        ResponseTemplate::new(200).set_body_json(&keys)
    };
    Mock::given(path("/slow")).respond_with(slow).mount(&server.http).await;
    let exchanger = server.builder().keys(KeySource::JwksUri(server.url("/slow"))).build().unwrap();
    let why = unavailable(&exchanger, &server.subject(&json!({}))).await;
    assert_eq!(why, "the issued token is not acceptable: expired");
}

#[tokio::test]
async fn members_of_the_answer_are_what_the_rfc_says() {
    let server = Server::start().await;
    let subject = server.subject(&json!({}));
    let good = answer(&server.token());
    for (changes, member) in [
        (json!({ "access_token": "absent" }), "access_token"),
        (json!({ "access_token": 1 }), "access_token"),
        (json!({ "access_token": null }), "access_token"),
        (json!({ "token_type": "absent" }), "token_type"),
        (json!({ "token_type": "DPoP" }), "token_type"),
        (json!({ "token_type": "N_A" }), "token_type"),
        (json!({ "token_type": null }), "token_type"),
        (json!({ "issued_token_type": "urn:ietf:params:oauth:token-type:refresh_token" }), "issued_token_type"),
        (json!({ "issued_token_type": "urn:ietf:params:oauth:token-type:id_token" }), "issued_token_type"),
        (json!({ "issued_token_type": null }), "issued_token_type"),
    ] {
        let response = ResponseTemplate::new(200).set_body_json(changed(good.clone(), &changes));
        server.answers(response).await;
        let why = unavailable(&server.exchanger(), &subject).await;
        assert_eq!(why, format!("the answer's {member} is missing or not what it must be"), "{changes}");
    }
    for changes in [
        json!({ "issued_token_type": "absent" }),
        json!({ "issued_token_type": "urn:ietf:params:oauth:token-type:jwt" }),
        json!({ "token_type": "bearer" }),
        json!({ "expires_in": "absent" }),
        json!({ "scope": "read" }),
    ] {
        server.answers(ResponseTemplate::new(200).set_body_json(changed(good.clone(), &changes))).await;
        exchanged(&server.exchanger(), &subject).await.unwrap();
    }
    for token in ["", "opaque", "a.b.c"] {
        server.issues(token).await;
        assert_eq!(
            unavailable(&server.exchanger(), &subject).await,
            "the issued token is not acceptable: structure",
            "{token}"
        );
    }
}

fn error(code: &str, status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "error": code, "error_description": "canary" }))
}

#[tokio::test]
async fn what_the_server_says_of_the_credential_is_denied() {
    let server = Server::start().await;
    for code in ["invalid_request", "invalid_grant"] {
        server.answers(error(code, 400)).await;
        for subject in [server.subject(&json!({})), "rmt_live_abc".to_owned()] {
            assert_eq!(denied(&server.exchanger(), &subject).await, DeniedKind::NotExchanged, "{code}");
        }
    }
}

#[tokio::test]
async fn everything_else_it_says_is_our_outage() {
    let server = Server::start().await;
    let subject = server.subject(&json!({}));
    for (code, status) in [
        ("invalid_client", 401),
        ("invalid_client", 400),
        ("unauthorized_client", 400),
        ("unsupported_grant_type", 400),
        ("invalid_target", 400),
        ("invalid_scope", 400),
        ("access_denied", 403),
        ("invalid_token", 401),
        ("INVALID_REQUEST", 400),
        ("invalid_request", 500),
        ("invalid_request", 401),
        ("invalid_request", 404),
        ("invalid_grant", 413),
        ("invalid_grant", 503),
        ("invalid_request", 200),
        ("invalid_grant", 302),
        ("temporarily_unavailable", 503),
        ("slow_down", 429),
    ] {
        server.answers(error(code, status)).await;
        let why = unavailable(&server.exchanger(), &subject).await;
        assert!(!why.contains("canary"), "{why}");
    }
    for (status, body) in [(400, "invalid_request"), (401, ""), (404, "{}"), (200, "<html>"), (200, "[]"), (500, "")] {
        server.answers(ResponseTemplate::new(status).set_body_raw(body, "application/json")).await;
        unavailable(&server.exchanger(), &subject).await;
    }
    let html = ResponseTemplate::new(400).set_body_raw(r#"{"error":"invalid_request"}"#, "text/html");
    server.answers(html).await;
    unavailable(&server.exchanger(), &subject).await;
    let huge = Value::String("x".repeat(70_000));
    server.answers(ResponseTemplate::new(200).set_body_json(json!({ "access_token": huge }))).await;
    unavailable(&server.exchanger(), &subject).await;
}
