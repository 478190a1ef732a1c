//! Fakes of ports, for tests that need to say what happens behind them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use remint_core::{
    Authentication, Authenticator, ClientId, Clock, Credential, CredentialRef, DeniedKind, Environment, Identity,
    InternalToken, IssuerId, KeyId, MintRequest, Refusal, Subject, Timestamp, TokenId, TokenIssuer, Unavailable,
    Verified,
};
use tokio::sync::Semaphore;

use crate::ManualClock;

/// An authenticator that knows what it is told. Clones share everything.
#[derive(Debug, Clone, Default)]
pub struct FakeAuthenticator(Arc<Known>);

#[derive(Default)]
struct Known {
    answers: Mutex<HashMap<String, Result<Authentication, Refusal>>>,
    asked: AtomicUsize,
    gate: Mutex<Option<Arc<Semaphore>>>,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Known(..)")
    }
}

impl FakeAuthenticator {
    /// One that knows nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on answers this for `text`.
    pub fn answer(&self, text: &str, answer: impl Into<Result<Authentication, Refusal>>) {
        self.0.answers.lock().expect("not poisoned").insert(text.to_owned(), answer.into());
    }

    /// From now on knows nobody again.
    pub fn forget(&self) {
        self.0.answers.lock().expect("not poisoned").clear();
    }

    /// From now on waits, before it answers, for one permit of the gate that this returns.
    #[must_use]
    pub fn gate(&self) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        *self.0.gate.lock().expect("not poisoned") = Some(gate.clone());
        gate
    }

    /// How often it was asked.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Authenticator for FakeAuthenticator {
    async fn authenticate(&self, credential: Credential<'_>) -> Result<Option<Verified<Authentication>>, Refusal> {
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.0.answers.lock().expect("not poisoned").get(credential.expose_secret()).cloned();
        let gate = self.0.gate.lock().expect("not poisoned").clone();
        if let Some(gate) = gate {
            gate.acquire().await.expect("open").forget();
        }
        #[expect(clippy::disallowed_methods, reason = "a fake of an authenticator")]
        answer.unwrap_or(Err(DeniedKind::Signature.into())).map(|known| Some(Verified::vouch(known)))
    }
}

/// The authentication of an API key `k1` of this user.
#[must_use]
pub fn api_key_of(user: &str) -> Authentication {
    let id = KeyId::new("k1").expect("a name");
    let credential = CredentialRef::ApiKey { id: id.clone() };
    let subject = Subject::new(user).expect("a name");
    let identity = Identity::new(subject, Environment::Live, id.into(), credential);
    Authentication::new(identity, Timestamp::from_secs(1), Timestamp::MAX)
}

/// The authentication of a token of `https://idp.example` for this subject.
#[must_use]
pub fn jwt_of(subject: &str, issued_at: Timestamp, expires_at: Timestamp) -> Authentication {
    let issuer = IssuerId::new("https://idp.example").expect("a name");
    let client = ClientId::new("web").expect("a name");
    let external = Subject::new(subject).expect("a name");
    let ours = Subject::new(format!("idp|{subject}")).expect("a name");
    let credential = CredentialRef::Jwt { issuer, subject: external, id: None, digest: None };
    Authentication::new(Identity::new(ours, Environment::Live, client, credential), issued_at, expires_at)
}

/// A token issuer whose tokens are numbered: `e30.e30.1`, `e30.e30.2`, … Clones share the count.
#[derive(Debug, Clone)]
pub struct FakeIssuer {
    clock: ManualClock,
    minted: Arc<AtomicU64>,
    outage: Arc<Mutex<Option<Unavailable>>>,
    signature: String,
}

impl FakeIssuer {
    /// One whose tokens live for five minutes.
    #[must_use]
    pub fn new(clock: ManualClock) -> Self {
        Self { clock, minted: Arc::default(), outage: Arc::default(), signature: String::new() }
    }

    /// The same with tokens that are longer by `length` bytes.
    #[must_use]
    pub fn padded(mut self, length: usize) -> Self {
        self.signature = "s".repeat(length);
        self
    }

    /// How many tokens it has minted.
    #[must_use]
    pub fn minted(&self) -> u64 {
        self.minted.load(Ordering::SeqCst)
    }

    /// From now on fails so, or no longer.
    pub fn fail(&self, outage: Option<Unavailable>) {
        *self.outage.lock().expect("not poisoned") = outage;
    }
}

#[async_trait]
impl TokenIssuer for FakeIssuer {
    async fn issue(&self, request: MintRequest<'_>) -> Result<InternalToken, Refusal> {
        if let Some(outage) = self.outage.lock().expect("not poisoned").clone() {
            return Err(outage.into());
        }
        let number = self.minted.fetch_add(1, Ordering::SeqCst) + 1;
        let expires_at = self.clock.now().saturating_add(Duration::from_secs(300)).min(request.not_after);
        let id = TokenId::new(format!("j{number}")).expect("a name");
        Ok(InternalToken::new(
            &format!("e30.e30.{}{number}", self.signature),
            id,
            Timestamp::from_secs(expires_at.as_secs()),
        )
        .expect("a header value"))
    }
}
