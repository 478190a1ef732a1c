//! The ports of what is kept: keys, users, usage, the audit trail.

mod api_keys;
mod arc;
mod audit;
mod directory;
mod error;
mod last_used;
mod once;
mod page;
mod usage;

pub use api_keys::ApiKeyStore;
pub use audit::AuditLog;
pub use directory::{DeletedUser, Directory, SignUp};
pub use error::StoreError;
pub use last_used::LastUsedStore;
pub use once::Once;
pub use page::{KeyCursor, Page};
pub use usage::UsageStore;
