//! The store as its users see it.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod audit;
mod conformance;
mod file;
mod forgetting;
mod keys;
mod log_migration;
mod migration;
mod raw;
mod registry;
mod replays;
mod revocations;
