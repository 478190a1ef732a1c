//! A proof is used once, on whichever node.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use remint_core::{DeniedKind, Refusal, ReplayKey, ReplayStore, Timestamp, Unavailable, UnavailableKind};
use remint_dpop::{DpopVerifier, MemoryReplays};
use remint_testkit::ManualClock;
use serde_json::json;

use crate::support::{Client, check, claims, verifier, with};

async fn use_it(verifier: &DpopVerifier, proof: &str, jkt: [u8; 32]) -> Result<(), Refusal> {
    check(verifier, proof, jkt)?.spend().await
}

fn is_replay(outcome: &Result<(), Refusal>) -> bool {
    matches!(outcome, Err(Refusal::Denied(denied)) if denied.kind() == DeniedKind::DpopProof)
}

#[tokio::test]
async fn a_proof_is_used_once() {
    let (clock, client) = (ManualClock::default(), Client::new());
    let (verifier, proof) = (verifier(&clock), client.prove(&claims(&clock)));
    assert!(use_it(&verifier, &proof, client.jkt()).await.is_ok());
    assert!(is_replay(&use_it(&verifier, &proof, client.jkt()).await));
    // As long as it could pass at all.
    clock.advance(Duration::from_secs(60));
    assert!(is_replay(&use_it(&verifier, &proof, client.jkt()).await));
    let next = client.prove(&with(claims(&clock), json!({ "jti": "two" })));
    assert!(use_it(&verifier, &next, client.jkt()).await.is_ok());
}

#[tokio::test]
async fn a_jti_is_used_once_whatever_else_the_proof_says() {
    let (clock, client) = (ManualClock::default(), Client::new());
    let verifier = verifier(&clock);
    assert!(use_it(&verifier, &client.prove(&claims(&clock)), client.jkt()).await.is_ok());
    let again = client.prove(&with(claims(&clock), json!({ "htu": "https://api.example/jobs?other" })));
    assert!(is_replay(&use_it(&verifier, &again, client.jkt()).await));
}

#[tokio::test]
async fn nobody_uses_up_the_jti_of_another_key() {
    let (clock, one, other) = (ManualClock::default(), Client::new(), Client::new());
    let verifier = verifier(&clock);
    for client in [&one, &other] {
        assert!(use_it(&verifier, &client.prove(&claims(&clock)), client.jkt()).await.is_ok());
    }
}

#[tokio::test]
async fn the_twin_of_a_signature_is_a_replay() {
    let (clock, client) = (ManualClock::default(), Client::new());
    let (verifier, proof) = (verifier(&clock), client.prove(&claims(&clock)));
    let twin = twin(&proof);
    assert_ne!(proof, twin);
    assert!(check(&verifier, &twin, client.jkt()).is_ok(), "it verifies too");
    assert!(use_it(&verifier, &proof, client.jkt()).await.is_ok());
    assert!(is_replay(&use_it(&verifier, &twin, client.jkt()).await));
}

#[tokio::test]
async fn nodes_that_share_a_store_refuse_what_another_has_seen() {
    let (clock, client) = (ManualClock::default(), Client::new());
    let shared = Arc::new(MemoryReplays::new(10));
    let [here, there] =
        [(); 2].map(|()| DpopVerifier::new("https://api.example", shared.clone()).unwrap().with_clock(clock.clone()));
    let proof = client.prove(&claims(&clock));
    assert!(use_it(&here, &proof, client.jkt()).await.is_ok());
    assert!(is_replay(&use_it(&there, &proof, client.jkt()).await));
}

/// A node whose clock is behind takes a proof for longer than its maker's node does.
#[tokio::test]
async fn a_use_is_remembered_for_the_leeway_longer_than_the_proof_is_good_for() {
    let (clock, client) = (ManualClock::default(), Client::new());
    let asked = Arc::new(Asked::default());
    let verifier = DpopVerifier::new("https://api.example", asked.clone()).unwrap().with_clock(clock.clone());
    assert!(use_it(&verifier, &client.prove(&claims(&clock)), client.jkt()).await.is_ok());
    let (_, now, until) = asked.0.lock().unwrap().pop().unwrap();
    assert_eq!(until.saturating_duration_since(now), Duration::from_secs(70));
}

#[tokio::test]
async fn a_proof_that_grew_old_while_it_waited_is_refused() {
    let (clock, client) = (ManualClock::default(), Client::new());
    let verifier = verifier(&clock);
    let proven = check(&verifier, &client.prove(&claims(&clock)), client.jkt()).unwrap();
    clock.advance(Duration::from_millis(60_001));
    assert!(is_replay(&proven.spend().await));
    let proven = check(&verifier, &client.prove(&claims(&clock)), client.jkt()).unwrap();
    // A proof states whole seconds.
    clock.advance(Duration::from_millis(59_999));
    assert!(proven.spend().await.is_ok());
}

#[tokio::test]
async fn an_outage_of_the_store_is_never_a_verdict() {
    let (clock, client) = (ManualClock::default(), Client::new());
    let verifier = DpopVerifier::new("https://api.example", Down).unwrap().with_clock(clock.clone());
    let outcome = use_it(&verifier, &client.prove(&claims(&clock)), client.jkt()).await;
    assert!(matches!(outcome, Err(Refusal::Unavailable(_))), "{outcome:?}");
}

#[derive(Debug, Default)]
struct Asked(std::sync::Mutex<Vec<(ReplayKey, Timestamp, Timestamp)>>);

#[async_trait]
impl ReplayStore for Asked {
    async fn first_use(&self, key: ReplayKey, now: Timestamp, until: Timestamp) -> Result<bool, Unavailable> {
        self.0.lock().unwrap().push((key, now, until));
        Ok(true)
    }
}

#[derive(Debug)]
struct Down;

#[async_trait]
impl ReplayStore for Down {
    async fn first_use(&self, _: ReplayKey, _: Timestamp, _: Timestamp) -> Result<bool, Unavailable> {
        Err(Unavailable::new(UnavailableKind::Store))
    }
}

/// The same proof with `n − s` in place of `s`.
fn twin(proof: &str) -> String {
    let (input, signature) = proof.rsplit_once('.').unwrap();
    let mut signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut borrow = 0_i16;
    for (s, n) in signature[32..].iter_mut().zip(ORDER).rev() {
        let difference = i16::from(n) - i16::from(*s) - borrow;
        borrow = i16::from(difference < 0);
        *s = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// Of P-256 (FIPS 186-5).
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];
