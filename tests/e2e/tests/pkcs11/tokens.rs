//! Internal tokens under a key that never leaves the token.

use std::sync::Arc;

use remint_core::{
    Audience, ClientId, CredentialRef, Environment, Identity, IssuerId, KeyId, MintRequest, Subject, Timestamp,
    TokenIssuer,
};
use remint_issuer::Issuer;
use remint_jwt::{Algorithm, SigningKey};
use remint_verify::Verifier;

use crate::hsm::{self, Hsm};

fn identity() -> Identity {
    let id = KeyId::new("key_1").unwrap();
    let client = ClientId::from(id.clone());
    Identity::new(Subject::new("alice").unwrap(), Environment::Live, client, CredentialRef::ApiKey { id })
}

#[tokio::test]
async fn a_service_behind_the_edge_accepts_what_the_token_has_signed() {
    for algorithm in [Algorithm::Es256, Algorithm::Rs256, Algorithm::Ps256] {
        let hsm = Hsm::with_key(algorithm).await;
        let signer = hsm.builder().algorithm(algorithm).connect().await.unwrap();
        let next = SigningKey::generate(Algorithm::Es256).unwrap();
        let (id, audience) = (IssuerId::new("https://auth.internal").unwrap(), Audience::new("internal").unwrap());
        let issuer = Issuer::builder(id.clone(), audience.clone()).signer(signer);
        let issuer = Arc::new(issuer.also_publish(next.public_jwk().clone()).build().unwrap());
        let keys = Arc::clone(&issuer);
        let behind = Verifier::builder(id, audience).local_keys(move || keys.key_set()).build().await.unwrap();
        let identity = identity();
        for _ in 0..20 {
            let token = issuer.issue(MintRequest::new(&identity, Timestamp::MAX)).await.unwrap();
            let verified = behind.verify(token.expose_secret()).await.unwrap();
            assert_eq!(**verified.get(), identity, "{algorithm}");
        }
        hsm::end();
        let outage = issuer.issue(MintRequest::new(&identity, Timestamp::MAX)).await.unwrap_err();
        assert_eq!(outage.reason(), "issuer");
    }
}
