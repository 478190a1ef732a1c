//! The internal token: claims, minting, published key set, rotation with overlap.
//!
//! # Where it stands on the line
//!
//! Rank 3, at the end of a miss: a verified, enriched identity goes in, one short-lived JWT of
//! one issuer comes out (the port [`TokenIssuer`](remint_core::TokenIssuer)).
//!
//! # What a token says, and for how long
//!
//! Header: `typ` = `at+jwt` (RFC 9068), `alg`, and `kid`, an RFC 7638 thumbprint. Claims: those of
//! RFC 9068 and of CONTRACT.md; what is absent or empty is left out. `exp` is the earlier of the
//! configured time to live and the end of what the token comes from, rounded down: a token never
//! outlives its source.
//!
//! # Which key signs
//!
//! Each key has a moment of activation; the last activated one signs. So:
//!
//! 1. a new key is published at once and signs only after it has been published for at least twice as
//!    long as others may keep the key set ([`JWKS_MAX_AGE`]);
//! 2. its predecessor stays published until its last token has expired, and a minute longer;
//! 3. then its file is removed by the next [`Issuer::maintain`] or [`Issuer::rotate`].
//!
//! Processes that share a key folder follow the same rule from the same file names
//! (`<unix seconds of activation>-<algorithm>-<key id>.pem`) and so agree on the key, provided
//! that each calls `maintain` at least once a minute. They agree on one rotator as well: only who
//! holds the lock on the file `.lock` makes a key, after a look whether another one has just made it;
//! so two that start on an empty folder at the same moment make one key. Nobody waits for long for a
//! holder who is stuck: the keys in use stay in use. A compromised key is removed by
//! [`Issuer::retire`].
//!
//! A key can also be given ([`IssuerBuilder::signing_key`]), or be held by a KMS or an HSM
//! ([`Signer`], [`IssuerBuilder::signer`]): then it is the only one that signs, and its successor and
//! predecessor are published beside it for as long as whoever gives it says.
//!
//! # What the deployment must guarantee
//!
//! Private keys are readable by their owner alone: the folder is made with mode 700 and files with
//! 600. A folder or a key that others may read or write is refused; a group of this process may read them
//! (`remint-secret-file` has the whole rule). A folder that several
//! machines share lies in a file system whose locks (`flock`) hold between them, as NFS has them from
//! version 4 on. The clocks of processes that share keys are less than a minute apart. A time to live
//! that is lowered by a restart does not shorten tokens already issued: do not rotate within the old
//! time to live.
//!
//! # Example
//!
//! ```
//! use remint_core::{Audience, ClientId, CredentialRef, Environment, MintRequest, Identity, IssuerId, KeyId, Subject};
//! use remint_core::Timestamp;
//! use remint_issuer::Issuer;
//! use remint_jwt::Jws;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let issuer = Issuer::builder(IssuerId::new("https://auth.internal")?, Audience::new("internal")?).build()?;
//!
//! let key = KeyId::new("key_1")?;
//! let identity = Identity::new(
//!     Subject::new("alice")?,
//!     Environment::Live,
//!     ClientId::from(key.clone()),
//!     CredentialRef::ApiKey { id: key },
//! );
//! let token = issuer.mint(&MintRequest::new(&identity, Timestamp::MAX))?;
//!
//! let jws = Jws::parse(token.expose_secret())?;
//! let key = issuer.key_set().find(jws.header().key_id(), jws.header().algorithm())?;
//! assert_eq!(jws.verify(&key)?.get().subject()?, "alice");
//! # Ok(())
//! # }
//! ```
//!
//! # Transaction tokens
//!
//! [`TransactionIssuer`] mints them for one trust domain, under the same keys: another `typ`, another
//! audience, a minute at most. They are never access tokens.
//!
//! # What this crate is not
//!
//! An authorization server: it authenticates nobody, and whoever can call [`Issuer::mint`] decides
//! what the token says.

mod builder;
mod error;
mod fixed;
mod folder;
mod issuer;
mod kept;
mod keys;
mod lock;
mod permissions;
mod published;
mod random;
mod remote;
mod ring;
mod ring_key;
mod schedule;
mod signer;
mod status;
mod too_long;
mod transaction;

pub use builder::IssuerBuilder;
pub use error::IssuerError;
pub use issuer::{Issuer, JWKS_MAX_AGE};
pub use remint_token::{TOKEN_TYPE, Transaction, TransactionContext};
pub use signer::Signer;
pub use status::{KeyState, KeyStatus};
pub use transaction::{
    TransactionError, TransactionIssuer, TransactionMintRequest, TransactionReplacement, TransactionToken,
};
