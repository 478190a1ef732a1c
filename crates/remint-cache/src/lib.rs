//! Fingerprint, memory tier, single flight and negative entries.
//!
//! # Where it stands on the line
//!
//! Between the credential and its authentication: a hit answers without asking anyone.
//!
//! # The decision
//!
//! An entry answers if and only if its [`Fingerprint`] matches in all its bits, its `use_until` has
//! not come, none of its targets was revoked after its stamp, and the log of revocations was looked at
//! [recently enough](remint_revocation::RevocationTable::vouches). The stamp is read from the
//! [`RevocationTable`](remint_revocation::RevocationTable) *before* authentication begins, so a fill that a revocation
//! overtakes is born dead. The check is made when an entry is read; nothing depends on finding entries to delete.
//!
//! # Two layers in one tier
//!
//! moka holds size, weight and expiry. Before it stands a small front per thread: what limits a
//! cached hit on several threads is not the map but the reference counts that all threads touch, so
//! each thread keeps copies of its own of what it uses most. The front asks the same questions
//! (fingerprint, `use_until`, revocation) and its bytes count against the same capacity.
//!
//! # What the deployment must guarantee
//!
//! A clock that does not run backwards by more than tokens may outlive their end.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//!
//! use remint_cache::{Fingerprinter, MemoryTier, Validity};
//! use remint_core::{Slot, SystemClock, Target, Timestamp};
//! use remint_revocation::Revocations;
//! # #[derive(Clone)] struct Answer(u32);
//! # impl remint_cache::Cached for Answer {
//! #     fn weight(&self) -> u32 { 64 }
//! #     fn for_thread(&self) -> Self { self.clone() }
//! # }
//! let revocations = Revocations::in_memory(SystemClock)?;
//! let table = revocations.table();
//! let tier = MemoryTier::new(1 << 20, Arc::clone(table));
//! let fingerprint = Fingerprinter::new("internal", "policy-1")?.fingerprint(Slot::Bearer, b"e30.e30.e30");
//!
//! let stamp = table.stamp(); // before authentication
//! let until = Timestamp::from_secs(60);
//! tier.insert(fingerprint, Answer(42), Validity { use_until: until, stamp, authenticated: table.moment() }, &[Target::Everything], Timestamp::from_secs(0));
//! assert!(tier.get(&fingerprint, Timestamp::from_secs(59)).is_some());
//! assert!(tier.get(&fingerprint, Timestamp::from_secs(60)).is_none());
//! # Ok::<(), remint_core::Unavailable>(())
//! ```
//!
//! # What this crate is not
//!
//! It never sees who is right: it stores what the line tells it to.

mod fingerprint;
mod front;
mod lifetime;
mod memory;
mod negative;
mod shared;
mod single_flight;
mod stored;
mod weight;

pub use fingerprint::{Fingerprint, Fingerprinter};
pub use lifetime::LifetimeRule;
pub use memory::{Entry, MemoryTier, Validity};
pub use negative::Negatives;
pub use shared::MemorySharedTier;
pub use single_flight::{InFlight, SingleFlight};
pub use weight::Cached;
