use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use remint_core::Unavailable;
use remint_jwt::{Algorithm, Jwk};

/// Signs with a private key that this process does not hold: in a KMS or an HSM.
///
/// # Contract
///
/// - The answer is one signature over exactly the bytes that were given, under the private half of
///   [`public_jwk`](Self::public_jwk), with [`algorithm`](Self::algorithm). Hashing is part of the
///   algorithm and the signer's business.
/// - It is in the form of a JWS (RFC 7518 §3): ECDSA as `r ‖ s` of full length, never DER; RSA as
///   long as the modulus; Ed25519 as 64 bytes.
/// - Algorithm and public key stay the same for as long as the signer lives: another key is another
///   signer.
/// - Whatever keeps it from a signature is [`Unavailable`] of the kind
///   [`Issuer`](remint_core::UnavailableKind::Issuer), and never a made-up signature. After an outage
///   it works again by itself.
/// - It answers in bounded time, an outage included.
/// - Many may ask at once; one answer never goes to another.
/// - It logs neither what it is given nor what it returns.
#[async_trait]
pub trait Signer: Debug + Send + Sync + 'static {
    /// The one algorithm it signs with.
    fn algorithm(&self) -> Algorithm;

    /// The public key. Its `kid` is of no matter: an internal key is published under its thumbprint.
    fn public_jwk(&self) -> &Jwk;

    /// Signs.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if there is no signature now.
    async fn sign(&self, signing_input: &[u8]) -> Result<Vec<u8>, Unavailable>;
}

#[async_trait]
impl<S: Signer + ?Sized> Signer for Arc<S> {
    fn algorithm(&self) -> Algorithm {
        (**self).algorithm()
    }

    fn public_jwk(&self) -> &Jwk {
        (**self).public_jwk()
    }

    async fn sign(&self, signing_input: &[u8]) -> Result<Vec<u8>, Unavailable> {
        (**self).sign(signing_input).await
    }
}
