use std::collections::BTreeSet;

use remint_core::{
    Actor, Audience, CredentialRef, Environment, Ext, Identity, IssuerId, LogId, MayAct, MintRequest, Parents,
    Position, RESERVED_CLAIMS, Stamp, Timestamp,
};
use remint_jwt::Claims;
use serde_json::{Map, Value, json};

use super::{IDENTITY_CLAIMS, IdentityClaims, identity};
use crate::{FRAME_CLAIMS, Frame, InternalClaims};

/// An identity that has everything that can be said of one in a token.
fn whole() -> Identity {
    let name = |text: &str| text.parse().unwrap();
    Identity {
        subject: "alice".parse().unwrap(),
        tenant: Some("acme".parse().unwrap()),
        environment: Environment::Test,
        scopes: "read write".parse().unwrap(),
        client: "web".parse().unwrap(),
        credential: CredentialRef::ApiKey { id: "k-1".parse().unwrap() },
        session: Some("s-1".parse().unwrap()),
        actor: Some(Actor::new("worker".parse().unwrap(), Some(name("https://idp.example")))),
        may_act: Some(MayAct { subject: "worker".parse().unwrap(), issuer: None }),
        parents: Parents::new(name("https://auth.internal"), vec!["t-0".parse().unwrap()]),
        auth_time: Some(Timestamp::from_secs(1_700_000_000)),
        acr: Some("urn:2".to_owned()),
        amr: vec!["pwd".to_owned()],
        roles: vec!["admin".to_owned()],
        groups: vec!["ops".to_owned()],
        entitlements: vec!["export".to_owned()],
        ext: Ext::try_from(Map::from_iter([("plan".to_owned(), json!("gold"))])).unwrap(),
        plan: None,
        credential_ends: None,
        confirmation: None,
    }
}

fn written(identity: &Identity) -> Map<String, Value> {
    let value = serde_json::to_value(IdentityClaims::from(identity)).unwrap();
    value.as_object().unwrap().clone()
}

fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
    names.into_iter().collect()
}

#[test]
fn the_list_has_each_claim_that_is_written_and_no_other() {
    let claims = written(&whole());
    assert_eq!(names(claims.keys().map(String::as_str)), names(IDENTITY_CLAIMS));
}

#[test]
fn each_claim_of_the_list_is_read() {
    let whole = whole();
    let written = |identity| {
        let mut claims = written(identity);
        claims.insert("iss".to_owned(), json!("https://auth.internal"));
        claims
    };
    assert_eq!(identity(Claims::from(written(&whole))).unwrap(), whole);
    for name in IDENTITY_CLAIMS {
        let mut claims = written(&whole);
        claims.remove(name);
        assert!(identity(Claims::from(claims)).ok().as_ref() != Some(&whole), "{name} is not read");
    }
}

#[test]
fn a_claim_of_ours_is_one_that_mapping_and_enrichment_cannot_write() {
    let ours = FRAME_CLAIMS.into_iter().chain(IDENTITY_CLAIMS).chain(["cnf"]);
    assert_eq!(names(ours), names(RESERVED_CLAIMS.iter().copied()));
}

#[test]
fn an_internal_token_has_no_claims_but_those_of_the_lists() {
    let (identity, issuer) = (whole(), "https://auth.internal".parse::<IssuerId>().unwrap());
    let audiences: [Audience; 1] = ["internal".parse().unwrap()];
    let stamp = Stamp { log: LogId::new("log").unwrap(), position: Position(1) };
    let request = MintRequest { stamp: Some(&stamp), ..MintRequest::new(&identity, Timestamp::MAX) };
    let (id, now) = ("t-1".parse().unwrap(), Timestamp::from_secs(1));
    let frame = Frame { issuer: &issuer, audiences: &audiences, id: &id, issued_at: now, expires_at: now };
    let claims = serde_json::to_value(InternalClaims::new(&frame, &request)).unwrap();
    let expected = FRAME_CLAIMS.into_iter().chain(IDENTITY_CLAIMS);
    assert_eq!(names(claims.as_object().unwrap().keys().map(String::as_str)), names(expected));
}

#[test]
fn the_parents_are_the_issuers_and_eight_at_most() {
    let claims = |parents: Value| {
        let mut claims = written(&whole());
        claims.extend([("iss".to_owned(), json!("https://auth.internal")), ("parents".to_owned(), parents)]);
        Claims::from(claims)
    };
    let ids = |count: usize| json!((0..count).map(|number| format!("t-{number}")).collect::<Vec<_>>());
    for count in [1, 8] {
        let parents = identity(claims(ids(count))).unwrap().parents.unwrap();
        assert_eq!((parents.issuer().as_str(), parents.ids().len()), ("https://auth.internal", count));
    }
    for parents in [ids(0), ids(9), Value::Null, json!("t-1"), json!([1]), json!([""])] {
        assert!(identity(claims(parents.clone())).is_err(), "{parents}");
    }
}
