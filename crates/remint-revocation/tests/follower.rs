//! The log, and the table that follows it.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use remint_core::{
    Authentication, CredentialRef, Effect, Environment, Identity, KeyId, LoggedRevocation, Position, Revocation,
    RevocationLog, Revoker, Stamp, Subject, Target, Timestamp, Unavailable,
};
use remint_revocation::{MemoryLog, Revocations};
use remint_testkit::ManualClock;

async fn follow(log: Arc<dyn RevocationLog>) -> Revocations {
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
        let row = Revocation { target: target.clone(), effect: Effect::Ended, at: Timestamp::from_secs(1) };
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
    let row = Revocation { target: Target::Everything, effect: Effect::Changed, at: Timestamp::from_secs(1) };
    for _ in 0..5 {
        log.append(&row).await.unwrap();
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
        let row = Revocation { target: target.clone(), effect: Effect::Ended, at: Timestamp::from_secs(1) };
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
    let row = Revocation { target: Target::Key(id), effect: Effect::Ended, at: Timestamp::from_secs(1) };
    node.revoke(row).await.unwrap();
    assert!(node.refuses(&key));
}

/// A log that others fill so fast that a row is gone before it is read.
#[derive(Debug)]
struct Busy(MemoryLog);

#[async_trait::async_trait]
impl RevocationLog for Busy {
    async fn head(&self) -> Result<Stamp, Unavailable> {
        self.0.head().await
    }

    async fn append(&self, revocation: &Revocation) -> Result<Position, Unavailable> {
        let position = self.0.append(revocation).await?;
        let other = Revocation { target: Target::Everything, effect: Effect::Changed, at: revocation.at };
        for _ in 0..5 {
            self.0.append(&other).await?;
        }
        Ok(position)
    }

    async fn read_after(&self, stamp: &Stamp, limit: usize) -> Result<Option<Vec<LoggedRevocation>>, Unavailable> {
        self.0.read_after(stamp, limit).await
    }
}

#[tokio::test]
async fn what_this_node_revoked_it_knows_even_if_the_log_dropped_the_row_before_it_was_read() {
    let node = follow(Arc::new(Busy(MemoryLog::new(3).unwrap()))).await;
    let target = Target::SigningInput([7; 32]);
    node.revoke(Revocation { target: target.clone(), effect: Effect::Ended, at: Timestamp::from_secs(1) })
        .await
        .unwrap();
    assert!(is_ended(&node, &target), "a revoked token would verify again");
}

remint_conformance::revocation_log_suite!(|| MemoryLog::new(1000).unwrap());
