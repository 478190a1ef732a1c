//! A transaction token: what one writes the other reads, and what is refused.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use proptest::prelude::*;
use remint_core::{
    Actor, Audience, CredentialRef, DeniedKind, Environment, Ext, Identity, IssuerId, MayAct, Timestamp, TokenDigest,
};
use remint_jwt::{Algorithm, Claims, Jws, SigningKey};
use remint_token::{
    ContextError, Expectations, MAX_CONTEXT_DEPTH, MAX_CONTEXT_LEN, MAX_CONTEXT_VALUES, TRANSACTION_TYPE, Transaction,
    TransactionClaims, TransactionContext, TransactionExpectations, transaction,
};
use serde_json::{Value, json};

const NOW: u64 = 1_767_225_600;
const ISSUER: &str = "https://auth.internal";
const DOMAIN: &str = "trust-domain.example";

fn context(value: &Value) -> Result<TransactionContext, ContextError> {
    TransactionContext::parse(value.to_string().as_bytes())
}

fn full() -> Transaction {
    let credential = CredentialRef::Jwt {
        issuer: "https://idp.example".parse().unwrap(),
        subject: "alice".parse().unwrap(),
        id: None,
        digest: Some(TokenDigest([7; 32])),
    };
    let edge = Actor {
        credential: Some(credential.clone()),
        session: Some("s-2".parse().unwrap()),
        ..Actor::new("edge".parse().unwrap(), Some("https://idp.example".parse().unwrap()))
    };
    let mut identity =
        Identity::new("acme|alice".parse().unwrap(), Environment::Test, "web".parse().unwrap(), credential);
    identity.tenant = Some("acme".parse().unwrap());
    identity.scopes = "trade.bonds trade.stocks".parse().unwrap();
    identity.session = Some("s-1".parse().unwrap());
    identity.actor = Some(Actor {
        credential: Some(CredentialRef::ApiKey { id: "k-2".parse().unwrap() }),
        tenant: Some("ops".parse().unwrap()),
        actor: Some(Box::new(edge)),
        ..Actor::new("worker".parse().unwrap(), None)
    });
    identity.auth_time = Some(Timestamp::from_secs(1_700_000_000));
    identity.acr = Some("urn:2".to_owned());
    identity.amr = vec!["pwd".to_owned()];
    identity.roles = vec!["admin".to_owned()];
    identity.groups = vec!["ops".to_owned()];
    identity.entitlements = vec!["export".to_owned()];
    identity.ext.insert("plan", json!({ "name": "gold" })).unwrap();
    Transaction {
        id: "97053963-771d-49cc-a4e3-20aad399c312".parse().unwrap(),
        trust_domain: DOMAIN.parse().unwrap(),
        identity,
        requester: "orders".parse().unwrap(),
        earlier_requesters: vec!["gateway".parse().unwrap(), "basket".parse().unwrap()],
        request_context: context(&json!({ "req_ip": "69.151.72.123", "authn": "face" })).unwrap(),
        request_details: context(&json!({ "action": "BUY", "price": 12.5, "to": { "geo": "US" } })).unwrap(),
        issued_at: Timestamp::from_secs(NOW),
        expires_at: Timestamp::from_secs(NOW + 60),
    }
}

fn written(transaction: &Transaction) -> Value {
    let issuer = IssuerId::new(ISSUER).unwrap();
    serde_json::to_value(TransactionClaims::new(&issuer, transaction)).unwrap()
}

fn read(claims: &Value) -> Result<Transaction, DeniedKind> {
    transaction(Claims::parse(claims.to_string().as_bytes()).unwrap()).map_err(|denied| denied.kind())
}

