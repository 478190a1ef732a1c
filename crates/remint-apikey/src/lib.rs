//! API keys bound to users: made, hashed, checked, listed and revoked.
//!
//! # Where it stands on the line
//!
//! [`ApiKeyAuthenticator`] is the [`Authenticator`](remint_core::Authenticator) that answers, on a
//! cache miss, whose a key is. [`ApiKeys`] is what an administrator's code calls. Both speak to a
//! [`KeyStore`]; [`MemoryStore`] is one, and other crates bring databases.
//!
//! # The decision
//!
//! A text is accepted if and only if
//!
//! 1. it is of an accepted [`TextFormat`]. Of ours that is [`KeyFormat`]: length, prefix,
//!    environment, alphabet, checksum. A mistyped key is refused here, without a look-up;
//! 2. the store holds a key with its HMAC-SHA-256 under one of the [`Peppers`], tried newest first,
//!    or, of a text of another format, with a digest that an [import](ApiKeys::import) brought;
//! 3. that key was not revoked, its end has not come, and its user and their tenant (where there is one)
//!    are enabled.
//!
//! A text of ours is never looked for under a digest without a pepper. Every text that is refused
//! after 1. costs the look-ups that its format asks for, no more and no fewer, and the answer leaves
//! at a beat of 10 µs and at random up to 2 µs later. Over a store that takes longer than a beat, what a
//! look-up takes is hidden by no more than its own noise.
//!
//! A slow password hash has no place here: the secret has more than 190 random bits, so there is
//! nothing to guess, and the check is on the way of requests. The pepper keeps whoever reads a copy
//! of the store from telling which text is a key.
//!
//! # What made a key
//!
//! A key tells [what made it](remint_core::ApiKeyRecord::made_by): whoever the handle [acts as](ApiKeys::acting_as).
//! A key that another key made is its descendant. [`ApiKeys::report_leak`] and
//! [`ApiKeys::revoke_with_descendants`] end a key with all of its descendants, and a key that has ended makes no
//! other. Which keys may make keys is for the caller of [`ApiKeys`] to ask: `remint-identity-service`
//! asks for the scope [`remint:keys`](remint_core::ApiKeyRecord::KEYS_SCOPE), which no key inherits from its user.
//!
//! # Keys from elsewhere
//!
//! [`ApiKeys::import`] brings the digests that another system kept ([`ForeignDigest`]), never texts;
//! [`ApiKeys::accepting`] names the formats of their texts. SHA-512 and SHA-256 are looked up by the
//! digest. PBKDF2 is salted and slow: such a key is found by its prefix and hashed only if it would be
//! let in, on a pool of few threads ([`ApiKeys::hashing_on`]); when that is full the answer is
//! [`Unavailable`](remint_core::Refusal::Unavailable), not a refusal. At its first use an imported key
//! is hashed as ours, under a pepper that every node has ([`Pairing`]), and costs one look-up from then
//! on. So is a key under an older pepper.
//!
//! Whoever knows the prefix of a PBKDF2 key that was not used yet can see, by how long a wrong secret
//! takes, that there is such a key, and can keep the pool busy. Neither ends before the last of them
//! was used or revoked.
//!
//! ```
//! use remint_apikey::{ForeignDigest, ImportedKey, TextFormat};
//! use remint_core::{Environment, UserId};
//!
//! // A row of djangorestframework-api-key's table: its `prefix` and its `hashed_key`.
//! let (prefix, hashed_key) = ("npTiTmsr", "pbkdf2_sha256$1000$4dEOMa1f6nceWJHi7uhtHh$iK/1FCY8ZiIZDmKqCePEyNoea7FZ+kKc3W68QsTWjN4=");
//! let digest = ForeignDigest::parse_django(hashed_key)?;
//! let key = ImportedKey::new(UserId::new("alice")?, Environment::Live, &TextFormat::Drf, prefix, digest)?;
//! # let _ = key; // keys.import(vec![key]).await?
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A table of hashed keys that stays where it is, and is only read, is a [`LegacyKeys`]; three methods make an
//! authenticator of it, [`LegacyKeyAuthenticator`].
//!
//! # What the deployment must guarantee
//!
//! - The pepper file is as secret as a private key, is backed up apart from the store, and is the
//!   same on every node that shares a store. [`Pairing`] checks it at the start of a program: it finds the
//!   peppers that the store needs, and makes the first one. A key whose pepper is not here is
//!   [`Unavailable`](remint_core::Refusal::Unavailable) if a live key begins as it does, and unknown otherwise.
//! - The [`Revoker`](remint_core::Revoker) given to [`ApiKeys`] is the one whose revocations the
//!   caches follow.
//! - [`ApiKeys::flush`] is called now and then: last-used moments wait in memory.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//!
//! use remint_apikey::{ApiKeys, MemoryStore, NewKey, NewUser, Pepper, Peppers};
//! use remint_core::{Environment, UserId};
//! # use remint_core::{Authentication, LogId, Position, Revocation, Revoker, Stamp, Unavailable};
//! # #[derive(Debug)]
//! # struct NoCache;
//! # #[async_trait::async_trait]
//! # impl Revoker for NoCache {
//! #     async fn revoke(&self, _: Revocation) -> Result<Stamp, Unavailable> {
//! #         Ok(Stamp { log: LogId::new("none").unwrap(), position: Position(1) })
//! #     }
//! #     async fn announce(&self, _: &[Revocation]) -> Result<(), Unavailable> { Ok(()) }
//! #     fn refuses(&self, _: &Authentication) -> bool { false }
//! # }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let revoker = Arc::new(NoCache);
//! let peppers = Peppers::new(Pepper::from_text("32 random bytes from your secret store")?);
//! let keys = ApiKeys::new(Arc::new(MemoryStore::new()), peppers, revoker);
//!
//! let alice = UserId::new("alice")?;
//! keys.create_user(NewUser::new(alice.clone()).with_scopes("read write".parse()?)).await?;
//! let (key, record) = keys.create(NewKey::new(alice, Environment::Live)).await?;
//! assert!(key.expose_secret().starts_with("rmt_live_")); // show it to Alice, this once
//!
//! assert!(keys.verify(key.expose_secret()).await.is_ok());
//! keys.revoke(&record.id).await?;
//! assert!(keys.verify(key.expose_secret()).await.is_err());
//! # Ok(())
//! # }
//! ```
//!
//! # What this crate is not
//!
//! It has no HTTP and no cache, and it starts no task. It does not limit how often somebody tries:
//! trying is hopeless at 190 bits, and what it costs is for a quota to bound.

