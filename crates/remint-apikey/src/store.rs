use remint_core::{ApiKeyStore, AuditLog, Directory, LastUsedStore, StoreRegistry, UsageStore};

/// A store of keys and of the users they belong to, of what they used and of what was done: one
/// source, since a change is one transaction with all that goes with it.
///
/// It is implemented for whatever implements the six ports.
pub trait KeyStore: ApiKeyStore + Directory + LastUsedStore + UsageStore + AuditLog + StoreRegistry {}

impl<S: ApiKeyStore + Directory + LastUsedStore + UsageStore + AuditLog + StoreRegistry> KeyStore for S {}
