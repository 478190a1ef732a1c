use remint_core::{
    Audience, ClientId, CredentialRef, Environment, Identity, InternalToken, IssuerId, KeyId, MintRequest, Subject,
    Timestamp,
};
use remint_issuer::{Issuer, IssuerBuilder};
use remint_jwt::{Claims, JwkSet, Jws};
use remint_testkit::ManualClock;
use serde_json::{Map, Value};

pub(crate) fn builder(clock: &ManualClock) -> IssuerBuilder {
    let issuer = IssuerId::new("https://auth.internal").unwrap();
    Issuer::builder(issuer, Audience::new("internal").unwrap()).clock(clock.clone())
}

pub(crate) fn identity() -> Identity {
    let id = KeyId::new("key_1").unwrap();
    let client = ClientId::from(id.clone());
    Identity::new(Subject::new("alice").unwrap(), Environment::Live, client, CredentialRef::ApiKey { id })
}

pub(crate) fn mint(issuer: &Issuer) -> InternalToken {
    mint_until(issuer, Timestamp::MAX)
}

pub(crate) fn mint_until(issuer: &Issuer, not_after: Timestamp) -> InternalToken {
    issuer.mint(&MintRequest::new(&identity(), not_after)).unwrap()
}

/// Verifies a token as a service behind the edge does, under a key set that it holds.
pub(crate) fn verify(token: &InternalToken, keys: &JwkSet) -> Option<Claims> {
    let jws = Jws::parse(token.expose_secret()).unwrap();
    assert_eq!(jws.header().token_type(), Some("at+jwt"));
    let key = keys.find(jws.header().key_id(), jws.header().algorithm()).ok()?;
    Some(jws.verify(&key).unwrap().into_inner())
}

pub(crate) fn claims_of(token: &InternalToken, issuer: &Issuer) -> Map<String, Value> {
    let published = JwkSet::parse(&issuer.jwks()).unwrap();
    verify(token, &published).unwrap().into_map()
}

pub(crate) fn key_id(token: &InternalToken) -> String {
    Jws::parse(token.expose_secret()).unwrap().header().key_id().unwrap().to_owned()
}

/// The key ids that the issuer publishes.
pub(crate) fn published(issuer: &Issuer) -> Vec<String> {
    JwkSet::parse(&issuer.jwks()).unwrap().iter().map(|jwk| jwk.key_id().unwrap().to_owned()).collect()
}
