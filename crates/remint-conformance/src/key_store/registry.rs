//! Cases of what a store knows of itself.

use std::sync::Arc;

use remint_core::{ApiKeyRecord, Commit, Dependencies, PepperRecord, SigningRecord, StoreRegistry, Timestamp};

use super::concurrency::at_once;
use super::{MORNING, Plain as _, Store, key, user, user_id};

/// Dependencies that name this pepper.
#[must_use]
pub fn depends_on(pepper: &str) -> Dependencies {
    Dependencies {
        peppers: [None, Some(MORNING)]
            .map(|waits_since| PepperRecord {
                scheme: format!("hmac-sha256:{pepper}").into(),
                check: "a \"b\" zo\u{eb}".into(),
                waits_since,
            })
            .into(),
        given_up: vec!["hmac-sha256:old".into()],
        signing: Some(SigningRecord { folder: Some("folder_1".into()), keys: vec!["key".into(), "next".into()] }),
    }
}

/// It has an id from the beginning, and depends on nothing yet.
pub async fn a_new_store_has_an_id_and_depends_on_nothing(store: impl Store) {
    let first = store.record().await.expect("the store answers");
    assert!(first.id.as_str().len() >= 32, "{first:?}");
    assert_eq!((first.revision, &first.depends_on), (0, &Dependencies::default()));
    assert_eq!(store.record().await.expect("the store answers"), first);
    assert!(!store.origin().place.is_empty());
}

/// All of it, and the id stays.
pub async fn what_a_store_depends_on_comes_back_whole(store: impl Store) {
    let first = store.record().await.expect("the store answers");
    for (number, next) in (0..).zip([depends_on("a"), Dependencies::default(), depends_on("b")]) {
        assert!(store.set_dependencies(number, &next).await.expect("the store answers"));
        let record = store.record().await.expect("the store answers");
        assert_eq!((record.id, record.revision, record.depends_on), (first.id.clone(), number + 1, next));
    }
}

/// Neither an earlier revision nor one that is still to come.
pub async fn only_the_present_revision_is_changed(store: impl Store) {
    assert!(store.set_dependencies(0, &depends_on("a")).await.expect("the store answers"));
    for revision in [0, 2, u64::MAX] {
        assert!(!store.set_dependencies(revision, &depends_on("b")).await.expect("the store answers"), "{revision}");
    }
    assert_eq!(store.record().await.expect("the store answers").depends_on, depends_on("a"));
}

/// Each begins with the revision that it saw.
pub async fn of_many_who_change_one_revision_one_succeeds(store: impl Store) {
    let store = Arc::new(store);
    let outcomes = at_once(|number| {
        let store = store.clone();
        async move { store.set_dependencies(0, &depends_on(&number.to_string())).await.expect("the store answers") }
    })
    .await;
    let won: Vec<_> = (0..outcomes.len()).filter(|number| outcomes[*number]).collect();
    assert_eq!(won.len(), 1, "{outcomes:?}");
    let record = store.record().await.expect("the store answers");
    assert_eq!((record.revision, record.depends_on), (1, depends_on(&won[0].to_string())));
}

fn of_scheme(number: u32, scheme: &str) -> ApiKeyRecord {
    let mut key = key("alice", number);
    key.digest.scheme = scheme.into();
    key.expires_at = None;
    key
}

async fn schemes(store: &impl StoreRegistry, prefix: &str, now: Timestamp) -> Vec<String> {
    let schemes = store.live_schemes(prefix, now).await.expect("the store answers");
    schemes.into_iter().map(Into::into).collect()
}

/// Those with the prefix, byte by byte, each once and in order.
pub async fn live_schemes_are_listed_once_and_in_order(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    assert!(schemes(&store, "", MORNING).await.is_empty());
    let named =
        ["hmac:b", "hmac:a", "hmac:b", "hmac:a", "HMAC:a", "hmac", "hmac;", "hmac:", "sha256", "hmac:\u{e9}", "a"];
    let keys: Vec<_> = (1..).zip(named).map(|(number, scheme)| of_scheme(number, scheme)).collect();
    store.insert(&keys, Commit::default()).await.expect("keys");
    assert_eq!(schemes(&store, "hmac:", MORNING).await, ["hmac:", "hmac:a", "hmac:b", "hmac:\u{e9}"]);
    assert_eq!(schemes(&store, "hmac:a", MORNING).await, ["hmac:a"]);
    assert!(schemes(&store, "hmac:c", MORNING).await.is_empty());
    assert!(schemes(&store, "%", MORNING).await.is_empty());
    assert_eq!(schemes(&store, "", MORNING).await.len(), 9);
}

/// A scheme is live as long as one of its keys is. A disabled user may be enabled again.
pub async fn the_scheme_of_keys_that_have_all_ended_is_not_live(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let mut keys = [of_scheme(1, "s:a"), of_scheme(2, "s:a"), of_scheme(3, "s:b"), of_scheme(4, "s:b")];
    keys[2].expires_at = Some(Timestamp::from_secs(10));
    keys[3].expires_at = Some(Timestamp::from_secs(20));
    store.insert(&keys, Commit::default()).await.expect("keys");
    for (seconds, expected) in [(9, &["s:a", "s:b"][..]), (19, &["s:a", "s:b"]), (20, &["s:a"]), (21, &["s:a"])] {
        assert_eq!(schemes(&store, "s:", Timestamp::from_secs(seconds)).await, expected, "{seconds}");
    }
    let now = Timestamp::from_secs(1);
    store.revoke_key(&keys[0].id, now).await.expect("the store answers");
    assert_eq!(schemes(&store, "s:", now).await, ["s:a", "s:b"]);
    store.set_enabled(&user_id("alice"), false).await.expect("the store answers");
    assert_eq!(schemes(&store, "s:", now).await, ["s:a", "s:b"]);
    store.revoke_key(&keys[1].id, now).await.expect("the store answers");
    assert_eq!(schemes(&store, "s:", now).await, ["s:b"]);
    store.remove_user(&user_id("alice")).await.expect("the store answers");
    assert!(schemes(&store, "s:", now).await.is_empty());
}