/// The claims of a whole transaction with some replaced, or, by `null`, left out.
fn with(changes: Value) -> Value {
    let mut claims = written(&full());
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

fn check(typ: &str, claims: &Value) -> Result<(), DeniedKind> {
    let expected = TransactionExpectations::new(ISSUER.parse().unwrap(), DOMAIN.parse().unwrap());
    let token = SigningKey::generate(Algorithm::EdDSA).unwrap().sign(typ, claims).unwrap();
    expected.check(&Jws::parse(&token).unwrap(), Timestamp::from_secs(NOW)).map_err(|denied| denied.kind())
}

#[test]
fn the_claims_are_those_of_the_draft_and_those_of_an_internal_token_beside_them() {
    let digest = TokenDigest([7; 32]);
    let expected = json!({
        "iss": ISSUER, "aud": DOMAIN, "iat": NOW, "exp": NOW + 60,
        "txn": "97053963-771d-49cc-a4e3-20aad399c312",
        "sub": "acme|alice", "scope": "trade.bonds trade.stocks",
        "req_wl": "orders", "req_wl_chain": ["gateway", "basket"],
        "rctx": { "req_ip": "69.151.72.123", "authn": "face" },
        "tctx": { "action": "BUY", "price": 12.5, "to": { "geo": "US" } },
        "client_id": "web", "tenant": "acme", "env": "test",
        "cred": { "kind": "jwt", "iss": "https://idp.example", "sub": "alice", "dig": digest },
        "sid": "s-1",
        "act": {
            "sub": "worker", "cred": { "kind": "api_key", "id": "k-2" }, "tenant": "ops",
            "act": {
                "sub": "edge", "iss": "https://idp.example", "sid": "s-2",
                "cred": { "kind": "jwt", "iss": "https://idp.example", "sub": "alice", "dig": digest },
            },
        },
        "auth_time": 1_700_000_000, "acr": "urn:2", "amr": ["pwd"], "roles": ["admin"], "groups": ["ops"],
        "entitlements": ["export"], "ext": { "plan": { "name": "gold" } },
    });
    assert_eq!(written(&full()), expected);
}

#[test]
fn what_is_optional_and_absent_is_left_out() {
    let mut bare = full();
    let credential = CredentialRef::Client { id: "web".parse().unwrap() };
    bare.identity = Identity {
        scopes: "a".parse().unwrap(),
        ext: Ext::new(),
        ..Identity::new("alice".parse().unwrap(), Environment::Live, "web".parse().unwrap(), credential)
    };
    bare.earlier_requesters.clear();
    (bare.request_context, bare.request_details) = Default::default();
    let claims = written(&bare);
    let names: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["aud", "client_id", "cred", "env", "exp", "iat", "iss", "req_wl", "scope", "sub", "txn"]);
    assert_eq!(read(&claims), Ok(bare));
}

#[test]
fn the_transaction_that_was_written_is_the_transaction_that_is_read() {
    assert_eq!(read(&written(&full())), Ok(full()));
    assert_eq!(check(TRANSACTION_TYPE, &written(&full())), Ok(()));
    let actor = read(&written(&full())).unwrap().actor().cloned();
    assert_eq!(actor.unwrap().actor.unwrap().subject.as_str(), "edge", "delegation is not lost");
}

#[test]
fn nobody_becomes_an_actor_by_a_transaction_token() {
    let mut with_right = full();
    with_right.identity.may_act = Some(MayAct { subject: "worker".parse().unwrap(), issuer: None });
    assert_eq!(written(&with_right), written(&full()));
    assert_eq!(read(&with(json!({ "may_act": { "sub": "worker" } }))), Ok(full()));
}

#[test]
fn claims_of_other_names_are_passed_over() {
    assert_eq!(read(&with(json!({ "purp": "x", "azd": {} }))), Ok(full()));
}

#[test]
fn what_a_requester_states_is_never_taken_for_what_the_issuer_vouches_for() {
    let forged = json!({
        "act": { "sub": "root" }, "sub": "root", "env": "live", "tenant": "other", "scope": "admin", "txn": "1",
    });
    let mut stated = full();
    stated.request_context = context(&forged).unwrap();
    stated.request_details = context(&forged).unwrap();
    let read = read(&written(&stated)).unwrap();
    assert_eq!((&read.identity, &read.id), (&full().identity, &full().id));
}

#[test]
fn a_claim_that_must_be_there_must_be_there() {
    for name in ["iat", "exp", "aud", "txn", "sub", "scope", "req_wl", "env", "client_id", "cred"] {
        assert_eq!(read(&with(json!({ name: null }))), Err(DeniedKind::Claim), "{name}");
        let mut null = written(&full());
        null[name] = Value::Null;
        assert_eq!(read(&null), Err(DeniedKind::Claim), "{name}: null");
    }
    for name in ["rctx", "tctx", "req_wl_chain", "act", "tenant", "ext"] {
        let mut null = written(&full());
        null[name] = Value::Null;
        assert_eq!(read(&null), Err(DeniedKind::Claim), "{name}: null is not absence");
    }
}

