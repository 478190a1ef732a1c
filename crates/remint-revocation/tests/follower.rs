//! The log, and the table that follows it.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use remint_core::{
    Authentication, CredentialRef, Environment, Identity, KeyId, Reading, Revocation, RevocationLog as _,
    RevocationWriter, Revoker, Subject, Target, Timestamp,
};
use remint_revocation::{MemoryLog, Revocations};
use remint_testkit::ManualClock;

async fn follow(log: Arc<dyn RevocationWriter>) -> Revocations {
    Revocations::follow(log, ManualClock::default()).await.unwrap()
}

/// Whether the table knows that this was ended.
fn is_ended(node: &Revocations, target: &Target) -> bool {
    node.table().ended(std::slice::from_ref(target), Timestamp::from_secs(0))
}

#[tokio::test]
async fn when_revoke_has_returned_the_table_knows() {
    let clock = Arc::new(ManualClock::default());
    for node in [follow(Arc::new(MemoryLog::new(100).unwrap())).await, Revocations::in_memory(clock).unwrap()] {
        let target = Target::Key(KeyId::new("k1").unwrap());
        assert!(!is_ended(&node, &target));
        let row = Revocation::ended(target.clone(), Timestamp::from_secs(1));
        let stamp = node.clone().revoke(row).await.unwrap();
        assert_eq!(stamp.position.0, 1);
        assert!(is_ended(&node, &target), "a clone is a handle on the same");
    }
}

#[tokio::test]
async fn a_node_that_missed_rows_forgets_its_entries() {
    let log = Arc::new(MemoryLog::new(2).unwrap());
    let clock = Arc::new(ManualClock::default());
    let node = Revocations::follow(Arc::clone(&log) as _, clock).await.unwrap();
    let stamp = node.table().stamp();
    let row = Revocation::changed(Target::Everything, Timestamp::from_secs(1));
    for _ in 0..5 {
        log.append(std::slice::from_ref(&row)).await.unwrap();
    }
    let read = node.catch_up().await.unwrap();
    assert_eq!(read.position.0, 5);
    assert!(node.table().stamp() > stamp);
}

#[tokio::test]
async fn what_another_node_revoked_is_known_once_this_one_has_read() {
    let log = Arc::new(MemoryLog::new(1000).unwrap());
    let [here, there] = [follow(Arc::clone(&log) as _).await, follow(log).await];
    let targets: Vec<_> = (0..300).map(|id| Target::Key(KeyId::new(format!("k{id}")).unwrap())).collect();
    for target in &targets {
        let row = Revocation::ended(target.clone(), Timestamp::from_secs(1));
        there.revoke(row).await.unwrap();
    }
    assert!(targets.iter().all(|target| !is_ended(&here, target)));
    assert_eq!(here.catch_up().await.unwrap().position.0, 300);
    assert!(targets.iter().all(|target| is_ended(&here, target)), "read in several batches");
}

#[tokio::test]
async fn a_revoker_refuses_what_its_table_refuses() {
    let node = follow(Arc::new(MemoryLog::new(100).unwrap())).await;
    let id = KeyId::new("k1").unwrap();
    let credential = CredentialRef::ApiKey { id: id.clone() };
    let identity = Identity::new(Subject::new("u1").unwrap(), Environment::Live, id.clone().into(), credential);
    let key = Authentication::new(identity, Timestamp::from_secs(1), Timestamp::MAX);
    assert!(!node.refuses(&key));
    let row = Revocation::ended(Target::Key(id), Timestamp::from_secs(1));
    node.revoke(row).await.unwrap();
    assert!(node.refuses(&key));
}

remint_conformance::revocation_log_suite!(async || (MemoryLog::new(1000).unwrap(), ()));

#[tokio::test]
async fn what_this_node_revoked_it_knows_even_if_the_log_dropped_the_row_before_it_was_read() {
    let node = follow(Arc::new(MemoryLog::new(0).unwrap())).await;
    let target = Target::SigningInput([7; 32]);
    node.revoke(Revocation::ended(target.clone(), Timestamp::from_secs(1))).await.unwrap();
    assert!(is_ended(&node, &target), "a revoked token would verify again");
}

#[tokio::test]
async fn a_node_that_starts_knows_what_is_in_force() {
    let log = Arc::new(MemoryLog::new(1000).unwrap());
    let targets: Vec<_> = (0..300).map(|id| Target::Key(KeyId::new(format!("k{id}")).unwrap())).collect();
    let rows: Vec<_> =
        targets.iter().map(|target| Revocation::ended(target.clone(), Timestamp::from_secs(1))).collect();
    log.append(&rows).await.unwrap();
    let node = follow(log).await;
    assert!(targets.iter().all(|target| is_ended(&node, target)), "read in several pages");
}

