//! What is logged of a server that does not let its log be followed. One test, in a process of its own: tracing remembers
//! for a whole process which places are listened to.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "it/server_log.rs"]
mod server_log;

use std::time::Duration;

use remint_core::Timestamp;
use remint_revocation::Revocations;
use remint_testkit::CapturedLog;
use server_log::{ANSWERS, REFUSES, a_minute, node, server, target};
use tracing_subscriber::fmt;

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_is_as_none_and_followed_as_soon_as_it_permits() {
    let lines = CapturedLog::default();
    let _log = tracing::subscriber::set_default(fmt().with_writer(lines.writer()).finish());
    let (server, log) = server(REFUSES);
    let node = node(log);
    server.end("k1").await;
    for _ in 0..3 {
        node.catch_up().await.unwrap();
        a_minute().await;
    }
    assert!(!is_ended(&node, "k1"));
    assert_eq!(node.log().pause(), Duration::from_secs(1));
    let said = lines.take();
    assert_eq!((said.matches("WARN").count(), said.matches("right \"follow\"").count()), (1, 1), "{said}");

    server.becomes(ANSWERS);
    a_minute().await;
    node.catch_up().await.unwrap();
    assert!(is_ended(&node, "k1"));
    assert_eq!(node.log().pause(), Duration::from_millis(20));
    assert_eq!(lines.take().matches("lets this client follow").count(), 1);

    server.becomes(REFUSES);
    let stamp = node.table().stamp();
    node.catch_up().await.unwrap();
    assert!(node.table().stamp() > stamp, "what was cached may have ended unseen");
    assert_eq!(lines.take().matches("WARN").count(), 1);
}

fn is_ended(node: &Revocations, key: &str) -> bool {
    node.table().ended(&[target(key)], Timestamp::from_secs(0))
}
