//! The ports of what is kept: keys, users, usage, the audit trail, and the store's record of itself.

mod api_keys;
mod arc;
mod audit;
mod directory;
mod error;
mod last_used;
mod once;
mod page;
mod registry;
mod usage;

pub use api_keys::ApiKeyStore;
pub use audit::AuditLog;
pub use directory::{DeletedUser, Directory, SignUp};
pub use error::StoreError;
pub use last_used::LastUsedStore;
pub use once::Once;
pub use page::{KeyCursor, Page};
pub use registry::{Dependencies, PepperRecord, SigningRecord, StoreAge, StoreOrigin, StoreRecord, StoreRegistry};
pub use usage::UsageStore;
