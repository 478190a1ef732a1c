//! Names and seals of the shared cache tier: a dump of it holds no credential and no token.
//!
//! # Where it stands on the line
//!
//! Between the memory tier and the shared tier. The shared tier holds bytes under names; this crate makes both.
//!
//! # The decision
//!
//! A value opens if and only if
//!
//! 1. its first byte is a version that this crate knows;
//! 2. the caller presents the credential that it was sealed for, in the same slot;
//! 3. audience, on-behalf-of and policy are the same;
//! 4. one of the node's secrets is the one that it was sealed under;
//! 5. every byte of it is as it was sealed.
//!
//! Anything else is a miss: [`Place::open`] returns `None`, and the caller is authenticated as if the tier were empty.
//!
//! # Keys
//!
//! All from one [`ClusterSecret`], by HKDF-SHA-256 (RFC 5869):
//!
//! | what | how |
//! | --- | --- |
//! | name key, seal key, key check | HKDF of the secret, each with an `info` of its own |
//! | name | HMAC-SHA-256 under the name key, of each part of [`EntryParts`], length-prefixed |
//! | a value's key | HKDF with the seal key as salt; the input is slot and credential, `info` is version and name |
//! | a value | version, random nonce (12 bytes), AES-256-GCM; associated data: version, name, policy |
//!
//! Since a value's key needs the credential, the secret alone opens nothing; since it needs the secret, a weak
//! credential cannot be searched for in a dump. Since it needs the name, a value that was moved to another name does not
//! open.
//!
//! # Rotation
//!
//! As peppers rotate: put the new secret in front, at one node after the other, then drop the old one. A node writes under
//! its newest secret and reads under each ([`ClusterSecrets::places`]). [`KeyChecks`] tell nodes whether their secrets
//! agree.
//!
//! # What the deployment must guarantee
//!
//! A random secret of at least 32 bytes, the same at each node and not stored in the shared tier. Anyone who has the secret
//! and a dump can test whether a guessed credential is in it.
//!
//! # Example
//!
//! ```
//! use remint_core::Slot;
//! use remint_seal::{ClusterSecret, ClusterSecrets, EntryParts};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let secrets = ClusterSecrets::new(ClusterSecret::from_bytes(&[7; 32])?);
//! let parts = EntryParts {
//!     slot: Slot::Bearer,
//!     credential: "e30.e30.e30",
//!     audience: "internal",
//!     on_behalf_of: None,
//!     policy: "policy-1",
//! };
//! let place = secrets.newest_place(&parts);
//! let value = place.seal(b"an internal token")?; // put it under place.name()
//! assert_eq!(place.open(&value).as_deref().map(Vec::as_slice), Some(&b"an internal token"[..]));
//!
//! let other = EntryParts { credential: "e30.e30.e31", ..parts };
//! assert!(secrets.newest_place(&other).open(&value).is_none());
//! # Ok(())
//! # }
//! ```
//!
//! # What this crate is not
//!
//! A shared tier, or a client of one. It stores nothing, and decides nothing about how old a value may be.

mod key_check;
mod key_checks;
mod parts;
mod place;
mod secret;
mod secrets;

pub use key_check::KeyCheck;
pub use key_checks::{Agreement, KeyChecks};
pub use parts::EntryParts;
pub use place::Place;
pub use secret::{ClusterSecret, ClusterSecretError};
pub use secrets::ClusterSecrets;
