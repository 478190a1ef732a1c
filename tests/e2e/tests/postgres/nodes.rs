//! Two nodes over one store, of which one has a newer pepper: every key goes on at both.

use std::sync::Arc;
use std::time::Duration;

use remint::{ApiKeys, Environment, KeyStore, MemoryStore, NewKey, NewUser, Pepper, Peppers, Sqlite, UserId};
use remint_conformance::ManualClock;
use remint_testkit::RecordingRevoker;

use crate::database::Database;

fn node(store: &Arc<dyn KeyStore>, peppers: &[&str], clock: &ManualClock) -> ApiKeys {
    let mut all = peppers.iter().map(|text| Pepper::from_text(&format!("{text}, a pepper of enough length")).unwrap());
    let newest = Peppers::new(all.next().unwrap());
    let peppers = all.fold(newest, Peppers::with_older);
    ApiKeys::new(Arc::clone(store), peppers, Arc::new(RecordingRevoker::new())).with_clock(clock.clone())
}

async fn ten_minutes(clock: &ManualClock, nodes: &[&ApiKeys]) {
    for _ in 0..60 {
        for node in nodes {
            node.missing_peppers().await.unwrap();
        }
        clock.advance(Duration::from_secs(10));
    }
}

async fn a_new_pepper_waits_for_every_node(store: Arc<dyn KeyStore>) {
    let clock = ManualClock::default();
    let (old, new) = (node(&store, &["old"], &clock), node(&store, &["new", "old"], &clock));
    let alice = UserId::new("alice").unwrap();
    old.create_user(NewUser::new(alice.clone())).await.unwrap();
    let mut keys = Vec::new();
    for maker in [&old, &new] {
        keys.push(maker.create(NewKey::new(alice.clone(), Environment::Live)).await.unwrap().0);
    }
    let schemes = || async { store.live_schemes("hmac-sha256:", remint_core::Clock::now(&clock)).await.unwrap() };
    let all_accept = async |nodes: &[&ApiKeys]| {
        for node in nodes.iter().chain(nodes) {
            for key in &keys {
                node.verify(key.expose_secret()).await.unwrap();
            }
        }
    };
    let before = schemes().await;
    assert_eq!(before.len(), 1);
    for _ in 0..2 {
        all_accept(&[&old, &new]).await;
        ten_minutes(&clock, &[&old, &new]).await;
    }
    assert_eq!(schemes().await, before, "a node lacks the new pepper");
    let old = node(&store, &["new", "old"], &clock);
    ten_minutes(&clock, &[&old, &new]).await;
    all_accept(&[&old, &new]).await;
    let after = schemes().await;
    assert!(after.len() == 1 && after != before, "{after:?}");
    all_accept(&[&node(&store, &["new"], &clock)]).await;
}

#[tokio::test]
async fn a_new_pepper_waits_for_every_node_whatever_the_store() {
    let (postgres, _database) = Database::with_store().await;
    let stores: [Arc<dyn KeyStore>; 3] =
        [Arc::new(MemoryStore::new()), Arc::new(Sqlite::in_memory().await.unwrap()), Arc::new(postgres)];
    for store in stores {
        a_new_pepper_waits_for_every_node(store).await;
    }
}
