#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use remint_conformance::signer::LocalSigner;
use remint_core::{Unavailable, UnavailableKind};
use remint_issuer::Signer;
use remint_jwt::{Algorithm, Jwk};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    SignsWithAnotherKey,
    Truncates,
    Trims,
    AnswersInDer,
    ChangesItsKey,
    MixesCallersUp,
    LosesPermits,
    MakesUpSignatures,
    BlamesTheStore,
    FallsSilent,
    ForgetsItsKey,
    StaysAway,
}

#[derive(Debug)]
pub(crate) struct Faulty {
    fault: Fault,
    key: LocalSigner,
    other: LocalSigner,
    signed: AtomicUsize,
    taken: AtomicUsize,
    cut: AtomicBool,
    was_asked_while_cut: AtomicBool,
    message: Mutex<Vec<u8>>,
}

impl Faulty {
    pub(crate) fn new(fault: Fault) -> Self {
        Self {
            fault,
            key: LocalSigner::generate(Algorithm::Es256),
            other: LocalSigner::generate(Algorithm::Es256),
            signed: AtomicUsize::new(0),
            taken: AtomicUsize::new(0),
            cut: AtomicBool::new(false),
            was_asked_while_cut: AtomicBool::new(false),
            message: Mutex::default(),
        }
    }

    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
    }

    pub(crate) fn mend(&self) {
        self.cut.store(false, Ordering::SeqCst);
    }

    /// Whether it has gone over to its other key.
    fn has_changed(&self) -> bool {
        match self.fault {
            Fault::ChangesItsKey => self.signed.load(Ordering::SeqCst) >= 3,
            Fault::ForgetsItsKey => self.was_asked_while_cut.load(Ordering::SeqCst),
            _ => false,
        }
    }

    async fn without_a_key(&self) -> Result<Vec<u8>, Unavailable> {
        self.was_asked_while_cut.store(true, Ordering::SeqCst);
        match self.fault {
            Fault::MakesUpSignatures => Ok(vec![0; 64]),
            Fault::BlamesTheStore => Err(Unavailable::new(UnavailableKind::Store)),
            Fault::FallsSilent => std::future::pending().await,
            _ => Err(Unavailable::new(UnavailableKind::Issuer)),
        }
    }
}

#[async_trait]
impl Signer for Faulty {
    fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    fn public_jwk(&self) -> &Jwk {
        if self.has_changed() { self.other.public_jwk() } else { self.key.public_jwk() }
    }

    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unavailable> {
        let stays_away = self.fault == Fault::StaysAway && self.was_asked_while_cut.load(Ordering::SeqCst);
        if self.cut.load(Ordering::SeqCst) || stays_away {
            return self.without_a_key().await;
        }
        let key = if self.has_changed() { &self.other } else { &self.key };
        self.signed.fetch_add(1, Ordering::SeqCst);
        match self.fault {
            Fault::SignsWithAnotherKey => self.other.sign(message).await,
            Fault::Truncates => key.sign(message.get(..4096).unwrap_or(message)).await,
            Fault::Trims => key.sign(message.trim_ascii()).await,
            Fault::AnswersInDer => key.sign(message).await.map(|raw| [&[0x30, 0x44, 0x02, 0x20], &raw[..]].concat()),
            Fault::MixesCallersUp => {
                *self.message.lock().unwrap() = message.to_vec();
                tokio::task::yield_now().await;
                let message = self.message.lock().unwrap().clone();
                key.sign(&message).await
            }
            Fault::LosesPermits => {
                while self.taken.load(Ordering::SeqCst) >= 8 {
                    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                }
                self.taken.fetch_add(1, Ordering::SeqCst);
                let signature = key.sign(message).await;
                self.taken.fetch_sub(1, Ordering::SeqCst);
                signature
            }
            _ => key.sign(message).await,
        }
    }
}
