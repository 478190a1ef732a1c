//! A signing key that whoever builds the issuer gives.

use remint_issuer::{IssuerError, KeyState};
use remint_jwt::{Algorithm, Jwk, SigningKey};
use remint_testkit::ManualClock;

use crate::support::{builder, key_id, mint, published, verify};

fn key(algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(algorithm).unwrap()
}

#[test]
fn a_key_that_was_given_signs_and_nothing_is_made() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDSA, Algorithm::Rs256, Algorithm::Ps256] {
        let pem = key(algorithm).to_pem().unwrap();
        let given = SigningKey::from_pem(algorithm, &pem).unwrap();
        let id = given.key_id().to_owned();
        let issuer = builder(&ManualClock::default()).signing_key(given).build().unwrap();
        let token = mint(&issuer);
        assert_eq!((key_id(&token), published(&issuer)), (id.clone(), vec![id]));
        assert!(verify(&token, &issuer.key_set()).is_some());
        issuer.maintain().unwrap();
    }
}

#[test]
fn the_next_and_the_last_key_are_published_beside_it_and_sign_nothing() {
    let (last, own, next) = (key(Algorithm::Rs256), key(Algorithm::Es256), key(Algorithm::Es256));
    let also = [&last, &own, &next].map(|key| key.public_jwk().clone());
    let pem = own.to_pem().unwrap();
    let mut building = builder(&ManualClock::default()).signing_key(own);
    for key in also {
        building = building.also_publish(key);
    }
    let issuer = building.build().unwrap();
    let states: Vec<_> = issuer.keys().into_iter().map(|key| (key.key_id, key.state)).collect();
    let own = SigningKey::from_pem(Algorithm::Es256, &pem).unwrap();
    let expected = [(&own, KeyState::Signing), (&last, KeyState::Published), (&next, KeyState::Published)];
    assert_eq!(states, expected.map(|(key, state)| (key.key_id().to_owned(), state)));
    assert_eq!(key_id(&mint(&issuer)), own.key_id());
}

#[test]
fn a_public_key_without_an_id_is_published_under_its_thumbprint() {
    let (own, next) = (key(Algorithm::Es256), key(Algorithm::Es256));
    let anonymous = |algorithm: bool| {
        let mut json = next.public_jwk().to_json();
        json.as_object_mut().unwrap().remove("kid");
        if !algorithm {
            json.as_object_mut().unwrap().remove("alg");
        }
        Jwk::parse(json.to_string().as_bytes()).unwrap()
    };
    let issuer =
        builder(&ManualClock::default()).signing_key(key(Algorithm::Es256)).also_publish(anonymous(true)).build();
    assert_eq!(published(&issuer.unwrap())[1], next.key_id());
    let refused = builder(&ManualClock::default()).signing_key(own).also_publish(anonymous(false)).build();
    assert!(matches!(refused, Err(IssuerError::Setting(_))));
}

#[test]
fn a_key_that_was_given_is_not_this_issuers_to_rotate() {
    let issuer = builder(&ManualClock::default()).signing_key(key(Algorithm::Es256)).build().unwrap();
    assert!(matches!(issuer.rotate(), Err(IssuerError::FixedKey)));
    assert!(matches!(issuer.retire(&published(&issuer)[0]), Err(IssuerError::FixedKey)));
    assert_eq!(published(&issuer).len(), 1);
}

#[test]
fn what_cannot_be_together_is_refused() {
    let clock = ManualClock::default();
    let folder = remint_testkit::private_folder();
    let given = || builder(&clock).signing_key(key(Algorithm::Es256));
    for (building, why) in [
        (given().key_folder(folder.path()), "two places of keys"),
        (given().rotate_every(std::time::Duration::from_secs(86_400)), "it cannot rotate"),
        (builder(&clock).also_publish(key(Algorithm::Es256).public_jwk().clone()), "a stranger among own keys"),
        (builder(&clock).signing_key(key(Algorithm::Es384)), "not an algorithm of internal tokens"),
    ] {
        assert!(matches!(building.build(), Err(IssuerError::Setting(_))), "{why}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
