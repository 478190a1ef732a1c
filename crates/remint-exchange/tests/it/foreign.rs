//! A server that is not ours.

use remint_core::{Clock as _, CredentialRef, Environment};
use remint_exchange::RemoteExchanger;
use serde_json::{Value, json};

use crate::support::{EXTERNAL, Server, changed, denied, exchanged, unavailable};

fn foreign(server: &Server) -> RemoteExchanger {
    server.builder().foreign(Environment::Test).build().unwrap()
}

/// What such a server writes: none of our claims.
fn claims(server: &Server, changes: &Value) -> Value {
    let now = server.clock.now().as_secs();
    let claims = json!({
        "iss": server.issuer().as_str(), "aud": ["internal", "other"], "sub": "alice", "exp": now + 300, "iat": now,
        "jti": "f-1", "client_id": "app", "scope": "read remint:admin write",
        "act": { "sub": "edge", "iss": "https://a.example", "act": { "sub": "job" } },
    });
    changed(claims, changes)
}

#[tokio::test]
async fn its_claims_are_read_and_the_credential_is_the_one_that_was_sent() {
    let server = Server::start().await;
    server.issues(&server.signed("at+jwt", &claims(&server, &json!({})))).await;
    let exchanged = exchanged(&foreign(&server), &server.subject(&json!({}))).await.unwrap();
    let identity = &exchanged.authentication.get().identity;
    assert_eq!((identity.subject.as_str(), identity.client.as_str()), ("alice", "app"));
    assert_eq!(identity.environment, Environment::Test);
    assert_eq!(identity.scopes.to_string(), "read write", "what is ours to give is not another's");
    let actor = identity.actor.as_ref().unwrap();
    assert_eq!((actor.subject.as_str(), actor.actor.as_ref().unwrap().subject.as_str()), ("edge", "job"));
    let CredentialRef::Jwt { issuer, subject, id, .. } = &identity.credential else { panic!() };
    assert_eq!((issuer.as_str(), subject.as_str(), id.as_ref().unwrap().as_str()), (EXTERNAL, "alice@idp", "x-1"));
    assert_eq!(exchanged.token.id().as_str(), "f-1");
}

#[tokio::test]
async fn what_is_absent_is_done_without() {
    let server = Server::start().await;
    let few = json!({ "client_id": "absent", "scope": "absent", "act": "absent", "jti": "absent" });
    server.issues(&server.signed("at+jwt", &claims(&server, &few))).await;
    let exchanged = exchanged(&foreign(&server), "rmt_live_abc").await.unwrap();
    let identity = &exchanged.authentication.get().identity;
    assert_eq!(identity.client.as_str(), "127.0.0.1|", "nobody's name, whoever the subject is");
    assert!(identity.scopes.is_empty() && identity.actor.is_none());
    let CredentialRef::Jwt { issuer, subject, id, .. } = &identity.credential else { panic!() };
    assert_eq!((issuer, subject.as_str(), id.as_ref()), (&server.issuer(), "alice", Some(exchanged.token.id())));
    assert_eq!(exchanged.token.id().as_str().len(), 43, "the digest of what was signed");
    let azp = claims(&server, &json!({ "client_id": "absent", "azp": "portal" }));
    server.issues(&server.signed("at+jwt", &azp)).await;
    let exchanged = crate::support::exchanged(&foreign(&server), "rmt_live_abc").await.unwrap();
    assert_eq!(exchanged.authentication.get().identity.client.as_str(), "portal");
}

