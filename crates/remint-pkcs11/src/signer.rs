use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use remint_core::{Unavailable, UnavailableKind};
use remint_issuer::Signer;
use remint_jwt::{Algorithm, Jwk};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::token::Token;
use crate::{Pin, Pkcs11Error, Pkcs11SignerBuilder};

/// Signs with a private key that a PKCS #11 token holds, and never gives away.
#[derive(Debug)]
pub struct Pkcs11Signer {
    pub(crate) token: Arc<Token>,
    pub(crate) public: Jwk,
    pub(crate) permits: Arc<Semaphore>,
    pub(crate) timeout: Duration,
}

impl Pkcs11Signer {
    /// Begins with the module's library (`/usr/lib/softhsm/libsofthsm2.so`), the token's label and its
    /// user's PIN.
    pub fn builder(module: impl Into<PathBuf>, token: impl Into<String>, pin: Pin) -> Pkcs11SignerBuilder {
        Pkcs11SignerBuilder::new(module.into(), token.into(), pin)
    }

    async fn ask(&self, signing_input: &[u8]) -> Result<Vec<u8>, Pkcs11Error> {
        // Never closed.
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| Pkcs11Error::Timeout)?;
        let (token, signing_input) = (Arc::clone(&self.token), signing_input.to_vec());
        blocking(move || {
            // A module that hangs keeps its place: no more threads than sessions ever wait for it.
            let _permit = permit;
            token.sign(&signing_input)
        })
        .await
    }
}

#[async_trait]
impl Signer for Pkcs11Signer {
    fn algorithm(&self) -> Algorithm {
        self.token.scheme.algorithm()
    }

    fn public_jwk(&self) -> &Jwk {
        &self.public
    }

    async fn sign(&self, signing_input: &[u8]) -> Result<Vec<u8>, Unavailable> {
        let answer = timeout(self.timeout, self.ask(signing_input)).await;
        answer.unwrap_or(Err(Pkcs11Error::Timeout)).map_err(|error| {
            // A PIN that was refused is for a person to mend.
            let retry_after = if matches!(error, Pkcs11Error::Pin) { A_MINUTE } else { A_SECOND };
            Unavailable::new(UnavailableKind::Issuer).with_retry_after(retry_after).with_source(error)
        })
    }
}

/// On a thread where it may block. Whoever stops waiting does not stop it.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Pkcs11Error> + Send + 'static,
) -> Result<T, Pkcs11Error> {
    spawn_blocking(work).await.unwrap_or_else(|error| Err(Pkcs11Error::Device(Box::new(error))))
}

const A_SECOND: Duration = Duration::from_secs(1);
const A_MINUTE: Duration = Duration::from_secs(60);
