use remint_core::{ApiKeyStore, AuditLog, Directory, LastUsedStore, StoreRegistry, UsageStore};

/// A store of keys and of the users they belong to, of what they used and of what was done: one
/// source, since a change is one transaction with all that goes with it.
///
/// It is implemented for whatever implements the six ports.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a store of API keys",
    label = "this is not a store",
    note = "a store is opened asynchronously: is `.await?` missing, as in `Sqlite::open(\"keys.db\").await?`",
    note = "a store of your own implements `ApiKeyStore`, `Directory`, `LastUsedStore`, `UsageStore`, `AuditLog` and `StoreRegistry`"
)]
pub trait KeyStore: ApiKeyStore + Directory + LastUsedStore + UsageStore + AuditLog + StoreRegistry {}

#[diagnostic::do_not_recommend]
impl<S: ApiKeyStore + Directory + LastUsedStore + UsageStore + AuditLog + StoreRegistry> KeyStore for S {}
