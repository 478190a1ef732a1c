//! Against the issuer itself.

use std::sync::Arc;
use std::time::Duration;

use remint_core::{
    Actor, Audience, CredentialRef, Environment, Identity, IssuerId, MintRequest, Position, Stamp, Timestamp,
    TokenDigest,
};
use remint_issuer::{Issuer, TransactionIssuer, TransactionMintRequest};
use remint_jwt::Algorithm;
use remint_testkit::ManualClock;
use serde_json::json;

use super::support::{AUDIENCE, ISSUER};
use crate::{TransactionContext, TransactionVerifier, Verifier, VerifierBuilder};

fn issuer(algorithm: Algorithm, clock: &ManualClock) -> Arc<Issuer> {
    let builder = Issuer::builder(IssuerId::new(ISSUER).unwrap(), Audience::new(AUDIENCE).unwrap());
    Arc::new(builder.algorithm(algorithm).clock(clock.clone()).build().unwrap())
}

fn behind(issuer: &Arc<Issuer>, clock: &ManualClock) -> VerifierBuilder {
    let keys = Arc::clone(issuer);
    Verifier::builder(issuer.id().clone(), issuer.audiences()[0].clone())
        .local_keys(move || keys.key_set())
        .clock(clock.clone())
}

fn bare() -> Identity {
    let credential = CredentialRef::ApiKey { id: "k-1".parse().unwrap() };
    Identity::new("alice".parse().unwrap(), Environment::Live, "k-1".parse().unwrap(), credential)
}

fn full() -> Identity {
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
    identity.scopes = "jobs:read jobs:write".parse().unwrap();
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
    identity.ext.insert("plan", json!({ "name": "gold", "seats": 3 })).unwrap();
    identity
}

fn mint(issuer: &Issuer, identity: &Identity) -> String {
    let stamp = Stamp { log: "log-1".parse().unwrap(), position: Position(7) };
    let request = MintRequest { identity, not_after: Timestamp::MAX, stamp: Some(&stamp), audiences: &[] };
    issuer.mint(&request).unwrap().expose_secret().to_owned()
}

#[tokio::test]
async fn the_identity_that_was_minted_is_the_identity_that_is_read() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDSA, Algorithm::Rs256, Algorithm::Ps256] {
        let clock = ManualClock::default();
        let issuer = issuer(algorithm, &clock);
        let verifier = behind(&issuer, &clock).build().await.unwrap();
        for identity in [bare(), full()] {
            let verified = verifier.verify(&mint(&issuer, &identity)).await.unwrap();
            assert_eq!(**verified.get(), identity, "{algorithm}");
        }
    }
}

#[tokio::test]
async fn no_token_is_refused_while_keys_rotate() {
    let clock = ManualClock::default();
    let issuer = issuer(Algorithm::Es256, &clock);
    let verifier = behind(&issuer, &clock).build().await.unwrap();
    issuer.rotate().unwrap();
    let mut latest = mint(&issuer, &bare());
    let first_key = latest.split_once('.').unwrap().0.to_owned();
    // Until the next key has signed, the old one's last token has expired and it was removed.
    for _ in 0..30 {
        let earlier = std::mem::replace(&mut latest, mint(&issuer, &bare()));
        for token in [&earlier, &latest] {
            assert!(verifier.verify(token).await.is_ok());
        }
        clock.advance(Duration::from_secs(60));
        issuer.maintain().unwrap();
    }
    assert_ne!(latest.split_once('.').unwrap().0, first_key, "another key signs now");
    assert_eq!(issuer.key_set().len(), 1);
}

#[tokio::test]
async fn a_token_for_another_service_is_refused() {
    let clock = ManualClock::default();
    let issuer = issuer(Algorithm::Es256, &clock);
    let keys = Arc::clone(&issuer);
    let elsewhere = Verifier::builder(issuer.id().clone(), Audience::new("billing").unwrap())
        .local_keys(move || keys.key_set())
        .clock(clock.clone())
        .build()
        .await
        .unwrap();
    assert_eq!(elsewhere.verify(&mint(&issuer, &bare())).await.unwrap_err().reason(), "audience");
}

#[tokio::test]
async fn the_transaction_that_was_minted_is_the_transaction_that_is_read() {
    let domain = Audience::new("trust-domain.example").unwrap();
    for algorithm in [Algorithm::Es256, Algorithm::EdDSA, Algorithm::Rs256, Algorithm::Ps256] {
        let clock = ManualClock::default();
        let issuer = issuer(algorithm, &clock);
        let minting = TransactionIssuer::new(Arc::clone(&issuer), domain.clone()).unwrap();
        let verifier = behind(&issuer, &clock).build().await.unwrap();
        let reading = TransactionVerifier::new(&verifier, domain.clone()).unwrap();
        let request = TransactionMintRequest {
            identity: &full(),
            not_after: Timestamp::MAX,
            requester: &"gateway".parse().unwrap(),
            audience: &domain,
            scopes: &"jobs:read".parse().unwrap(),
            request_context: None,
            request_details: Some(TransactionContext::parse(br#"{"job": 7}"#).unwrap()),
        };
        let token = minting.mint(&request).await.unwrap();
        let read = reading.verify(token.expose_secret()).await.unwrap().into_inner();
        assert_eq!(*read, minting.verify(token.expose_secret()).unwrap().into_inner(), "{algorithm}");
        assert_eq!((&read.identity.actor, read.scopes().to_string()), (&full().actor, "jobs:read".to_owned()));
        assert_eq!(verifier.verify(token.expose_secret()).await.unwrap_err().reason(), "token_type");
        assert_eq!(reading.verify(&mint(&issuer, &full())).await.unwrap_err().reason(), "token_type");
    }
}
