use remint_core::{
    Actor, Audience, ClientId, CredentialRef, Environment, Ext, Identity, IssuerId, LogId, MayAct, MintRequest,
    Parents, PlanName, Position, SessionId, Stamp, Subject, TenantId, Timestamp, TokenDigest, TokenId,
};
use remint_jwt::Algorithm;
use remint_testkit::ManualClock;
use serde_json::json;

use crate::support::{builder, claims_of, identity, mint};

#[test]
fn every_claim_arrives_as_the_contract_names_it() {
    let clock = ManualClock::default();
    let issuer = builder(&clock).build().unwrap();
    let idp = IssuerId::new("https://idp.example").unwrap();
    let mut ext = Ext::new();
    ext.insert("plan", "gold").unwrap();
    ext.insert("limits", json!({ "seats": 3 })).unwrap();
    let identity = Identity {
        subject: Subject::new("acme|alice").unwrap(),
        tenant: Some(TenantId::new("acme").unwrap()),
        environment: Environment::Test,
        scopes: "write read".parse().unwrap(),
        client: ClientId::new("web").unwrap(),
        credential: CredentialRef::Jwt {
            issuer: idp.clone(),
            subject: Subject::new("alice").unwrap(),
            id: Some(TokenId::new("ext-1").unwrap()),
            digest: None,
        },
        session: Some(SessionId::new("s-1").unwrap()),
        actor: Some(Actor {
            credential: Some(CredentialRef::ApiKey { id: "key_1".parse().unwrap() }),
            tenant: Some(TenantId::new("ops").unwrap()),
            actor: Some(Box::new(Actor {
                credential: Some(CredentialRef::Jwt {
                    issuer: idp.clone(),
                    subject: Subject::new("gateway").unwrap(),
                    id: None,
                    digest: Some(TokenDigest([0; 32])),
                }),
                session: Some(SessionId::new("s-2").unwrap()),
                ..Actor::new(Subject::new("gateway").unwrap(), Some(idp))
            })),
            ..Actor::new(Subject::new("worker").unwrap(), None)
        }),
        may_act: Some(MayAct { subject: Subject::new("worker").unwrap(), issuer: None }),
        parents: Parents::new(issuer.id().clone(), vec!["t-1".parse().unwrap(), "t-2".parse().unwrap()]),
        auth_time: Some(Timestamp::from_millis(1_767_225_000_900)),
        acr: Some("urn:mace:incommon:iap:silver".into()),
        amr: vec!["pwd".into(), "otp".into()],
        roles: vec!["admin".into()],
        groups: vec!["staff".into()],
        entitlements: vec!["export".into()],
        // Known at the edge only: no claim says it.
        plan: Some(PlanName::new("gold").unwrap()),
        credential_ends: Some(Timestamp::MAX),
        confirmation: Some(remint_core::Confirmation::Jkt([1; 32])),
        ext,
    };
    let stamp = Stamp { log: LogId::new("log-1").unwrap(), position: Position(42) };
    let request = MintRequest { identity: &identity, not_after: Timestamp::MAX, stamp: Some(&stamp), audiences: &[] };
    let token = issuer.mint(&request).unwrap();
    let expected = json!({
        "iss": "https://auth.internal", "aud": "internal", "sub": "acme|alice",
        "exp": 1_767_225_900, "nbf": 1_767_225_600, "iat": 1_767_225_600,
        "jti": token.id().as_str(), "client_id": "web", "scope": "read write",
        "tenant": "acme", "env": "test",
        "cred": { "kind": "jwt", "iss": "https://idp.example", "sub": "alice", "jti": "ext-1" },
        "sid": "s-1",
        "may_act": { "sub": "worker" },
        "act": {
            "sub": "worker", "cred": { "kind": "api_key", "id": "key_1" }, "tenant": "ops",
            "act": {
                "sub": "gateway", "iss": "https://idp.example", "sid": "s-2",
                "cred": { "kind": "jwt", "iss": "https://idp.example", "sub": "gateway", "dig": "A".repeat(43) },
            },
        },
        "rev": { "log": "log-1", "pos": 42 }, "parents": ["t-1", "t-2"],
        "auth_time": 1_767_225_000, "acr": "urn:mace:incommon:iap:silver", "amr": ["pwd", "otp"],
        "roles": ["admin"], "groups": ["staff"], "entitlements": ["export"],
        "ext": { "plan": "gold", "limits": { "seats": 3 } },
    });
    assert_eq!(serde_json::Value::Object(claims_of(&token, &issuer)), expected);
    assert_eq!(token.expires_at(), Timestamp::from_secs(1_767_225_900));
}

