use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use remint_core::{Unavailable, UnavailableKind};
use remint_issuer::Signer;
use remint_jwt::{Algorithm, Jwk, SigningKey};

/// A signer that holds its key in this process.
#[derive(Debug)]
pub struct LocalSigner(SigningKey);

impl LocalSigner {
    /// With a key of its own.
    #[must_use]
    pub fn generate(algorithm: Algorithm) -> Self {
        Self(SigningKey::generate(algorithm).expect("a key can be made"))
    }
}

#[async_trait]
impl Signer for LocalSigner {
    fn algorithm(&self) -> Algorithm {
        self.0.algorithm()
    }

    fn public_jwk(&self) -> &Jwk {
        self.0.public_jwk()
    }

    async fn sign(&self, signing_input: &[u8]) -> Result<Vec<u8>, Unavailable> {
        // As with a signer on the other side of a wire, others get their turn in between.
        tokio::task::yield_now().await;
        self.0.signature(signing_input).map_err(|error| Unavailable::new(UnavailableKind::Issuer).with_source(error))
    }
}

/// A signer that can be cut off from its key.
#[derive(Debug)]
pub struct Severable<S> {
    signer: S,
    cut: AtomicBool,
}

impl<S> Severable<S> {
    /// Around another signer.
    pub const fn new(signer: S) -> Self {
        Self { signer, cut: AtomicBool::new(false) }
    }

    /// From now on there is no key.
    pub fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
    }

    /// From now on there is one again.
    pub fn mend(&self) {
        self.cut.store(false, Ordering::SeqCst);
    }
}

#[async_trait]
impl<S: Signer> Signer for Severable<S> {
    fn algorithm(&self) -> Algorithm {
        self.signer.algorithm()
    }

    fn public_jwk(&self) -> &Jwk {
        self.signer.public_jwk()
    }

    async fn sign(&self, signing_input: &[u8]) -> Result<Vec<u8>, Unavailable> {
        if self.cut.load(Ordering::SeqCst) {
            return Err(Unavailable::new(UnavailableKind::Issuer));
        }
        self.signer.sign(signing_input).await
    }
}
