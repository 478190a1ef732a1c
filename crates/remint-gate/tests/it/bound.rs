//! Requests that are bound by DPoP.

use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::{HeaderMap, Method};
use remint_core::{Authentication, Clock as _, Confirmation, ReplayStore, Timestamp};
use remint_dpop::{DpopVerifier, MemoryReplays, Nonces};
use remint_gate::{Decision, Gate, RequestHead, Verdict};
use remint_guard::{Policy, RequestKind};
use remint_jwt::{Algorithm, SigningKey};
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, jwt_of};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::support::{denied, forwarded, headers, normalizer};

const TOKEN: &str = "bound.to.key";

/// A gate that knows a token bound to this key; with nonces if they are demanded.
pub(crate) struct Edge {
    pub(crate) gate: Gate,
    key: SigningKey,
    proofs: AtomicU32,
}

impl Edge {
    pub(crate) fn new(demands_nonces: bool) -> Self {
        Self::with_replays(demands_nonces, MemoryReplays::new(100))
    }

    pub(crate) fn with_replays(demands_nonces: bool, replays: impl ReplayStore) -> Self {
        let key = SigningKey::generate(Algorithm::EdDSA).unwrap();
        let known = FakeAuthenticator::new();
        let confirmation = Some(Confirmation::Jkt(key.public_jwk().thumbprint_bytes()));
        let authentication = jwt_of("alice", Timestamp::from_secs(1), Timestamp::MAX);
        known.answer(TOKEN, Ok(Authentication { confirmation, ..authentication }));
        known.answer("free.to.all", Ok(jwt_of("bob", Timestamp::from_secs(1), Timestamp::MAX)));
        let mut verifier = DpopVerifier::new("https://api.example", replays).unwrap();
        if demands_nonces {
            verifier = verifier.with_nonces(Nonces::random().unwrap());
        }
        let normalizer = normalizer(&known, |builder| builder.dpop(verifier));
        Self { gate: Gate::new(normalizer, Policy::new()), key, proofs: AtomicU32::new(0) }
    }

    pub(crate) fn request(&self, nonce: Option<&str>) -> HeaderMap {
        let mut claims = json!({
            "jti": self.proofs.fetch_add(1, Ordering::SeqCst).to_string(),
            "htm": "GET",
            "htu": "https://api.example/jobs",
            "iat": ManualClock::default().now().as_secs(),
            "ath": BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(TOKEN)),
        });
        if let Some(nonce) = nonce {
            claims.as_object_mut().unwrap().insert("nonce".to_owned(), nonce.into());
        }
        let proof = self.key.sign_with_own_key("dpop+jwt", &claims).unwrap();
        headers(&[("authorization", &format!("DPoP {TOKEN}")), ("dpop", &proof)])
    }

    /// Whether it had to wait, and the verdict.
    async fn send(&self, headers: &HeaderMap) -> (bool, Verdict<'static>) {
        match self.gate.decide(RequestHead::new(&Method::GET, "/jobs", headers)) {
            Decision::Waiting(waiting) => (true, waiting.await),
            Decision::Ready(Verdict::Deny(denial)) => (false, Verdict::Deny(denial)),
            Decision::Ready(other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn each_request_waits_for_its_proof_though_its_token_is_remembered() {
    let edge = Edge::new(false);
    for _ in 0..3 {
        let request = edge.request(None);
        let (waits, verdict) = edge.send(&request).await;
        let forward = forwarded(verdict);
        assert!(waits && forward.response.is_empty(), "no nonce is demanded");
        assert_eq!(denied(edge.send(&request).await.1).refusal().reason(), "dpop_proof", "a replay");
    }
}

#[tokio::test]
async fn a_header_list_is_held_to_its_proof_too() {
    let edge = Edge::new(false);
    for proofs in [1, 2] {
        let request = edge.request(None);
        let proof = request["dpop"].as_bytes();
        let mut lines: Vec<(&[u8], &[u8])> = vec![(b"Authorization", request["authorization"].as_bytes())];
        lines.extend(std::iter::repeat_n((&b"DPoP"[..], proof), proofs));
        let verdict = match edge.gate.decide(RequestHead::new(&Method::GET, "/jobs", &lines[..])) {
            Decision::Waiting(waiting) => waiting.await,
            Decision::Ready(Verdict::Deny(denial)) => Verdict::Deny(denial),
            Decision::Ready(other) => panic!("{other:?}"),
        };
        match proofs {
            1 => drop(forwarded(verdict)),
            _ => assert_eq!(denied(verdict).refusal().reason(), "dpop_proof"),
        }
    }
}

#[tokio::test]
async fn where_nonces_are_demanded_the_answer_to_a_bound_request_has_the_next_one_and_no_other_answer_has() {
    let edge = Edge::new(true);
    let (_, verdict) = edge.send(&edge.request(None)).await;
    let challenge = denied(verdict).render(RequestKind::Http);
    let mut nonce = challenge.headers()["dpop-nonce"].to_str().unwrap().to_owned();
    for _ in 0..2 {
        let forward = forwarded(edge.send(&edge.request(Some(&nonce))).await.1);
        let mut answer = headers(&[("dpop-nonce", "of the service")]);
        forward.response.apply(&mut answer);
        assert_eq!(answer.get_all("dpop-nonce").iter().count(), 1);
        nonce = answer["dpop-nonce"].to_str().unwrap().to_owned();
    }
    let free = headers(&[("authorization", "Bearer free.to.all")]);
    assert!(forwarded(edge.send(&free).await.1).response.is_empty());
}
