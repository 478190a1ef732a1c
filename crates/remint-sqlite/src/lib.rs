//! API keys, users, usage and the audit trail in one SQLite file.
//!
//! # Where it stands on the line
//!
//! [`Sqlite`] is a key store: it implements [`ApiKeyStore`](remint_core::ApiKeyStore),
//! [`Directory`](remint_core::Directory), [`LastUsedStore`](remint_core::LastUsedStore) and
//! [`AuditLog`](remint_core::AuditLog), and beside them [`UsageStore`](remint_core::UsageStore) and
//! [`StoreRegistry`](remint_core::StoreRegistry). It
//! is asked on a cache miss and by whoever manages keys and users. As a
//! [`ReplayStore`](remint_core::ReplayStore) it remembers, for all processes of the machine, what was
//! used once.
//!
//! # What it promises
//!
//! - A look-up is one read by index, key, user and tenant together, and sees every write that has
//!   returned.
//! - A change, its audit events and its idempotency key are one transaction, which holds the write
//!   lock from its beginning. A call that is dropped was carried out or was not, never in part.
//! - Whatever has returned survives the end of the process and, as far as the disk tells the truth,
//!   of the power (`synchronous = FULL`): a revocation that was acknowledged does not come undone.
//!   That costs one `fsync` for each write; writes are rare, since uses are written in batches.
//! - Deleting a user takes every key and every external identity along in one transaction (foreign
//!   keys do it). Usage and audit events stay.
//! - The audit trail only grows: triggers refuse to change or remove an event, whoever asks.
//! - What was used once is remembered until five minutes after its end, and forgotten a few at a time
//!   from then on. There is room for as many as the disk holds: each first use is a row of some 80
//!   bytes and a write with its `fsync`, so let only authenticated callers cause one.
//! - An outage is an error, never absence: a closed store, a full disk, a file that is locked by
//!   another program for more than five seconds.
//!
//! # What the deployment must guarantee
//!
//! The file is on a local disk: SQLite's write-ahead log needs shared memory, which network file
//! systems do not have. Several processes of one machine may share the file. A copy of it is made
//! with `VACUUM INTO` or SQLite's backup command; the `-wal` file belongs to it. It holds keyed
//! digests and no key, yet also who has keys: it is made readable by its owner only.
//!
//! # Example
//!
//! ```
//! use remint_core::{Commit, Directory, Roles, Scopes, SignUp, Timestamp, User, UserId};
//! use remint_sqlite::Sqlite;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("keys.db");
//! # let created_at = Timestamp::from_secs(0);
//! let store = Sqlite::open(path).await?; // or Sqlite::in_memory(), for tests
//! let user = User {
//!     id: UserId::new("alice")?,
//!     tenant: None,
//!     enabled: true,
//!     scopes: Scopes::new(),
//!     roles: Roles::none(),
//!     entitlements: Vec::new(),
//!     plan: None,
//!     created_at,
//! };
//! let alice = SignUp { user, external: Vec::new(), keys: Vec::new() };
//! store.sign_up(&alice, Commit::default()).await?;
//! assert!(store.delete_user(&alice.user.id, Commit::default()).await?.is_some());
//! # Ok(())
//! # }
//! ```
//!
//! The same store remembers what was used once. It is a clone that is given, beside the one that keeps
//! keys:
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use remint_core::{ReplayKey, ReplayStore, Timestamp};
//! use remint_sqlite::Sqlite;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Sqlite::in_memory().await?;
//! let replays: Arc<dyn ReplayStore> = Arc::new(store.clone());
//! let (now, digest) = (Timestamp::from_secs(1_767_225_600), ReplayKey([7; 32]));
//! let until = now.saturating_add(Duration::from_secs(60));
//! assert!(replays.first_use(digest, now, until).await?);
//! assert!(!replays.first_use(digest, now, until).await?);
//! # Ok(())
//! # }
//! ```
//!
//! # What this crate is not
//!
//! It is no way to share keys among machines, and it decides nothing: whether a key works is for
//! the authenticator to say.

mod api_keys;
mod audit;
mod change;
mod columns;
mod directory;
mod file_access;
mod idempotency;
mod last_used;
mod new_file;
mod open_error;
#[cfg(test)]
mod plans;
mod records;
mod registry;
mod replays;
mod revocations;
mod same_file;
mod schema;
mod sqlite;
mod turn;
mod usage;
mod users;
mod watch;

pub use open_error::OpenError;
pub use sqlite::Sqlite;
