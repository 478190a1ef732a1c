use std::io;
use std::path::PathBuf;

use remint_core::InvalidIssuer;
use remint_jwt::KeyError;
use remint_secret_file::SecretFileError;

/// Why an issuer cannot be built, or its keys not be kept up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerError {
    /// A setting that cannot work.
    #[error("{0}")]
    Setting(&'static str),
    /// The issuer is no address.
    #[error(transparent)]
    Issuer(#[from] InvalidIssuer),
    /// The key folder or a file in it cannot be read or written.
    #[error("cannot use {}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Others could have read or written the key folder or a private key in it.
    #[error("{0}")]
    Permissions(SecretFileError),
    /// A `.pem` file whose name is not `<unix seconds>-<algorithm>-<key id>.pem`, or names another
    /// key than it holds.
    #[error("{} is not named after its key: <unix seconds>-<algorithm>-<key id>.pem", path.display())]
    FileName {
        /// The file.
        path: PathBuf,
    },
    /// A `.pem` file that holds no usable private key.
    #[error("{} holds no usable private key", path.display())]
    FileKey {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: KeyError,
    },
    /// The key folder is not the one that it was: a folder that holds neither the keys nor the lock took its place.
    #[error(
        "{} holds none of the signing keys that were in it: no new ones are made, and those in memory go on signing \
         until the process ends. Bring them back",
        path.display()
    )]
    KeysAreGone {
        /// The folder.
        path: PathBuf,
    },
    /// Another process has held the folder's lock for too long: it is making a key, or stuck.
    #[error("another process holds {}", path.display())]
    Locked {
        /// The lock.
        path: PathBuf,
    },
    /// The signing key was given, or is held elsewhere: its rotation is not this issuer's to do.
    #[error("the signing key is fixed: it is replaced where it comes from")]
    FixedKey,
    /// A public key that cannot be used or published.
    #[error("a public key cannot be published")]
    PublicKey(#[source] KeyError),
    /// A new key cannot be made.
    #[error("a new signing key cannot be made")]
    Generate(#[source] KeyError),
}

impl From<SecretFileError> for IssuerError {
    fn from(error: SecretFileError) -> Self {
        match error {
            SecretFileError::Io { path, source } => Self::Io { path, source },
            error => Self::Permissions(error),
        }
    }
}
