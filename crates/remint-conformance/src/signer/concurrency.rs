//! Cases of many callers at once.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use remint_issuer::Signer;
use tokio::time::timeout;

use super::signatures::{verifies, verifying};

/// One caller's signature never goes to another.
pub async fn many_at_once_get_their_own_signature(signer: impl Signer) {
    let (key, signer) = (verifying(&signer), Arc::new(signer));
    let callers: Vec<_> = (0..100_u8)
        .map(|number| {
            let (signer, key) = (Arc::clone(&signer), key.clone());
            tokio::spawn(async move { verifies(&signer, &key, &[number; 40]).await })
        })
        .collect();
    for caller in callers {
        assert!(caller.await.expect("a caller that does not panic"), "a signature of something else");
    }
}

/// Whoever goes away while waiting takes nothing along: sessions, permits or locks.
pub async fn callers_who_go_away_cost_nobody_a_signature(signer: impl Signer) {
    let key = verifying(&signer);
    for _ in 0..100 {
        let mut waiting = pin!(signer.sign(b"nobody waits for this"));
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(answer) = waiting.as_mut().poll(&mut context) {
            drop(answer);
        }
    }
    let signed = timeout(PATIENCE, verifies(&signer, &key, b"somebody waits for this")).await;
    assert!(signed.expect("an answer in time"));
}

const PATIENCE: Duration = Duration::from_secs(30);
