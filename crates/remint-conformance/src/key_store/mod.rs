//! What every store of keys and users must do: [`ApiKeyStore`], [`Directory`], [`LastUsedStore`],
//! [`UsageStore`], [`AuditLog`] and [`StoreRegistry`] over one source.
//!
//! A case gets an empty store. [`key_store_suite!`](crate::key_store_suite) stamps a test for each
//! case that any store must pass, [`key_store_outage_suite!`](crate::key_store_outage_suite) for
//! each case of a store whose connection can be cut.

use remint_core::{ApiKeyStore, AuditLog, Directory, LastUsedStore, StoreRegistry, UsageStore};

pub mod batches;
pub mod candidates;
pub mod changes;
pub mod concurrency;
pub mod descent;
pub mod directory;
pub mod expiry;
pub mod keys;
pub mod last_used;
pub mod links;
pub mod onces;
pub mod outage;
pub mod paging;
mod plain;
pub mod races;
pub mod registry;
pub mod rehashing;
pub mod rotations;
mod samples;
mod severable;
pub mod sign_ups;
mod suite;
pub mod tenants;
pub mod trails;
pub mod usage;

pub use plain::Plain;
pub use samples::{
    MORNING, event, found, key, link, made_by, once, rotation, sign_up, tenant, tenant_id, trail, user, user_id,
};
pub use severable::Severable;

/// The six ports of a store of keys and users.
pub trait Store: ApiKeyStore + Directory + LastUsedStore + UsageStore + AuditLog + StoreRegistry {}

impl<S: ApiKeyStore + Directory + LastUsedStore + UsageStore + AuditLog + StoreRegistry> Store for S {}
