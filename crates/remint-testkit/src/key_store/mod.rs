//! What every store of keys and users must do: [`ApiKeyStore`], [`Directory`] and
//! [`LastUsedStore`] over one source.
//!
//! A case gets an empty store. [`key_store_suite!`](crate::key_store_suite) stamps a test for each
//! case that any store must pass, [`key_store_outage_suite!`](crate::key_store_outage_suite) for
//! each case of a store whose connection can be cut.

use remint_core::{ApiKeyStore, Directory, LastUsedStore};

pub mod concurrency;
pub mod directory;
pub mod keys;
pub mod last_used;
pub mod outage;
mod samples;
mod severable;
mod suite;

pub use samples::{found, key, user, user_id};
pub use severable::Severable;

/// The three ports of a store of keys and users.
pub trait Store: ApiKeyStore + Directory + LastUsedStore {}

impl<S: ApiKeyStore + Directory + LastUsedStore> Store for S {}