#[test]
fn a_claim_must_be_what_it_must_be() {
    for changes in [
        json!({ "txn": "" }),
        json!({ "txn": 1 }),
        json!({ "txn": "t".repeat(129) }),
        json!({ "sub": "" }),
        json!({ "scope": "" }),
        json!({ "scope": " " }),
        json!({ "scope": ["a"] }),
        json!({ "scope": "a\"b" }),
        json!({ "req_wl": "" }),
        json!({ "req_wl": ["a", "b"] }),
        json!({ "req_wl_chain": "a" }),
        json!({ "req_wl_chain": [""] }),
        json!({ "req_wl_chain": ["a", "a", "a", "a", "a", "a", "a", "a", "a"] }),
        json!({ "rctx": [] }),
        json!({ "rctx": "x" }),
        json!({ "rctx": { "x": "x".repeat(MAX_CONTEXT_LEN) } }),
        json!({ "tctx": [] }),
        json!({ "tctx": { "x": vec![0; MAX_CONTEXT_VALUES] } }),
        json!({ "act": {} }),
        json!({ "act": "worker" }),
        json!({ "cred": { "kind": "password" } }),
        json!({ "ext": { "sub": "root" } }),
    ] {
        assert_eq!(read(&with(changes.clone())), Err(DeniedKind::Claim), "{changes}");
    }
}

#[test]
fn each_registered_claim_that_is_wrong_is_refused_for_its_own_reason() {
    for (changes, expected) in [
        (json!({ "iss": null }), DeniedKind::Claim),
        (json!({ "iss": "https://auth.internal/" }), DeniedKind::UntrustedIssuer),
        (json!({ "aud": null }), DeniedKind::Claim),
        (json!({ "aud": "internal" }), DeniedKind::Audience),
        (json!({ "aud": "trust-domain.example." }), DeniedKind::Audience),
        (json!({ "aud": [DOMAIN, "internal"] }), DeniedKind::Audience),
        (json!({ "exp": null }), DeniedKind::Claim),
        (json!({ "exp": NOW }), DeniedKind::Expired),
        (json!({ "exp": "1" }), DeniedKind::Claim),
        (json!({ "iat": null }), DeniedKind::Claim),
        (json!({ "iat": NOW + 31 }), DeniedKind::NotYetValid),
        (json!({ "nbf": NOW + 31 }), DeniedKind::NotYetValid),
        (json!({ "exp": NOW + 301 }), DeniedKind::Lifetime),
        (json!({ "cnf": { "jkt": "x" } }), DeniedKind::SenderConstrained),
    ] {
        assert_eq!(check(TRANSACTION_TYPE, &with(changes.clone())), Err(expected), "{changes}");
    }
    assert_eq!(check(TRANSACTION_TYPE, &with(json!({ "exp": NOW + 300 }))), Ok(()));
    assert_eq!(check(TRANSACTION_TYPE, &with(json!({ "iat": NOW + 30 }))), Ok(()));
}

#[test]
fn no_other_type_is_a_transaction_token() {
    for typ in ["", "JWT", "at+jwt", "txn_token", "N_A", "txntoken", "txntoken+jwt ", "application/at+jwt"] {
        assert_eq!(check(typ, &written(&full())), Err(DeniedKind::TokenType), "{typ}");
    }
    for typ in ["TXNTOKEN+JWT", "application/txntoken+jwt", "Application/TxnToken+jwt"] {
        assert_eq!(check(typ, &written(&full())), Ok(()), "{typ}");
    }
}

#[test]
fn a_transaction_token_without_a_key_id_is_refused() {
    let key = SigningKey::generate(Algorithm::EdDSA).unwrap();
    let token = key.sign(TRANSACTION_TYPE, &written(&full())).unwrap();
    let (_, rest) = token.split_once('.').unwrap();
    // {"typ":"txntoken+jwt","alg":"EdDSA"}
    let token = format!("eyJ0eXAiOiJ0eG50b2tlbitqd3QiLCJhbGciOiJFZERTQSJ9.{rest}");
    let expected = TransactionExpectations::new(ISSUER.parse().unwrap(), DOMAIN.parse().unwrap());
    let denied = expected.check(&Jws::parse(&token).unwrap(), Timestamp::from_secs(NOW)).unwrap_err();
    assert_eq!(denied.kind(), DeniedKind::Structure);
}

