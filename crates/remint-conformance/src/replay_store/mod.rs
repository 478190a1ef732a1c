//! What every [`ReplayStore`](remint_core::ReplayStore) must do.
//!
//! A case gets an empty store; time is what the case says it is.
//! [`replay_store_suite!`](crate::replay_store_suite) stamps a test for each case that any store must
//! pass. Further suites are for stores that
//! [have no room without end](crate::replay_store_bound_suite), that
//! [several nodes share](crate::replay_store_shared_suite), and
//! [whose connection can be cut](crate::replay_store_outage_suite).

pub mod bound;
pub mod concurrency;
pub mod expiry;
pub mod outage;
mod samples;
mod severable;
pub mod shared;
mod suite;
pub mod uses;

pub use crate::severable::Severable;
pub use samples::{MINUTE, NOON, first_use, replay_key};
