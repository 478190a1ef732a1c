//! How recently the log was looked at, and what becomes of answers while it cannot be read.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use remint_core::{
    Cursor, LogId, LoggedRevocation, ManualSteadyClock, Page, Position, Reading, Retention, Revocation, RevocationLog,
    RevocationWriter, Revoker as _, Stamp, Target, Timestamp, Unavailable, UnavailableKind,
};
use remint_revocation::{MemoryLog, Moment, Revocations};
use remint_testkit::ManualClock;

/// A log that answers, fails or hangs.
#[derive(Debug)]
struct Line {
    log: MemoryLog,
    state: AtomicU8,
    asked: AtomicUsize,
}

const ANSWERS: u8 = 0;
const FAILS: u8 = 1;
const HANGS: u8 = 2;

impl Line {
    fn new() -> Arc<Self> {
        let log = MemoryLog::new(1000).unwrap();
        Arc::new(Self { log, state: AtomicU8::new(ANSWERS), asked: AtomicUsize::new(0) })
    }

    fn set(&self, state: u8) {
        self.state.store(state, Ordering::SeqCst);
    }

    async fn answer(&self) -> Result<(), Unavailable> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match self.state.load(Ordering::SeqCst) {
            ANSWERS => Ok(()),
            FAILS => Err(Unavailable::new(UnavailableKind::RevocationLog)),
            _ => std::future::pending().await,
        }
    }

    /// As another node does.
    async fn end(&self, target: Target) {
        self.log.append(&[Revocation::ended(target, Timestamp::from_secs(1))]).await.unwrap();
    }
}

#[async_trait]
impl RevocationLog for Line {
    async fn head(&self) -> Result<Cursor, Unavailable> {
        self.answer().await?;
        self.log.head().await
    }

    async fn read_after(&self, cursor: &Cursor, limit: usize) -> Result<Reading, Unavailable> {
        self.answer().await?;
        self.log.read_after(cursor, limit).await
    }

    async fn kept(&self, log: &LogId, page: Page<Position>) -> Result<Option<Vec<LoggedRevocation>>, Unavailable> {
        self.answer().await?;
        self.log.kept(log, page).await
    }

    async fn latest(&self, targets: &[Target]) -> Result<Vec<LoggedRevocation>, Unavailable> {
        self.answer().await?;
        self.log.latest(targets).await
    }

    fn pause(&self) -> Duration {
        Duration::from_millis(100)
    }
}

#[async_trait]
impl RevocationWriter for Line {
    async fn append(&self, rows: &[Revocation]) -> Result<Stamp, Unavailable> {
        self.answer().await?;
        self.log.append(rows).await
    }

    async fn renew(&self, log: &LogId) -> Result<(), Unavailable> {
        self.log.renew(log).await
    }

    async fn forget(&self, retention: Retention, limit: usize) -> Result<usize, Unavailable> {
        self.log.forget(retention, limit).await
    }
}

async fn node() -> (Arc<Line>, Revocations, ManualSteadyClock) {
    let (line, steady) = (Line::new(), ManualSteadyClock::default());
    let node = Revocations::follow_by(Arc::clone(&line) as _, ManualClock::default(), steady.clone()).await.unwrap();
    (line, node, steady)
}

fn everything_ended(node: &Revocations) -> bool {
    node.table().ended(&[Target::Everything], Timestamp::from_secs(0))
}

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_process_that_slept_reads_before_it_answers() {
    let (line, node, steady) = node().await;
    let before = node.table().moment();
    steady.advance(SECOND - Duration::from_millis(1));
    assert!(node.table().vouches(before));
    // Asleep: nothing runs, and another node revokes.
    line.end(Target::Everything).await;
    steady.advance(Duration::from_millis(1));
    assert!(!node.table().vouches(before) && !node.table().vouches(node.table().moment()));
    assert!(!everything_ended(&node));
    node.stay_in_step().await.unwrap();
    assert!(everything_ended(&node) && node.table().vouches(before));
}

