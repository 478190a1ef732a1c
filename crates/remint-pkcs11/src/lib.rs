//! The internal issuer's key in a hardware security module: a signer over PKCS #11.
//!
//! # Where it stands on the line
//!
//! Rank 4, behind the issuer's port [`Signer`](remint_issuer::Signer): what is to be signed goes in, a
//! signature comes out, and the private key is in no memory of ours.
//!
//! # How it works
//!
//! The module is loaded once for the process. A token is found by its label, a key by its label, its id
//! or both; there must be exactly one. Sessions are opened as they are needed, up to
//! [`sessions`](Pkcs11SignerBuilder::sessions), and kept; the first one logs in. Whatever blocks does so
//! on a thread of its own, never in a task. A session that fails takes all others along: the next
//! signature opens a new one, logs in again, and finds the key again. So a token that was away is used
//! again as soon as it is back.
//!
//! A PIN that the token refuses is tried once and never again, since a token locks itself after a few
//! attempts: mend it, and start anew.
//!
//! ES256, RS256 and PS256. For ES256 the token is given the digest (`CKM_ECDSA`), which every token can
//! sign.
//!
//! # What the deployment must guarantee
//!
//! That the module is the one of the token's maker: it is code in this process. That nobody else in this
//! process logs out of the token or ends the module; it would be an outage until the next signature.
//!
//! # Example
//!
//! ```no_run
//! use remint_core::{Audience, IssuerId};
//! use remint_issuer::Issuer;
//! use remint_pkcs11::{Pin, Pkcs11Signer};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let pin = Pin::new(std::env::var("TOKEN_PIN")?);
//! let signer = Pkcs11Signer::builder("/usr/lib/softhsm/libsofthsm2.so", "issuer", pin)
//!     .key_label("2026")
//!     .connect()
//!     .await?;
//! let id = IssuerId::new("https://auth.internal")?;
//! let issuer = Issuer::builder(id, Audience::new("internal")?).signer(signer).build()?;
//! # Ok(())
//! # }
//! ```
//!
//! # What this crate is not
//!
//! A way to make keys: they are made with the tools of the token's maker, by whoever is its officer.

mod builder;
mod error;
mod module;
mod pin;
mod public;
mod scheme;
mod signer;
mod token;

pub use builder::Pkcs11SignerBuilder;
pub use error::Pkcs11Error;
pub use pin::Pin;
pub use signer::Pkcs11Signer;
