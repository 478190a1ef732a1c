//! API keys and users in one SQLite file.
//!
//! # Where it stands on the line
//!
//! [`Sqlite`] is a key store: it implements [`ApiKeyStore`](remint_core::ApiKeyStore),
//! [`Directory`](remint_core::Directory) and [`LastUsedStore`](remint_core::LastUsedStore). It is
//! asked on a cache miss and by whoever manages keys and users.
//!
//! # What it promises
//!
//! - A look-up is one read by index, key and user together, and sees every write that has returned.
//! - Whatever has returned survives the end of the process and, as far as the disk tells the truth,
//!   of the power (`synchronous = FULL`): a revocation that was acknowledged does not come undone.
//!   That costs one `fsync` for each write; writes are rare, since uses are written in batches.
//! - Deleting a user takes every key along in one transaction (a foreign key does it).
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
//! use remint_core::{Directory, Scopes, Timestamp, User, UserId};
//! use remint_sqlite::Sqlite;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("keys.db");
//! let store = Sqlite::open(path).await?; // or Sqlite::in_memory(), for tests
//! let alice = UserId::new("alice")?;
//! # let created_at = Timestamp::from_secs(0);
//! store
//!     .insert_user(&User { id: alice.clone(), tenant: None, enabled: true, scopes: Scopes::new(), created_at })
//!     .await?;
//! assert!(store.delete_user(&alice).await?);
//! # Ok(())
//! # }
//! ```
//!
//! # What this crate is not
//!
//! It is no way to share keys among machines, and it decides nothing: whether a key works is for
//! the authenticator to say.

mod api_keys;
mod directory;
mod last_used;
mod new_file;
mod open_error;
mod row;
mod schema;
mod sqlite;

pub use open_error::OpenError;
pub use sqlite::Sqlite;
