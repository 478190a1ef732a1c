//! Two nodes over one PostgreSQL, each with secrets of its own.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use remint::{
    Edge, Environment, NewKey, NewUser, Pairing, PairingError, Remint, RemintError, SecretSources, SystemClock,
};
use remint_core::StoreRegistry;
use remint_postgres::Postgres;
use url::Url;

use crate::database::Database;

async fn node(url: Url, folder: &Path) -> Result<Edge, RemintError> {
    let store = Postgres::connect(url.as_str()).await.unwrap();
    Remint::builder("https://auth.internal", "internal").api_keys(store).keys_in(folder).build().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_nodes_with_a_folder_each_that_start_first_at_once_one_starts() {
    for _ in 0..3 {
        let (database, folder) = (Database::create().await, remint_testkit::private_folder());
        let starting: Vec<_> = (0..4)
            .map(|number| {
                let (url, folder) = (database.url(), folder.path().join(number.to_string()));
                tokio::spawn(async move { node(url, &folder).await })
            })
            .collect();
        let mut started = 0;
        for outcome in starting {
            match outcome.await.unwrap() {
                Ok(_) => started += 1,
                Err(RemintError::Pairing(error)) => {
                    let lost =
                        matches!(error, PairingError::PepperMissing { .. } | PairingError::OtherSigningKeys { .. });
                    assert!(lost, "{error}");
                }
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(started, 1);
        let depends_on = database.open().await.record().await.unwrap().depends_on;
        assert_eq!((depends_on.peppers.len(), depends_on.signing.is_some()), (1, true));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_share_a_folder_start_first_at_once() {
    let (database, folder) = (Database::create().await, remint_testkit::private_folder());
    let starting: Vec<_> = (0..4)
        .map(|_| {
            let (url, folder) = (database.url(), folder.path().join("keys"));
            tokio::spawn(async move { node(url, &folder).await })
        })
        .collect();
    let mut published = Vec::new();
    for outcome in starting {
        published.push(outcome.await.unwrap().unwrap().issuer().jwks());
    }
    assert!(published.windows(2).all(|pair| pair[0] == pair[1]));
}

/// As two nodes were over one database before the store recorded anything.
#[tokio::test]
async fn two_folders_of_an_earlier_version_are_told_apart_and_made_one() {
    let (database, folder) = (Database::create().await, remint_testkit::private_folder());
    let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
    for (folder, user) in [(&one, "alice"), (&two, "bob")] {
        let edge = node(database.url(), folder).await.unwrap();
        let keys = edge.api_keys().unwrap();
        let user: remint::UserId = user.parse().unwrap();
        keys.create_user(NewUser::new(user.clone())).await.unwrap();
        keys.create(NewKey::new(user, Environment::Live)).await.unwrap();
        database.run("UPDATE remint.store SET depends_on = '{}', revision = 0").await.unwrap();
        fs::remove_file(folder.join("store.json")).unwrap();
        // The other one could not start beside this one's key.
        database.run("UPDATE remint.api_keys SET revoked_at = 1").await.unwrap();
    }
    database.run("UPDATE remint.api_keys SET revoked_at = NULL").await.unwrap();
    for folder in [&one, &two] {
        let error = node(database.url(), folder).await.unwrap_err();
        assert!(matches!(error, RemintError::Pairing(PairingError::PepperMissing { .. })), "{error}");
    }
    let theirs = fs::read_to_string(two.join("pepper")).unwrap();
    let both = fs::read_to_string(one.join("pepper")).unwrap() + &theirs;
    fs::write(one.join("pepper"), both).unwrap();
    node(database.url(), &one).await.unwrap();
    let error = node(database.url(), &two).await.unwrap_err();
    assert!(matches!(error, RemintError::Pairing(PairingError::PepperMissing { .. })), "{error}");
}

#[tokio::test]
async fn a_database_that_was_made_in_the_place_of_another_is_not_served() {
    let (database, folder) = (Database::create().await, remint_testkit::private_folder());
    node(database.url(), folder.path()).await.unwrap();
    database.run("DROP SCHEMA remint CASCADE").await.unwrap();
    for is_new in [true, false] {
        let error = node(database.url(), folder.path()).await.unwrap_err();
        assert!(
            matches!(&error, RemintError::Pairing(PairingError::OtherStore { is_new: new, .. }) if *new == is_new),
            "{error}"
        );
        assert!(error.to_string().contains(database.name()), "{error}");
    }
    let store: Arc<dyn remint::KeyStore> = Arc::new(database.open().await);
    let secrets = SecretSources::folder(folder.path());
    Pairing::new(store, secrets, SystemClock).adopt(&[]).await.unwrap();
    node(database.url(), folder.path()).await.unwrap();
}
