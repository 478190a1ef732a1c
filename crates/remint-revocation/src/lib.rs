//! What has been revoked: the table that is asked, and the log that it follows.
//!
//! # Where it stands on the line
//!
//! Beside it: the line asks the table about the credential once it is authenticated, and the cache asks about
//! an entry each time it is read. Services that verify internal tokens ask it too.
//!
//! # The decision
//!
//! What is cached may be answered by if and only if it is not dead and the log was
//! [looked at](RevocationTable::vouches): within the last second, by a clock that counts suspension, and with an
//! answer within [`max_staleness`](Revocations::with_max_staleness). Both are asked at each read, and by no timer, so
//! that a process that slept reads before it answers.
//!
//! A cached entry is dead if and only if one of its targets has a row after the entry's [`TableStamp`], which is read
//! *before* authentication begins. A credential is refused if and only if a row says that something it names has
//! [ended](remint_core::Effect::Ended):
//!
//! - a token, session or key: for good;
//! - anything else that it names: if it was issued, or its user last authenticated, no later than the row
//!   [reaches](remint_core::Revocation::reaches_to); see [`refuses`](RevocationTable::refuses) and
//!   [`ended`](RevocationTable::ended) for which targets count. An internal token says how far its issuer had read the
//!   log (`rev`): where this process follows the same one, positions decide and no clock does.
//!
//! # One handle
//!
//! [`Revocations`] owns the log and the table that follows it. It is the [`Revoker`](remint_core::Revoker), and the
//! only source of a [`RevocationTable`]: a table that no revoker writes to cannot be built.
//!
//! # Metrics
//!
//! | metric | says |
//! | --- | --- |
//! | `remint_revocation_rows_total{target}` | rows that were read from the log, by what they name |
//! | `remint_revocation_propagation_seconds` | from when a row was written to when it was read here |
//! | `remint_revocation_read_position` | how far the log was read; behind others' by as much as it lags |
//! | `remint_revocation_last_read_timestamp_seconds` | when it was last read to its end |
//! | `remint_revocation_blind_seconds` | for how long it has not answered; 0 while it does |
//! | `remint_revocation_gaps_total` | how often rows were missed or history was rewritten |
//! | `remint_revocation_snapshots_total` | how often all that is in force was read |
//! | `remint_revocation_table_rows`, `remint_revocation_table_bytes` | what the table holds |
//!
//! # What the deployment must guarantee
//!
//! Clocks of issuers and nodes that are at most [`CLOCK_SKEW`](remint_core::CLOCK_SKEW) apart, and
//! [rows that are kept](RevocationTable::retain_at_least) for longer than anything lives that they end.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//!
//! use remint_core::{Effect, KeyId, Revocation, Revoker, SystemClock, Target, Timestamp};
//! use remint_revocation::Revocations;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let revocations = Revocations::in_memory(SystemClock)?;
//! let table = Arc::clone(revocations.table()); // for the cache and the line
//!
//! let key = Target::Key(KeyId::new("k1")?);
//! let stamp = table.stamp(); // before authentication
//! revocations.revoke(Revocation::ended(key.clone(), Timestamp::from_secs(60))).await?;
//! assert!(table.overtaken(&[key.clone()], stamp));
//! assert!(table.ended(&[key], Timestamp::from_secs(90)));
//! # Ok(())
//! # }
//! ```
//!
//! # What this crate is not
//!
//! It ends nothing in a store: a user or key that is to stay away is ended there first.

mod boot_clock;
mod coarse;
mod follower;
mod hash;
mod history;
mod issued;
mod judge;
mod memory_log;
mod moment;
mod polling;
mod read_here;
mod reader;
mod row;
mod shards;
mod sight;
mod source;
mod stamp;
mod sync;
mod table;
mod telemetry;
#[cfg(test)]
mod tests;

pub use follower::Revocations;
pub use issued::Issued;
pub use memory_log::MemoryLog;
pub use moment::Moment;
pub use stamp::{TableStamp, TargetHashes};
pub use table::RevocationTable;