#[tokio::test]
async fn what_a_store_has_written_is_not_written_again_and_is_known_at_once() {
    let log = Arc::new(MemoryLog::new(1000).unwrap());
    let node = Revocations::of_store(Arc::clone(&log) as _, ManualClock::default()).await.unwrap();
    let target = Target::Key(KeyId::new("k1").unwrap());
    let rows = [Revocation::ended(target.clone(), Timestamp::from_secs(1))];
    log.append(&rows).await.unwrap(); // as the store does with its change
    node.announce(&rows).await.unwrap();
    assert!(is_ended(&node, &target));
    assert_eq!(log.head().await.unwrap().position.0, 1);
}

#[tokio::test]
async fn rewritten_history_gives_the_log_another_id_and_empties_caches() {
    let log = Arc::new(MemoryLog::new(1000).unwrap());
    let node = follow(Arc::clone(&log) as _).await;
    let row = Revocation::ended(Target::Everything, Timestamp::from_secs(1));
    let before = node.revoke(row).await.unwrap();
    let stamp = node.table().stamp();
    log.rewrite_history();
    let after = node.catch_up().await.unwrap();
    assert_ne!(before.log, after.log);
    assert!(node.table().stamp() > stamp);
    assert_eq!(node.catch_up().await.unwrap(), after, "once");
}

#[tokio::test]
async fn a_node_that_only_reads_follows_the_log_and_what_it_revokes_ends_here() {
    let log = Arc::new(MemoryLog::new(1000).unwrap());
    let node = Revocations::follow_only(Arc::clone(&log) as _, ManualClock::default()).await.unwrap();
    let [theirs, ours] = ["k1", "k2"].map(|id| Target::Key(KeyId::new(id).unwrap()));
    log.append(&[Revocation::ended(theirs.clone(), Timestamp::from_secs(1))]).await.unwrap();
    let read = node.catch_up().await.unwrap();
    assert!(is_ended(&node, &theirs));
    assert_eq!(node.revoke(Revocation::ended(ours.clone(), Timestamp::from_secs(1))).await.unwrap(), read);
    assert!(is_ended(&node, &ours));
    assert_eq!(log.head().await.unwrap().stamp(), read, "nothing was written");
}

#[tokio::test]
async fn a_node_that_only_reads_empties_its_caches_after_rewritten_history_and_renews_nothing() {
    let log = Arc::new(MemoryLog::new(1000).unwrap());
    let node = Revocations::follow_only(Arc::clone(&log) as _, ManualClock::default()).await.unwrap();
    log.append(&[Revocation::ended(Target::Everything, Timestamp::from_secs(1))]).await.unwrap();
    let before = node.catch_up().await.unwrap();
    let stamp = node.table().stamp();
    log.rewrite_history();
    assert_eq!(node.catch_up().await.unwrap(), before);
    assert!(node.table().stamp() > stamp);
}

#[tokio::test]
async fn a_log_that_is_followed_later_is_read_by_the_first_catch_up() {
    let log = Arc::new(MemoryLog::new(1000).unwrap());
    let target = Target::Key(KeyId::new("k1").unwrap());
    log.append(&[Revocation::ended(target.clone(), Timestamp::from_secs(1))]).await.unwrap();
    let node = Revocations::follow_later(Arc::clone(&log) as _, ManualClock::default()).unwrap();
    assert!(!is_ended(&node, &target));
    assert_eq!(node.catch_up().await.unwrap(), log.head().await.unwrap().stamp());
    assert!(is_ended(&node, &target));
    assert_eq!(node.log().head().await.unwrap(), log.head().await.unwrap());
}

#[tokio::test]
async fn whoever_follows_a_log_by_a_node_knows_no_row_before_the_node() {
    let log = Arc::new(MemoryLog::new(1000).unwrap());
    let node = follow(Arc::clone(&log) as _).await;
    let start = node.log().head().await.unwrap();
    let target = Target::Key(KeyId::new("k1").unwrap());
    log.append(&[Revocation::ended(target.clone(), Timestamp::from_secs(1))]).await.unwrap();
    let told = node.log().read_after(&start, 10).await.unwrap();
    assert!(matches!(told, Reading::Rows(rows) if rows.len() == 1));
    assert!(is_ended(&node, &target), "the node had not read it");
}