#[test]
fn what_is_absent_or_empty_is_left_out() {
    let issuer = builder(&ManualClock::default()).build().unwrap();
    let claims = claims_of(&mint(&issuer), &issuer);
    let names: Vec<_> = claims.keys().map(String::as_str).collect();
    assert_eq!(names, ["aud", "client_id", "cred", "env", "exp", "iat", "iss", "jti", "nbf", "sub"]);
    assert_eq!(claims["cred"], json!({ "kind": "api_key", "id": "key_1" }));
    assert_eq!(claims["env"], "live");
}

#[test]
fn several_audiences_are_an_array() {
    let also = Audience::new("reports").unwrap();
    let issuer = builder(&ManualClock::default()).also_audience(also.clone()).also_audience(also).build().unwrap();
    assert_eq!(claims_of(&mint(&issuer), &issuer)["aud"], json!(["internal", "reports"]));
    assert_eq!(issuer.audiences().len(), 2);
}

#[test]
fn each_algorithm_of_internal_tokens_verifies() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDSA, Algorithm::Rs256, Algorithm::Ps256] {
        let issuer = builder(&ManualClock::default()).algorithm(algorithm).build().unwrap();
        assert_eq!(claims_of(&mint(&issuer), &issuer)["sub"], "alice", "{algorithm}");
    }
}

#[test]
fn an_id_has_128_random_bits_and_is_never_the_same() {
    let issuer = builder(&ManualClock::default()).build().unwrap();
    let ids: std::collections::HashSet<_> = (0..100).map(|_| mint(&issuer).id().clone()).collect();
    assert_eq!(ids.len(), 100);
    assert!(ids.iter().all(|id| id.as_str().len() == 22));
}

#[test]
fn the_key_id_is_the_thumbprint_of_rfc_7638() {
    let issuer = builder(&ManualClock::default()).build().unwrap();
    let token = mint(&issuer);
    let keys = issuer.key_set();
    let jwk = keys.iter().next().unwrap();
    assert_eq!(jwk.key_id(), Some(jwk.thumbprint().as_str()));
    assert_eq!(crate::support::key_id(&token), jwk.thumbprint());
}

#[tokio::test]
async fn the_port_mints_as_the_method_does() {
    use remint_core::TokenIssuer as _;
    let issuer = builder(&ManualClock::default()).build().unwrap();
    let identity = identity();
    let request = MintRequest::new(&identity, Timestamp::MAX);
    let token = issuer.issue(request).await.unwrap();
    assert_eq!(claims_of(&token, &issuer)["sub"], "alice");
}

#[test]
fn a_token_longer_than_services_accept_is_refused_and_not_minted() {
    let issuer = builder(&ManualClock::default()).build().unwrap();
    let mut identity = identity();
    identity.ext.insert("notes", "x".repeat(11_000)).unwrap();
    let mint = |identity: &Identity| issuer.mint(&MintRequest::new(identity, Timestamp::MAX));
    assert!(mint(&identity).is_ok());
    identity.ext.insert("notes", "x".repeat(13_000)).unwrap();
    assert_eq!(mint(&identity).unwrap_err().reason(), "too_long");
    let roomy = builder(&ManualClock::default()).max_length(32 * 1024).build().unwrap();
    let token = roomy.mint(&MintRequest::new(&identity, Timestamp::MAX)).unwrap();
    assert_eq!(claims_of(&token, &roomy)["ext"]["notes"].as_str().unwrap().len(), 13_000);
    assert!(builder(&ManualClock::default()).max_length(64 * 1024 + 1).build().is_err());
}
