//! What is wrong with a token, and what becomes of it.

use remint_core::UnavailableKind;
use remint_issuer::Signer;
use remint_jwt::{Algorithm, SigningKey};
use remint_pkcs11::{Pin, Pkcs11Error, Pkcs11Signer};

use crate::hsm::{self, Hsm, KEY, OTHER_PIN, PIN, pin};

#[tokio::test]
async fn what_cannot_work_is_said_when_it_is_opened() {
    let hsm = Hsm::with_key(Algorithm::Es256).await;
    let with = |label: &str, pin: &str| Pkcs11Signer::builder(hsm::path(), label, Pin::new(pin));
    let token = &*hsm.label;
    let missing = with("another token", PIN).key_label(KEY).connect().await;
    assert!(matches!(missing, Err(Pkcs11Error::Token { count: 0 })), "{missing:?}");
    let missing = with(token, PIN).key_label("another key").connect().await;
    assert!(matches!(missing, Err(Pkcs11Error::Key { kind: "private", count: 0 })), "{missing:?}");
    let missing = with(token, PIN).key_label(KEY).key_id([9]).connect().await;
    assert!(matches!(missing, Err(Pkcs11Error::Key { kind: "private", count: 0 })), "{missing:?}");
    let other_type = with(token, PIN).key_label(KEY).algorithm(Algorithm::Rs256).connect().await;
    assert!(matches!(other_type, Err(Pkcs11Error::Key { .. })), "{other_type:?}");
    let unsupported = with(token, PIN).key_label(KEY).algorithm(Algorithm::EdDSA).connect().await;
    assert!(matches!(unsupported, Err(Pkcs11Error::Setting(_))), "{unsupported:?}");
    for nameless in [with(token, PIN), with(token, PIN).key_label(KEY).sessions(0)] {
        assert!(matches!(nameless.connect().await, Err(Pkcs11Error::Setting(_))));
    }
    let foreign = SigningKey::generate(Algorithm::Es256).unwrap().public_jwk().clone();
    let mismatch = with(token, PIN).key_label(KEY).public_jwk(foreign).connect().await;
    assert!(matches!(mismatch, Err(Pkcs11Error::Mismatch)), "{mismatch:?}");
    let nowhere = Pkcs11Signer::builder("/nonexistent.so", token, Pin::new(PIN)).key_label(KEY).connect().await;
    assert!(matches!(nowhere, Err(Pkcs11Error::Module { .. })), "{nowhere:?}");
    with(token, PIN).key_id([1]).connect().await.expect("the id is enough");

    hsm.generate(Algorithm::Es256, KEY, &[2]);
    let several = with(token, PIN).key_label(KEY).connect().await;
    assert!(matches!(several, Err(Pkcs11Error::Key { count: 2, .. })), "{several:?}");
    with(token, PIN).key_label(KEY).key_id([2]).connect().await.expect("both name one of two");
}

#[tokio::test]
async fn a_pin_is_shown_nowhere() {
    let hsm = Hsm::with_key(Algorithm::Es256).await;
    let wrong = Pkcs11Signer::builder(hsm::path(), &hsm.label, Pin::new(OTHER_PIN)).key_label(KEY);
    let shown = format!("{:?} {:?} {:?}", hsm.builder(), hsm.signer().await, wrong.connect().await.map(drop));
    assert!(!shown.contains("canary"), "{shown}");
}

#[tokio::test]
async fn a_wrong_pin_is_no_key() {
    let hsm = Hsm::with_key(Algorithm::Es256).await;
    let wrong = Pkcs11Signer::builder(hsm::path(), &hsm.label, Pin::new(OTHER_PIN)).key_label(KEY);
    assert!(matches!(wrong.connect().await, Err(Pkcs11Error::Pin)));
    hsm.signer().await;
}

#[tokio::test]
async fn whoever_logs_out_in_this_process_costs_nobody_a_signature() {
    let hsm = Hsm::with_key(Algorithm::Es256).await;
    let signer = hsm.signer().await;
    for _ in 0..3 {
        signer.sign(b"a.b").await.unwrap();
        hsm.session(PIN).logout().unwrap();
    }
    signer.sign(b"a.b").await.unwrap();
}

/// A token locks itself after a few attempts.
#[tokio::test]
async fn a_pin_that_was_refused_is_not_tried_again() {
    let hsm = Hsm::with_key(Algorithm::Es256).await;
    let signer = hsm.signer().await;
    let change = |from: &str, to: &str| {
        let session = hsm.session(from);
        session.set_pin(&pin(from), &pin(to)).unwrap();
        session.logout().unwrap();
    };
    change(PIN, OTHER_PIN);
    assert_eq!(signer.sign(b"a.b").await.unwrap_err().kind(), UnavailableKind::Issuer);
    change(OTHER_PIN, PIN);
    assert!(signer.sign(b"a.b").await.is_err(), "it was tried again");
    hsm.signer().await.sign(b"a.b").await.unwrap();
}
