//! Keys whose pepper is at another node.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use remint_apikey::{ApiKey, ForeignDigest, ImportedKey, Leak, MemoryStore, NewKey, Peppers, TextFormat};
use remint_conformance::key_store::Severable;
use remint_core::{DeniedKind, Environment, StoreRegistry, Timestamp, UnavailableKind};

use crate::support::{Bench, alice, is_out, pepper};

/// Two nodes over one store with a pepper each, and a key that the first one made.
async fn two_nodes() -> (Bench, Bench, ApiKey) {
    let store = Severable::new(MemoryStore::new());
    let [first, second] = ["first", "second"].map(|text| Bench::over(store.clone(), Peppers::new(pepper(text))));
    first.sign_up().await;
    let (key, _) = first.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
    (first, second, key)
}

#[tokio::test]
async fn a_key_whose_pepper_is_not_here_is_an_outage_and_not_unknown() {
    let (first, second, key) = two_nodes().await;
    assert!(is_out(&second.ask(key.expose_secret()).await));
    let known = second.keys.known(key.expose_secret()).await;
    assert_eq!(known.unwrap_err().kind(), UnavailableKind::Pepper);
    assert!(second.keys.report_leak(key.expose_secret(), &Leak::default()).await.is_err(), "it is no false report");
    assert_eq!(second.keys.missing_peppers().await.unwrap(), [pepper("first").id()]);
    first.accepted(&key).await;
    assert!(first.keys.missing_peppers().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_a_stranger_sends_is_unknown_though_a_pepper_is_missing() {
    let (_, second, _) = two_nodes().await;
    for _ in 0..8 {
        // Of the right format, and as random as a real one.
        let other = Bench::new();
        other.sign_up().await;
        let (strange, _) = other.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
        assert_eq!(second.denied(strange.expose_secret()).await, DeniedKind::UnknownApiKey);
    }
}

#[tokio::test]
async fn a_key_that_would_be_refused_anyway_is_unknown_where_its_pepper_is_missing() {
    let (first, second, key) = two_nodes().await;
    let (ends, record) = first.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
    assert!(is_out(&second.ask(ends.expose_secret()).await));
    first.keys.revoke(&record.id).await.unwrap();
    assert_eq!(second.denied(ends.expose_secret()).await, DeniedKind::UnknownApiKey);
    assert!(is_out(&second.ask(key.expose_secret()).await));
    first.keys.set_user_enabled(&alice(), false).await.unwrap();
    assert_eq!(second.denied(key.expose_secret()).await, DeniedKind::UnknownApiKey);
}

#[tokio::test]
async fn a_pepper_that_was_given_up_makes_its_keys_unknown() {
    let (_, second, key) = two_nodes().await;
    let record = second.store.record().await.unwrap();
    let mut depends_on = record.depends_on.clone();
    depends_on.given_up = second.store.live_schemes("", Timestamp::from_secs(0)).await.unwrap();
    assert!(second.store.set_dependencies(record.revision, &depends_on).await.unwrap());
    assert_eq!(second.denied(key.expose_secret()).await, DeniedKind::UnknownApiKey);
    assert!(second.keys.missing_peppers().await.unwrap().is_empty());
}

const OPAQUE: &str = "sk_live_0123456789abcdefghijkl";

/// A key that two nodes know by its fast digest.
async fn two_nodes_with_an_imported_key() -> (Bench, Bench) {
    let formats = || ["remint", "opaque:sk_live_"].map(|format| format.parse::<TextFormat>().unwrap());
    let (mut first, mut second, _) = two_nodes().await;
    first.keys = first.keys.accepting(formats().to_vec());
    second.keys = second.keys.accepting(formats().to_vec());
    let digest = ForeignDigest::parse("sha256", &sha256(OPAQUE)).unwrap();
    let key = ImportedKey::new(alice(), Environment::Live, &formats()[1], "sk_live_0123", digest).unwrap();
    first.keys.import(vec![key]).await.unwrap();
    (first, second)
}

fn sha256(text: &str) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn an_imported_key_that_one_node_hashed_again_is_an_outage_at_a_node_without_its_pepper() {
    let (first, second) = two_nodes_with_an_imported_key().await;
    assert!(second.ask(OPAQUE).await.is_ok());
    assert_eq!(first.store.rehashed(), 0, "the second node lacks a pepper that a live key names");
    assert!(first.ask(OPAQUE).await.is_ok());
    assert_eq!(first.store.rehashed(), 1);
    assert!(first.ask(OPAQUE).await.is_ok());
    assert!(is_out(&second.ask(OPAQUE).await));
}

#[tokio::test]
async fn a_node_whose_pepper_is_not_the_registered_one_hashes_no_key_again() {
    let (first, second) = two_nodes_with_an_imported_key().await;
    let registered = remint_apikey::Pairing::new(
        std::sync::Arc::new(first.store.clone()),
        remint_apikey::SecretSources::ephemeral(Peppers::new(pepper("first"))),
        std::sync::Arc::new(first.clock.clone()),
    );
    registered.start().await.unwrap();
    for _ in 0..3 {
        assert!(second.ask(OPAQUE).await.is_ok());
    }
    assert_eq!(first.store.rehashed(), 0);
    assert!(first.ask(OPAQUE).await.is_ok());
    assert_eq!(first.store.rehashed(), 1);
}
