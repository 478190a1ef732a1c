use remint_conformance::key_store::registry::depends_on;
use remint_core::{StoreAge, StoreRegistry, Timestamp};
use remint_sqlite::Sqlite;

#[tokio::test]
async fn the_first_who_opens_a_file_makes_its_tables_and_the_next_finds_the_same_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let first = Sqlite::open(&path).await.unwrap();
    assert_eq!((first.origin().age, first.origin().place), (StoreAge::Made, path.display().to_string()));
    assert!(first.set_dependencies(0, &depends_on("a")).await.unwrap());
    let second = Sqlite::open(&path).await.unwrap();
    assert_eq!(second.origin().age, StoreAge::Found);
    assert_eq!(second.record().await.unwrap(), first.record().await.unwrap());
    let other = Sqlite::open(folder.path().join("other.db")).await.unwrap();
    assert_ne!(other.record().await.unwrap().id, first.record().await.unwrap().id);
    assert_eq!(Sqlite::in_memory().await.unwrap().origin().age, StoreAge::Memory);
}

#[tokio::test]
async fn a_copy_of_the_file_is_the_same_store() {
    let folder = tempfile::tempdir().unwrap();
    let [path, copy] = ["keys.db", "copy.db"].map(|name| folder.path().join(name));
    let store = Sqlite::open(&path).await.unwrap();
    let record = store.record().await.unwrap();
    store.close().await;
    std::fs::copy(&path, &copy).unwrap();
    assert_eq!(Sqlite::open(&copy).await.unwrap().record().await.unwrap(), record);
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_an_outage_and_not_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let store = Sqlite::open(&path).await.unwrap();
    let raw = crate::raw::open(&path).await;
    for text in ["", "null", r#"{"peppers":null}"#, r#"{"more":1}"#] {
        sqlx::query("UPDATE store SET depends_on = ?").bind(text).execute(&raw).await.unwrap();
        assert!(store.record().await.is_err(), "{text}");
    }
    sqlx::query("DELETE FROM store").execute(&raw).await.unwrap();
    assert!(store.record().await.is_err());
    assert!(store.live_schemes("", Timestamp::from_secs(1)).await.unwrap().is_empty());
}

#[tokio::test]
async fn no_file_is_made_beside_the_log_of_one_that_was_moved_away() {
    let folder = tempfile::tempdir().unwrap();
    let [path, away] = ["keys.db", "away.db"].map(|name| folder.path().join(name));
    let store = Sqlite::open(&path).await.unwrap();
    let record = store.record().await.unwrap();
    std::fs::rename(&path, &away).unwrap();
    let error = Sqlite::open(&path).await.unwrap_err();
    let why = std::error::Error::source(&error).unwrap().to_string();
    assert!(why.contains("keys.db-wal") && !path.exists(), "{why}");
    std::fs::rename(&away, &path).unwrap();
    assert_eq!(Sqlite::open(&path).await.unwrap().record().await.unwrap(), record);
}
