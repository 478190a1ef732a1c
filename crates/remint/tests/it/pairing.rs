//! An edge is not built over a store and secrets that do not belong together.
#![cfg(feature = "sqlite")]

use std::fs;
use std::path::Path;

use axum::http::StatusCode;
use remint::{Edge, Environment, KeyStore, PairingError, Pepper, Peppers, Remint, RemintError, Sqlite};

use crate::support::{app, ask, key_of};

/// With the store, to be closed: a file is moved whole only then.
async fn build(folder: &Path) -> (Result<Edge, RemintError>, Sqlite) {
    let store = Sqlite::open(folder.join("keys.db")).await.unwrap();
    let builder = Remint::builder("https://auth.internal", "internal").api_keys(store.clone());
    (builder.keys_in(folder.join("keys")).build().await, store)
}

async fn refused(folder: &Path) -> RemintError {
    let (outcome, store) = build(folder).await;
    store.close().await;
    outcome.unwrap_err()
}

fn ephemeral(store: impl KeyStore) -> impl Future<Output = Result<Edge, RemintError>> {
    Remint::builder("https://auth.internal", "internal").api_keys(store).ephemeral_keys().build()
}

#[tokio::test]
async fn neither_half_is_made_again_when_it_was_moved_away() {
    let folder = tempfile::tempdir().unwrap();
    let [keys, away, db] = ["keys", "away", "keys.db"].map(|name| folder.path().join(name));
    let (edge, store) = build(folder.path()).await;
    let edge = edge.unwrap();
    let (key, _) = key_of(&edge, "bob", Environment::Live).await;
    let published = edge.issuer().jwks();
    store.close().await;

    fs::rename(&keys, &away).unwrap();
    let error = refused(folder.path()).await;
    assert!(matches!(error, RemintError::Pairing(PairingError::PepperMissing { .. })), "{error}");
    assert!(!keys.exists(), "neither a pepper nor a signing key was made");
    fs::rename(&away, &keys).unwrap();

    fs::rename(&db, &away).unwrap();
    let error = refused(folder.path()).await;
    assert!(matches!(error, RemintError::Pairing(PairingError::OtherStore { is_new: true, .. })), "{error}");
    let error = refused(folder.path()).await;
    assert!(matches!(error, RemintError::Pairing(PairingError::OtherStore { is_new: false, .. })), "{error}");
    fs::rename(&away, &db).unwrap();

    let edge = build(folder.path()).await.0.unwrap();
    assert_eq!(edge.issuer().jwks(), published);
    assert_eq!(ask(&app(&edge).await, "x-api-key", &key).await.0, StatusCode::OK);
}

#[tokio::test]
async fn ephemeral_keys_are_for_a_new_store() {
    let folder = tempfile::tempdir().unwrap();
    let open = async || Sqlite::open(folder.path().join("keys.db")).await.unwrap();
    let edge = ephemeral(open().await).await.unwrap();
    key_of(&edge, "bob", Environment::Live).await;
    let error = ephemeral(open().await).await.unwrap_err();
    assert!(matches!(error, RemintError::Pairing(PairingError::PepperMissing { .. })), "{error}");
    ephemeral(Sqlite::in_memory().await.unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_node_that_would_sign_with_keys_of_its_own_is_not_built() {
    let folder = tempfile::tempdir().unwrap();
    let node = async |name: &str| {
        let store = Sqlite::open(folder.path().join("keys.db")).await.unwrap();
        let builder = Remint::builder("https://auth.internal", "internal").api_keys(store);
        let peppers = Peppers::new(Pepper::from_text("a pepper that all nodes have").unwrap());
        builder.peppers(peppers).keys_in(folder.path().join(name)).build().await
    };
    let first = node("one").await.unwrap();
    let error = node("two").await.unwrap_err();
    assert!(matches!(error, RemintError::Pairing(PairingError::OtherSigningKeys { .. })), "{error}");
    assert!(error.to_string().contains(&first.issuer().keys()[0].key_id), "{error}");
    assert!(!folder.path().join("two").exists());
    node("one").await.unwrap();
}
