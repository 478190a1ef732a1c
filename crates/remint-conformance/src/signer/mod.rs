//! What every [`Signer`](remint_issuer::Signer) must do.
//!
//! [`signer_suite!`](crate::signer_suite) stamps a test for each case that any signer must pass,
//! [`signer_outage_suite!`](crate::signer_outage_suite) for each case of one whose key can be taken
//! away and given back.

pub mod concurrency;
mod local;
pub mod outage;
pub mod signatures;
mod suite;

pub use local::{LocalSigner, Severable};
