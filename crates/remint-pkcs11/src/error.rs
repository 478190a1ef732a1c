use std::error::Error;
use std::path::PathBuf;

use remint_jwt::KeyError;

/// Why a key of a token cannot be used. It holds nothing secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Pkcs11Error {
    /// A setting that cannot work.
    #[error("{0}")]
    Setting(&'static str),
    /// The module cannot be loaded, or does not start.
    #[error("the PKCS #11 module {} cannot be used", path.display())]
    Module {
        /// The library.
        path: PathBuf,
        /// What the loader or the module says.
        source: Box<dyn Error + Send + Sync>,
    },
    /// No token has this label, or several have it.
    #[error("{count} tokens have the label that is asked for")]
    Token {
        /// How many.
        count: usize,
    },
    /// No key has this label and id, or several have them.
    #[error("{count} {kind} keys have the label or id that is asked for")]
    Key {
        /// `private` or `public`.
        kind: &'static str,
        /// How many.
        count: usize,
    },
    /// The token did not take the PIN. It is not asked again: a token locks itself after a few.
    #[error("the token does not take the PIN")]
    Pin,
    /// The public key cannot be used with the algorithm.
    #[error("the public key does not fit the algorithm")]
    PublicKey(#[source] KeyError),
    /// What the private key signs does not verify under the public key.
    #[error("the private key is not that of the public key")]
    Mismatch,
    /// The module did not do what it was asked for.
    #[error("the PKCS #11 module failed")]
    Device(#[source] Box<dyn Error + Send + Sync>),
    /// There was no answer in time.
    #[error("the PKCS #11 module did not answer in time")]
    Timeout,
}

impl From<cryptoki::error::Error> for Pkcs11Error {
    fn from(error: cryptoki::error::Error) -> Self {
        Self::Device(Box::new(error))
    }
}
