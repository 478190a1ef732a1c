//! Signing keys that the edge does not make by itself.

use std::fs;

use axum::http::StatusCode;
use remint::{Algorithm, Environment, KeyState, MemoryStore, Remint, SigningKey};
use remint_conformance::signer::{LocalSigner, Severable};

use crate::support::{app, ask, key_of};

fn key() -> SigningKey {
    SigningKey::generate(Algorithm::Es256).unwrap()
}

#[tokio::test]
async fn a_key_that_is_given_signs_and_the_folder_holds_the_pepper_only() {
    let (own, next) = (key(), key());
    let ids = [&own, &next].map(|key| key.key_id().to_owned());
    let folder = remint_testkit::private_folder();
    let builder = Remint::builder("https://auth.internal", "internal").api_keys(MemoryStore::new());
    let builder = builder.keys_in(folder.path()).also_publish(next.public_jwk().clone()).signing_key(own);
    let edge = builder.build().await.unwrap();
    let keys: Vec<_> = edge.issuer().keys().into_iter().map(|key| (key.key_id, key.state)).collect();
    assert_eq!(keys, [(ids[0].clone(), KeyState::Signing), (ids[1].clone(), KeyState::Published)]);
    let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.collect::<Vec<_>>(), ["pepper"]);
    let (key, _) = key_of(&edge, "bob", Environment::Test).await;
    assert_eq!(ask(&app(&edge).await, "x-api-key", &key).await.0, StatusCode::OK);
}

#[tokio::test]
async fn while_a_key_that_is_held_elsewhere_cannot_be_reached_the_fault_is_ours() {
    let signer = std::sync::Arc::new(Severable::new(LocalSigner::generate(Algorithm::Es256)));
    let builder = Remint::builder("https://auth.internal", "internal").api_keys(MemoryStore::new()).ephemeral_keys();
    let edge = builder.signer(signer.clone()).build().await.unwrap();
    let app = app(&edge).await;
    let (cached, _) = key_of(&edge, "bob", Environment::Test).await;
    assert_eq!(ask(&app, "x-api-key", &cached).await.0, StatusCode::OK);
    let (fresh, _) = key_of(&edge, "alice", Environment::Test).await;
    signer.cut();
    assert_eq!(ask(&app, "x-api-key", &fresh).await.0, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ask(&app, "x-api-key", &cached).await.0, StatusCode::OK, "what is cached goes on");
    signer.mend();
    assert_eq!(ask(&app, "x-api-key", &fresh).await.0, StatusCode::OK);
}

/// What an operator does to the folder, a running edge finds there by itself.
#[tokio::test(start_paused = true)]
async fn a_running_edge_follows_what_is_done_to_its_folder() {
    let folder = remint_testkit::private_folder();
    let builder = || Remint::builder("https://auth.internal", "internal").api_keys(MemoryStore::new());
    let (edge, other) =
        (builder().keys_in(folder.path()).build().await.unwrap(), builder().keys_in(folder.path()).build().await);
    let other = other.unwrap();
    let ids = || edge.issuer().keys().into_iter().map(|key| key.key_id).collect::<Vec<_>>();
    let first = ids();
    other.issuer().rotate().unwrap();
    assert_eq!(ids(), first);
    tokio::time::sleep(HOUSEKEEPING).await;
    assert_eq!((ids().len(), &ids()[0]), (2, &first[0]));

    assert!(other.issuer().retire(&first[0]).unwrap());
    tokio::time::sleep(HOUSEKEEPING).await;
    assert_eq!(ids().len(), 1);
    assert_ne!(ids(), first);
}

/// Within which an edge looks, and reads a few files.
const HOUSEKEEPING: std::time::Duration = std::time::Duration::from_secs(11);
