#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper of tests fails the test")]

use std::sync::Arc;
use std::time::Duration;

use remint_apikey::{ApiKey, ApiKeys, MemoryStore, NewKey, NewUser, Pepper, Peppers};
use remint_conformance::key_store::Severable;
use remint_core::{
    ApiKeyRecord, Authentication, Authenticator, Credential, CredentialForm, DeniedKind, Environment, Refusal, Slot,
    UnavailableKind, UserId,
};
use remint_testkit::{ManualClock, RecordingRevoker};

/// A store, a clock and a log that a test can turn, and the keys over them.
pub(crate) struct Bench {
    pub(crate) store: Severable<MemoryStore>,
    pub(crate) clock: ManualClock,
    pub(crate) revoker: RecordingRevoker,
    pub(crate) keys: ApiKeys,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::over(Severable::new(MemoryStore::new()), Peppers::new(pepper("first")))
    }

    pub(crate) fn over(store: Severable<MemoryStore>, peppers: Peppers) -> Self {
        let (clock, revoker) = (ManualClock::default(), RecordingRevoker::new());
        let keys = ApiKeys::new(Arc::new(store.clone()), peppers, Arc::new(revoker.clone())).with_clock(clock.clone());
        Self { store, clock, revoker, keys }
    }

    /// The same store and clock under other peppers, newest first: another node, or this one after its restart.
    pub(crate) fn node(&self, peppers: &[&str]) -> Self {
        let mut all = peppers.iter().map(|text| pepper(text));
        let newest = Peppers::new(all.next().unwrap());
        let (peppers, revoker) = (all.fold(newest, Peppers::with_older), self.revoker.clone());
        let keys = ApiKeys::new(Arc::new(self.store.clone()), peppers, Arc::new(revoker.clone()));
        let (store, clock) = (self.store.clone(), self.clock.clone());
        Self { store, keys: keys.with_clock(clock.clone()), clock, revoker }
    }

    /// Ten minutes in which each of these nodes looks at the store as often as one does.
    pub(crate) async fn ten_minutes(&self, nodes: &[&Self]) {
        for _ in 0..60 {
            for node in nodes {
                node.keys.missing_peppers().await.unwrap();
            }
            self.clock.advance(Duration::from_secs(10));
        }
    }

    /// One with Alice, who may read and write, and a live key of hers.
    pub(crate) async fn with_a_key() -> (Self, ApiKey, ApiKeyRecord) {
        let bench = Self::new();
        bench.sign_up().await;
        let (key, record) = bench.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
        let _ = bench.revoker.take();
        (bench, key, record)
    }

    pub(crate) async fn sign_up(&self) {
        self.keys.create_user(NewUser::new(alice()).with_scopes("read write".parse().unwrap())).await.unwrap();
    }

    pub(crate) async fn ask(&self, text: &str) -> Result<Option<Authentication>, Refusal> {
        ask(&self.keys, text).await
    }

    pub(crate) async fn accepted(&self, key: &ApiKey) -> Authentication {
        self.ask(key.expose_secret()).await.unwrap().unwrap()
    }

    pub(crate) async fn denied(&self, text: &str) -> DeniedKind {
        denied(&self.keys, text).await
    }
}

pub(crate) async fn ask(keys: &ApiKeys, text: &str) -> Result<Option<Authentication>, Refusal> {
    let credential = Credential::new(Slot::ApiKeyHeader, CredentialForm::ApiKey, text);
    Ok(keys.authenticator().authenticate(credential).await?.map(|verified| verified.into_inner()))
}

pub(crate) async fn denied(keys: &ApiKeys, text: &str) -> DeniedKind {
    match ask(keys, text).await {
        Err(Refusal::Denied(denied)) => denied.kind(),
        other => panic!("{other:?}"),
    }
}

/// Whether it is an outage, since a pepper is not here.
pub(crate) fn is_out<T: std::fmt::Debug>(outcome: &Result<T, Refusal>) -> bool {
    matches!(outcome, Err(Refusal::Unavailable(error)) if error.kind() == UnavailableKind::Pepper)
}

pub(crate) fn alice() -> UserId {
    UserId::new("alice").unwrap()
}

pub(crate) fn pepper(text: &str) -> Pepper {
    Pepper::from_text(&format!("{text}, a pepper of enough length")).unwrap()
}
