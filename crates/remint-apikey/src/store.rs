use remint_core::{ApiKeyStore, Directory, LastUsedStore};

/// A store of keys and of the users they belong to: one source, since deleting a user takes the
/// keys along in one transaction.
///
/// It is implemented for whatever implements the three ports.
pub trait KeyStore: ApiKeyStore + Directory + LastUsedStore {}

impl<S: ApiKeyStore + Directory + LastUsedStore> KeyStore for S {}
