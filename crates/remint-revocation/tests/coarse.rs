//! Rows that there is no room for become coarser, and the log itself tells what has ended.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use remint_core::{
    Authentication, ClientId, CredentialRef, Environment, Identity, IssuerId, KeyId, Revocation, RevocationWriter as _,
    Revoker as _, Subject, Target, Timestamp, UserId,
};
use remint_revocation::{Issued, MemoryLog, Revocations};
use remint_testkit::ManualClock;

fn key(id: &str) -> Target {
    Target::Key(KeyId::new(id).unwrap())
}

fn user(id: &str) -> Target {
    Target::User(UserId::new(id).unwrap())
}

fn issuer() -> IssuerId {
    IssuerId::new("https://idp.example").unwrap()
}

fn subject(name: &str) -> Target {
    Target::Subject { issuer: issuer(), subject: Subject::new(name).unwrap() }
}

fn jwt(name: &str) -> Authentication {
    let subject = Subject::new(name).unwrap();
    let credential = CredentialRef::Jwt { issuer: issuer(), subject: subject.clone(), id: None, digest: None };
    let named = Subject::new(format!("idp|{name}")).unwrap();
    let identity = Identity::new(named, Environment::Live, ClientId::new("web").unwrap(), credential);
    Authentication::new(identity, Timestamp::from_secs(1), Timestamp::MAX)
}

/// A node whose table has no room, which has read these rows.
async fn full(rows: &[Revocation]) -> (Arc<MemoryLog>, Revocations) {
    let log = Arc::new(MemoryLog::new(1000).unwrap());
    let node = Revocations::follow(Arc::clone(&log) as _, ManualClock::default()).await.unwrap();
    node.table().set_max_bytes(0);
    log.append(rows).await.unwrap();
    node.catch_up().await.unwrap();
    (log, node)
}

fn ended(target: Target) -> Revocation {
    Revocation::ended(target, Timestamp::from_secs(1))
}

#[tokio::test]
async fn a_key_becomes_its_user_for_caches_and_the_log_tells_which_key_it_was() {
    let (_log, node) = full(&[]).await;
    let stamp = node.table().stamp();
    let row = ended(key("k1")).of_user(UserId::new("alice").unwrap());
    let read = node.revoke(row).await.unwrap();
    assert_eq!((node.table().rows(), node.table().bytes(), node.table().is_coarse()), (0, 0, true));
    let [alices, bobs] = ["alice", "bob"].map(|name| [user(name), Target::Everything]);
    assert!(node.table().overtaken(&alices, stamp) && !node.table().overtaken(&bobs, stamp));
    let at = Timestamp::from_secs(1);
    for (id, is_ended) in [("k1", true), ("k2", false)] {
        let targets = [key(id), user("alice"), Target::Everything];
        assert_eq!(node.ended(&targets, at).await.unwrap(), is_ended, "{id}");
        assert!(node.table().ended(&targets, at), "who cannot ask the log refuses");
        let issued = Issued { at, rev: Some(&read) };
        assert!(!node.table().ended(&[user("alice"), Target::Everything], issued), "its issuer had read the row");
    }
    assert!(!node.ended(&[key("k1"), user("bob"), Target::Everything], at).await.unwrap());
}

#[tokio::test]
async fn a_subject_becomes_its_issuer_and_whatever_else_everything() {
    let (_log, node) =
        full(&[ended(subject("alice")), Revocation::changed(user("bob"), Timestamp::from_secs(1))]).await;
    let stamp = Default::default();
    assert!(node.table().overtaken(&[subject("carol")], stamp), "asked at the source");
    assert!(node.table().overtaken(&[Target::Everything], stamp));
    assert!(!node.table().overtaken(&[user("carol")], stamp));
    assert!(node.refuse(&jwt("alice")).await.unwrap());
    assert!(!node.refuse(&jwt("carol")).await.unwrap());
    assert!(node.table().refuses(&jwt("carol")), "who cannot ask the log refuses");
}

#[tokio::test]
async fn what_the_table_has_already_stays_exact_and_what_is_in_no_log_too() {
    let log = Arc::new(MemoryLog::new(1000).unwrap());
    let node = Revocations::follow(Arc::clone(&log) as _, ManualClock::default()).await.unwrap();
    node.revoke(ended(user("alice"))).await.unwrap();
    node.table().set_max_bytes(0);
    node.revoke(ended(user("alice"))).await.unwrap();
    node.table().apply(&ended(user("bob")));
    assert!(!node.table().is_coarse());
    assert_eq!(node.table().rows(), 2);
}

#[tokio::test]
async fn the_log_of_the_process_alone_has_not_kept_everything_so_that_a_coarse_row_refuses() {
    let node = Revocations::in_memory(ManualClock::default()).unwrap();
    node.table().set_max_bytes(0);
    node.revoke(ended(subject("alice"))).await.unwrap();
    assert!(node.refuse(&jwt("carol")).await.unwrap());
    let own = [user("bob"), Target::Everything];
    assert!(!node.ended(&own, Timestamp::from_secs(1)).await.unwrap());
}

#[tokio::test]
async fn a_table_grows_no_further_than_it_may() {
    let (log, node) = full(&[]).await;
    node.table().set_max_bytes(1 << 20);
    for batch in 0..100 {
        let rows: Vec<_> = (0..1000).map(|id| ended(key(&format!("k{batch}-{id}")))).collect();
        log.append(&rows).await.unwrap();
        node.catch_up().await.unwrap();
    }
    assert!(node.table().bytes() < 2 << 20, "{}", node.table().bytes());
    assert!(node.table().rows() > 5_000);
}
