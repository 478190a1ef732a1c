//! The ports of what is kept: keys, users, usage, the audit trail, and the store's record of itself.

mod api_keys;
mod arc;
mod audit;
mod commit;
mod directory;
mod error;
mod idempotency;
mod last_used;
mod page;
mod registry;
mod usage;

pub use api_keys::ApiKeyStore;
pub use audit::AuditLog;
pub use commit::Commit;
pub use directory::{DeletedUser, Directory, SignUp};
pub use error::StoreError;
pub use idempotency::IdempotencyRecord;
pub use last_used::LastUsedStore;
pub use page::{KeyCursor, Page};
pub use registry::{Dependencies, PepperRecord, SigningRecord, StoreAge, StoreOrigin, StoreRecord, StoreRegistry};
pub use usage::UsageStore;