#[tokio::test]
async fn its_tokens_are_checked_as_ours_are() {
    let server = Server::start().await;
    let now = server.clock.now().as_secs();
    for (changes, reason) in [
        (json!({ "iss": "https://other.example" }), "untrusted_issuer"),
        (json!({ "aud": "other" }), "audience"),
        (json!({ "exp": now }), "expired"),
        (json!({ "exp": "absent" }), "claim"),
        (json!({ "iat": "absent" }), "claim"),
        (json!({ "iat": now + 31 }), "not_yet_valid"),
        (json!({ "nbf": now + 31 }), "not_yet_valid"),
        (json!({ "cnf": { "jkt": "x" } }), "sender_constrained"),
        (json!({ "sub": "absent" }), "claim"),
        (json!({ "client_id": 1 }), "claim"),
        (json!({ "client_id": "" }), "claim"),
        (json!({ "scope": ["read"] }), "claim"),
        (json!({ "scope": "re\"ad" }), "claim"),
        (json!({ "jti": 1 }), "claim"),
        (json!({ "act": {} }), "claim"),
        (json!({ "act": "edge" }), "claim"),
        (json!({ "act": { "sub": "edge", "iss": 1 } }), "claim"),
        (json!({ "act": deep(9) }), "claim"),
    ] {
        server.issues(&server.signed("at+jwt", &claims(&server, &changes))).await;
        let why = unavailable(&foreign(&server), &server.subject(&json!({}))).await;
        assert_eq!(why, format!("the issued token is not acceptable: {reason}"), "{changes}");
    }
    server.issues(&server.signed("at+jwt", &claims(&server, &json!({ "act": deep(8) })))).await;
    exchanged(&foreign(&server), &server.subject(&json!({}))).await.unwrap();
}

fn deep(links: usize) -> Value {
    (1..links).fold(json!({ "sub": "x" }), |act, _| json!({ "sub": "x", "act": act }))
}

#[tokio::test]
async fn other_types_are_opted_into() {
    let server = Server::start().await;
    let subject = server.subject(&json!({}));
    let lenient = server.builder().foreign(Environment::Live).accept_type("JWT").build().unwrap();
    for (typ, by_default, opted_in) in [
        ("at+jwt", true, true),
        ("application/AT+JWT", true, true),
        ("JWT", false, true),
        ("jwt", false, true),
        ("logout+jwt", false, false),
        ("application/", false, false),
        ("", false, false),
    ] {
        server.issues(&server.signed(typ, &claims(&server, &json!({})))).await;
        assert_eq!(exchanged(&foreign(&server), &subject).await.is_ok(), by_default, "{typ}");
        assert_eq!(exchanged(&lenient, &subject).await.is_ok(), opted_in, "{typ}");
    }
}

#[tokio::test]
async fn callers_may_come_from_the_same_server_but_not_with_what_is_for_us() {
    let server = Server::start().await;
    server.issues(&server.signed("at+jwt", &claims(&server, &json!({})))).await;
    let own = json!({ "iss": server.issuer().as_str() });
    exchanged(&foreign(&server), &server.subject(&own)).await.unwrap();
    for audience in [json!("internal"), json!(["x", "internal"])] {
        let internal = server.subject(&changed(own.clone(), &json!({ "aud": audience })));
        assert_eq!(denied(&foreign(&server), &internal).await, remint_core::DeniedKind::UntrustedIssuer);
    }
}

#[tokio::test]
async fn a_foreign_server_does_not_say_how_an_actor_came_to_us() {
    let server = Server::start().await;
    let act = json!({ "sub": "edge", "cred": { "kind": "api_key", "id": "key_1" }, "sid": "s-1", "tenant": "acme" });
    server.issues(&server.signed("at+jwt", &claims(&server, &json!({ "act": act })))).await;
    let exchanged = exchanged(&foreign(&server), &server.subject(&json!({}))).await.unwrap();
    let identity = &exchanged.authentication.get().identity;
    assert_eq!(identity.actor, Some(remint_core::Actor::new("edge".parse().unwrap(), None)));
}

#[tokio::test]
async fn a_credential_without_a_jti_is_named_by_its_digest() {
    let server = Server::start().await;
    server.issues(&server.signed("at+jwt", &claims(&server, &json!({})))).await;
    let exchanged = exchanged(&foreign(&server), &server.subject(&json!({ "jti": "absent" }))).await.unwrap();
    let authentication = exchanged.authentication.get();
    let CredentialRef::Jwt { id: None, digest: Some(digest), .. } = authentication.identity.credential else {
        panic!()
    };
    assert_eq!(authentication.also_named, [remint_core::Target::SigningInput(digest.0)]);
    assert_eq!(authentication.targets(), authentication.identity.targets(), "each once");
}