#[tokio::test(start_paused = true)]
async fn while_the_log_fails_answers_go_on_until_max_staleness_and_then_everything_is_an_outage() {
    let (line, node, steady) = node().await;
    line.set(FAILS);
    let before = node.table().moment();
    let mut later = Moment::default();
    for second in 1..60 {
        steady.advance(SECOND);
        let outcome = node.stay_in_step().await;
        assert_eq!(outcome.is_ok(), second < 30, "{second}");
        if let Err(error) = outcome {
            assert_eq!(error.kind(), UnavailableKind::RevocationLog);
        }
        assert_eq!(node.table().vouches(before), second < 30, "{second}");
        if second == 20 {
            later = node.table().moment();
        }
        assert_eq!(node.table().vouches(later), second < if second < 20 { 30 } else { 50 }, "{second}");
    }
    line.set(ANSWERS);
    steady.advance(SECOND);
    node.stay_in_step().await.unwrap();
    assert!(node.table().vouches(before));
}

#[tokio::test(start_paused = true)]
async fn how_long_that_is_can_be_set() {
    let (line, node, steady) = node().await;
    let node = node.with_max_staleness(5 * SECOND);
    line.set(FAILS);
    for second in 1..10 {
        steady.advance(SECOND);
        assert_eq!(node.stay_in_step().await.is_ok(), second < 5, "{second}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_log_that_hangs_is_one_that_does_not_answer_but_a_process_that_slept_meanwhile_asks_again() {
    let (line, node, steady) = node().await;
    line.set(HANGS);
    let before = node.table().moment();
    // The task waits for an answer.
    tokio::time::sleep(SECOND).await;
    steady.advance(SECOND / 2);
    tokio::time::sleep(SECOND).await;
    steady.advance(SECOND / 2);
    tokio::time::sleep(SECOND).await;
    assert!(node.table().vouches(before), "it goes on, since the log is known not to answer");
    assert_eq!(line.asked.swap(0, Ordering::SeqCst), 3, "the head, what was kept, and the question that hangs");

    // Asleep in the middle of the question. What is known of the log is from before.
    line.set(ANSWERS);
    line.end(Target::Everything).await;
    steady.advance(5 * SECOND);
    assert!(!node.table().vouches(before));
    node.stay_in_step().await.unwrap();
    assert!(everything_ended(&node));
    assert!(node.table().vouches(before));
}

#[tokio::test(start_paused = true)]
async fn the_process_that_revokes_is_told_by_the_log_or_applies_it_by_itself() {
    let (line, node, _) = node().await;
    line.set(FAILS);
    let row = Revocation::ended(Target::Everything, Timestamp::from_secs(1));
    node.revoke(row.clone()).await.unwrap_err();
    assert!(!everything_ended(&node), "the log has not taken it");
    line.set(ANSWERS);
    node.revoke(row).await.unwrap();
    assert!(everything_ended(&node));
}

#[tokio::test(start_paused = true)]
async fn rows_of_others_are_read_by_a_task_that_ends_with_the_last_handle() {
    let (line, node, _) = node().await;
    line.end(Target::Everything).await;
    let mut passed = Duration::ZERO;
    while !everything_ended(&node) {
        tokio::time::sleep(Duration::from_millis(10)).await;
        passed += Duration::from_millis(10);
    }
    assert!(passed <= Duration::from_millis(110), "{passed:?}");
    let another = node.clone();
    drop(node);
    assert!(Arc::strong_count(&line) > 1);
    drop(another);
    while Arc::strong_count(&line) > 1 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_log_of_the_process_alone_is_always_known() {
    let node = Revocations::in_memory(ManualClock::default()).unwrap().with_max_staleness(Duration::ZERO);
    assert!(node.table().vouches(Moment::default()));
    node.stay_in_step().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_came_while_what_is_kept_was_read_is_read_at_once() {
    let (line, node, steady) = node().await;
    // As if the start had taken so long.
    steady.advance(2 * SECOND);
    assert!(!node.table().vouches(Moment::default()));
    let began = tokio::time::Instant::now();
    while line.asked.load(Ordering::SeqCst) < 3 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(began.elapsed() < Duration::from_millis(50), "the task does not wait for the log's pause");
}
