use remint_conformance::key_store::{Plain, found, key, sign_up, user, user_id};
use remint_core::{
    ApiKeyStore, Commit, Directory, ExternalIdentity, IssuerId, Page, StoreError, Subject, UnavailableKind, UsageStore,
};

use crate::database::Database;

/// The database is an English one, where `a` comes before `B`.
#[tokio::test]
async fn texts_come_in_the_order_of_their_bytes() {
    let (store, _database) = Database::with_store().await;
    let link = |subject: &str| ExternalIdentity {
        issuer: IssuerId::new("https://idp.example").unwrap(),
        subject: Subject::new(subject).unwrap(),
    };
    let mut links = ["a", "B", "\u{e4}", "Z", "_", "10", "9", "b"].map(link);
    store.sign_up(&sign_up("alice", &links, &[]), Commit::default()).await.unwrap();
    links.sort();
    assert_eq!(store.external(&user_id("alice")).await.unwrap(), links);
}

#[tokio::test]
async fn keys_of_one_moment_come_in_the_order_of_their_bytes() {
    let (store, _database) = Database::with_store().await;
    store.insert_user(&user("alice")).await.unwrap();
    let mut keys = Vec::new();
    for (number, id) in (1..).zip(["a", "B", "Z", "b", "_"]) {
        let mut key = key("alice", number);
        (key.id, key.created_at) = (id.parse().unwrap(), remint_core::Timestamp::from_secs(1));
        keys.push(key);
    }
    store.insert(&keys, Commit::default()).await.unwrap();
    keys.sort_by(|one, other| other.id.cmp(&one.id));
    assert_eq!(store.list(&user_id("alice"), Page::all()).await.unwrap(), keys);
}

#[tokio::test]
async fn a_text_that_postgres_cannot_hold_is_no_outage_of_it_and_leaves_no_trace() {
    let (store, _database) = Database::with_store().await;
    store.insert_user(&user("alice")).await.unwrap();
    let mut key = key("alice", 1);
    key.name = Some("a\0b".into());
    match store.insert_key(&key).await.unwrap_err() {
        StoreError::Unavailable(unavailable) => assert_eq!(unavailable.kind(), UnavailableKind::Internal),
        other => panic!("{other:?}"),
    }
    assert_eq!(found(&store, &key).await, None);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_an_outage_and_not_absence() {
    let (store, database) = Database::with_store().await;
    store.insert_user(&user("alice")).await.unwrap();
    store.insert_key(&key("alice", 1)).await.unwrap();
    database.run("UPDATE remint.api_keys SET scopes = chr(7)").await.unwrap();
    assert!(store.find(&key("alice", 1).digest).await.is_err());
    assert!(store.keys(&user_id("alice")).await.is_err());
    database.run("DROP TABLE remint.usage").await.unwrap();
    let unavailable = store.usage(&Default::default(), Page::all()).await.unwrap_err();
    assert_eq!(unavailable.kind(), UnavailableKind::Store);
}
