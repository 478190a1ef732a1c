//! A signing key that is held elsewhere.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use remint_conformance::signer::LocalSigner;
use remint_core::{InternalToken, MintRequest, Refusal, Timestamp, TokenIssuer as _, Unavailable, UnavailableKind};
use remint_issuer::{Issuer, IssuerError, KeyState, Signer};
use remint_jwt::{Algorithm, Jwk, SigningKey};
use remint_testkit::ManualClock;

use crate::support::{builder, identity, key_id, published, verify};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    Garbage,
    Empty,
    OtherBytes,
    OtherKey,
    Outage(UnavailableKind),
    Silence,
}

#[derive(Debug)]
struct Faulty(LocalSigner, Fault);

#[async_trait]
impl Signer for Faulty {
    fn algorithm(&self) -> Algorithm {
        self.0.algorithm()
    }

    fn public_jwk(&self) -> &Jwk {
        self.0.public_jwk()
    }

    async fn sign(&self, signing_input: &[u8]) -> Result<Vec<u8>, Unavailable> {
        match self.1 {
            Fault::Garbage => Ok(vec![7; 64]),
            Fault::Empty => Ok(Vec::new()),
            Fault::OtherBytes => self.0.sign(&[signing_input, b"."].concat()).await,
            Fault::OtherKey => LocalSigner::generate(Algorithm::Es256).sign(signing_input).await,
            Fault::Outage(kind) => Err(Unavailable::new(kind)),
            Fault::Silence => std::future::pending().await,
        }
    }
}

fn issuer(signer: impl Signer) -> Issuer {
    builder(&ManualClock::default()).signer(signer).build().unwrap()
}

async fn issue(issuer: &Issuer) -> Result<InternalToken, Refusal> {
    issuer.issue(MintRequest::new(&identity(), Timestamp::MAX)).await
}

#[tokio::test]
async fn a_token_that_was_signed_elsewhere_is_as_any_other() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDSA, Algorithm::Rs256, Algorithm::Ps256] {
        let issuer = issuer(LocalSigner::generate(algorithm));
        let token = issue(&issuer).await.unwrap();
        assert_eq!(published(&issuer), [key_id(&token)]);
        let claims = verify(&token, &issuer.key_set()).unwrap();
        assert_eq!((claims.subject().unwrap(), claims.issuer().unwrap()), ("alice", "https://auth.internal"));
        let key = issuer.keys().remove(0);
        assert_eq!((key.state, key.algorithm), (KeyState::Signing, Some(algorithm)));
    }
}

#[tokio::test]
async fn many_at_once_get_a_token_each() {
    let issuer = Arc::new(issuer(LocalSigner::generate(Algorithm::Es256)));
    let mut ids = std::collections::HashSet::new();
    let asked: Vec<_> = (0..50)
        .map(|_| {
            let issuer = Arc::clone(&issuer);
            tokio::spawn(async move { issue(&issuer).await })
        })
        .collect();
    for token in asked {
        let token = token.await.unwrap().unwrap();
        assert!(verify(&token, &issuer.key_set()).is_some());
        ids.insert(token.id().as_str().to_owned());
    }
    assert_eq!(ids.len(), 50);
}

#[tokio::test(start_paused = true)]
async fn a_signer_that_is_out_of_order_is_an_outage_and_never_a_token() {
    for fault in [
        Fault::Garbage,
        Fault::Empty,
        Fault::OtherBytes,
        Fault::OtherKey,
        Fault::Outage(UnavailableKind::Issuer),
        Fault::Outage(UnavailableKind::Store),
        Fault::Silence,
    ] {
        let issuer = issuer(Faulty(LocalSigner::generate(Algorithm::Es256), fault));
        let outage = tokio::time::timeout(Duration::from_secs(60), issue(&issuer)).await.expect("in bounded time");
        assert_eq!(outage.unwrap_err().reason(), "issuer", "{fault:?}");
    }
}

#[tokio::test]
async fn without_waiting_there_is_no_token() {
    let issuer = issuer(LocalSigner::generate(Algorithm::Es256));
    let outage = issuer.mint(&MintRequest::new(&identity(), Timestamp::MAX)).unwrap_err();
    assert_eq!(outage.reason(), "issuer");
}

#[tokio::test]
async fn a_source_that_has_ended_is_not_signed_for() {
    let issuer = issuer(Faulty(LocalSigner::generate(Algorithm::Es256), Fault::Silence));
    let ended = issuer.issue(MintRequest::new(&identity(), Timestamp::from_secs(0))).await.unwrap_err();
    assert_eq!(ended.reason(), "internal");
}

#[test]
fn a_key_elsewhere_is_replaced_elsewhere() {
    let next = SigningKey::generate(Algorithm::Es256).unwrap();
    let building = builder(&ManualClock::default()).signer(LocalSigner::generate(Algorithm::Es256));
    let issuer = building.also_publish(next.public_jwk().clone()).build().unwrap();
    assert_eq!(published(&issuer)[1], next.key_id());
    assert!(matches!(issuer.rotate(), Err(IssuerError::FixedKey)));
    issuer.maintain().unwrap();
}

#[test]
fn an_algorithm_of_no_internal_token_is_refused() {
    let signer = LocalSigner::generate(Algorithm::Es384);
    assert!(matches!(builder(&ManualClock::default()).signer(signer).build(), Err(IssuerError::Setting(_))));
}
