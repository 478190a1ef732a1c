//! API keys, users, usage and the audit trail in PostgreSQL, for several nodes at once.
//!
//! # Where it stands on the line
//!
//! [`Postgres`] is a key store: it implements [`ApiKeyStore`](remint_core::ApiKeyStore),
//! [`Directory`](remint_core::Directory), [`LastUsedStore`](remint_core::LastUsedStore),
//! [`UsageStore`](remint_core::UsageStore), [`AuditLog`](remint_core::AuditLog) and
//! [`StoreRegistry`](remint_core::StoreRegistry). It is asked on a
//! cache miss and by whoever manages keys and users. As a [`ReplayStore`](remint_core::ReplayStore) it
//! remembers, for all nodes, what was used once.
//!
//! # What it promises
//!
//! - A look-up is one statement, key, user and tenant together, and one read of an index for each:
//!   as many keys as there may be. It sees every write that has returned.
//! - Each change is one transaction, with its audit events and its idempotency key. Transactions
//!   that stand in each other's way are tried again; an answer that did not arrive is an outage,
//!   and the change may have been made.
//! - Deleting a user takes every key and every external identity along in one transaction (foreign
//!   keys do it).
//! - The audit trail only grows: the database itself refuses to change, remove or empty it, and
//!   whoever reads on from the last number misses nothing.
//! - What was used once is remembered until five minutes after its end, and forgotten a few at a time
//!   from then on. There is room for as many as the disk holds: each first use is a row of some 150
//!   bytes and a write, so let only authenticated callers cause one.
//! - An outage is an error within five seconds (for many keys at once, a millisecond more for
//!   each), never absence: a server that refuses, falls silent or restarts, a lock that another
//!   program holds. Connections that turn out to be gone are replaced: the next call works, and
//!   look-ups try again by themselves.
//!
//! # What the deployment must guarantee
//!
//! PostgreSQL 12 or later, encoded in UTF-8 (15 is what is tested), and the address of its primary:
//! a replica is refused, since it may be behind. Where the network is not the machine's own,
//! `?sslmode=verify-full` (and `&sslrootcert=` for a private authority); otherwise
//! [`Postgres::connect`] logs a warning ([`UnverifiedServer`]). What is acknowledged is as
//! durable as `synchronous_commit` and `fsync` make it: leave them on.
//!
//! The tables are made at the first start, in a schema called `remint`; for that the account needs
//! `CREATE` on the database, or on a schema of that name that was made for it, and afterwards no
//! more than to use the tables. Several nodes may start at once. Each has ten connections at most
//! ([`Postgres::connect_with_pool_size`]), and no more than the role and the database allow; calls wait
//! for one another.
//!
//! PgBouncer may stand before the server, in session or transaction mode: no parameter is sent that it
//! refuses, no statement has a name, and nothing listens. The first connection tells whether a pooler is
//! there; each call is then a transaction with its own time limit. In statement mode the store does not open.
//! The tables hold keyed digests and no key, yet also who has keys.
//!
//! # Example
//!
//! ```no_run
//! use remint_core::{Directory, UserId};
//! use remint_postgres::Postgres;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Postgres::connect("postgres://edge@db.internal/edge?sslmode=verify-full").await?;
//! let alice = UserId::new("alice")?;
//! assert_eq!(store.user(&alice).await?, None);
//! store.close().await;
//! # Ok(())
//! # }
//! ```
//!
//! # What this crate is not
//!
//! It decides nothing: whether a key works is for the authenticator to say. It is no cache either,
//! and it does not tell other nodes of a revocation.

mod api_keys;
mod audit;
mod directory;
mod failed;
mod idempotency;
mod keys;
mod last_used;
mod open_error;
mod pool;
mod postgres;
mod registry;
mod replays;
mod revocations;
mod row;
mod schema;
mod session;
mod statement;
mod turn;
mod unverified;
mod usage;

pub use open_error::OpenError;
pub use postgres::Postgres;
pub use unverified::UnverifiedServer;