mod authenticator;
mod base62;
mod check;
mod foreign;
mod format;
mod just_in_time;
mod key;
mod last_used;
mod legacy;
mod linked;
mod memory;
mod new_key;
mod new_user;
mod pairing;
mod pepper;
mod pepper_error;
mod pepper_file;
mod peppers;
mod rotate_key;
mod service;
mod store;

pub use authenticator::ApiKeyAuthenticator;
pub use foreign::{
    ForeignDigest, ImportedKey, InvalidDigest, InvalidImport, InvalidTextFormat, OpaquePrefix, TextFormat,
};
pub use format::{InvalidPrefix, KeyFormat, MalformedKey};
pub use just_in_time::{JustInTimeProvisioning, KeyDelivery};
pub use key::ApiKey;
pub use legacy::{LegacyKey, LegacyKeyAuthenticator, LegacyKeys, LegacyUser};
pub use linked::LinkedAuthenticator;
pub use memory::MemoryStore;
pub use new_key::NewKey;
pub use new_user::NewUser;
pub use pairing::{Paired, Pairing, PairingError, SecretSources};
pub use pepper::Pepper;
pub use pepper_error::{PepperError, PepperErrorKind};
pub use peppers::Peppers;
pub use remint_core::KeyName;
pub use rotate_key::{RotateKey, RotatedKey};
pub use service::{ApiKeys, EndedKeys, Leak, SignedUp};
pub use store::KeyStore;