#[test]
fn a_transaction_token_is_no_internal_token_by_its_type_and_not_by_that_alone() {
    // For the same audience, which no issuer of ours would do.
    let expected = Expectations::new(ISSUER.parse().unwrap(), Audience::new(DOMAIN).unwrap());
    let key = SigningKey::generate(Algorithm::EdDSA).unwrap();
    let refused = |typ: &str| {
        let token = key.sign(typ, &written(&full())).unwrap();
        expected.check(&Jws::parse(&token).unwrap(), Timestamp::from_secs(NOW)).unwrap_err().kind()
    };
    assert_eq!(refused(TRANSACTION_TYPE), DeniedKind::TokenType);
    assert_eq!(refused("at+jwt"), DeniedKind::Claim, "there is no jti");
}

#[test]
fn a_context_is_a_json_object_within_limits() {
    let nested = |levels: usize| (1..levels).fold(json!({}), |inner, _| json!({ "x": inner }));
    let long = |len: usize| json!({ "x": "x".repeat(len - r#"{"x":""}"#.len()) });
    let wide = |values: usize| json!({ "x": vec![0; values - 1] });
    for (value, expected) in [
        (nested(MAX_CONTEXT_DEPTH), None),
        (nested(MAX_CONTEXT_DEPTH + 1), Some(ContextError::TooDeep)),
        (long(MAX_CONTEXT_LEN), None),
        (long(MAX_CONTEXT_LEN + 1), Some(ContextError::TooLong)),
        (wide(MAX_CONTEXT_VALUES), None),
        (wide(MAX_CONTEXT_VALUES + 1), Some(ContextError::TooManyValues)),
        (json!({ "x": 9_007_199_254_740_991_u64 }), None),
        (json!({ "x": 9_007_199_254_740_992_u64 }), Some(ContextError::Number)),
        (json!({ "x": -9_007_199_254_740_991_i64 }), None),
        (json!({ "x": -9_007_199_254_740_992_i64 }), Some(ContextError::Number)),
        (json!({ "x": [{ "y": 1e16 }] }), Some(ContextError::Number)),
        (json!({ "x": [null, true, "", -1, 0.01, {}] }), None),
    ] {
        assert_eq!(context(&value).err(), expected, "{:.60}", value.to_string());
    }
    for text in ["", "[]", "\"x\"", "null", "{", "{} {}", "{'a':1}", r#"{"a":1,"a":1}"#, r#"{"a":{"b":1,"b":2}}"#] {
        assert_eq!(TransactionContext::parse(text.as_bytes()), Err(ContextError::Malformed), "{text}");
    }
    assert_eq!(TransactionContext::parse(b"{\"a\":\"\xff\"}"), Err(ContextError::Malformed));
    assert_eq!(TransactionContext::parse(&[b' '; MAX_CONTEXT_LEN + 1]), Err(ContextError::TooLong));
}

#[test]
fn a_context_that_grows_when_it_is_written_is_measured_as_it_is_written() {
    // 1e15 is written as 1000000000000000.0: 4 bytes become 18.
    let small = format!(r#"{{"x":[{}],"y":"{}"}}"#, vec!["1e15"; 120].join(","), "y".repeat(2500));
    assert!(small.len() <= MAX_CONTEXT_LEN);
    assert_eq!(TransactionContext::parse(small.as_bytes()), Err(ContextError::TooLong));
}

#[test]
fn members_are_added_to_a_context_and_none_is_changed() {
    let held = context(&json!({ "a": 1 })).unwrap();
    let both = held.with(&context(&json!({ "a": 1, "b": 2 })).unwrap()).unwrap();
    assert_eq!(both, context(&json!({ "a": 1, "b": 2 })).unwrap());
    assert_eq!(held.with(&context(&json!({ "a": 2 })).unwrap()), Err(ContextError::Changed));
    let long = context(&json!({ "x": "x".repeat(MAX_CONTEXT_LEN - 20) })).unwrap();
    let more = context(&json!({ "y": "y".repeat(20) })).unwrap();
    assert_eq!(long.with(&more), Err(ContextError::TooLong));
}

#[test]
fn debug_shows_no_member_of_a_context() {
    assert!(!format!("{:?}", context(&json!({ "canary": "canary" })).unwrap()).contains("canary"));
}

proptest! {
    #[test]
    fn what_was_read_stays_the_same_however_often_it_is_written(real in -9e15..9e15_f64) {
        let read = context(&json!({ "x": real, "y": real / 1e9 })).unwrap();
        let again = TransactionContext::parse(&serde_json::to_vec(&read).unwrap());
        prop_assert_eq!(again, Ok(read));
    }
}
