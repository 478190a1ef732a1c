//! Conformance suites: what a store, a log, a counter or a signer must do to stand behind one of
//! Remint's ports, and what an edge must make of a request, as tests that any implementation can run.
//!
//! # Where it stands on the line
//!
//! Beside it: a dev-dependency of whatever implements a port. Each sentence under `# Contract` in the
//! documentation of a port is a case of its suite.
//!
//! | port | suites |
//! | --- | --- |
//! | stores of keys and users ([`key_store`]) | [`key_store_suite!`], [`key_store_outage_suite!`] |
//! | [`ReplayStore`](remint_core::ReplayStore) | [`replay_store_suite!`], [`replay_store_bound_suite!`], [`replay_store_shared_suite!`], [`replay_store_outage_suite!`] |
//! | [`QuotaCounter`](remint_core::QuotaCounter) | [`quota_counter_suite!`], [`quota_counter_outage_suite!`] |
//! | [`RevocationLog`](remint_core::RevocationLog) | [`revocation_log_suite!`]; in a store of keys and users: [`logged_store_suite!`] |
//! | [`SharedTier`](remint_core::SharedTier) | [`shared_tier_suite!`] |
//! | [`Signer`](remint_issuer::Signer) | [`signer_suite!`], [`signer_outage_suite!`] |
//!
//! With the feature `verdicts` there is the corpus of what becomes of a request at an edge, for anything that
//! forwards or answers one: see `verdicts`. The README shows how an author of each runs it.
//!
//! # The decision
//!
//! A case is an async function that gets an empty store and panics if the store breaks its contract. One
//! macro for each tier holds the list of its cases and stamps a test for each, so a new case changes no
//! backend. A case gets a store of its own: how that is isolated is the business of the closure that makes
//! it.
//!
//! The modules of stores, counters and signers have a `Severable`: a wrapper whose connection a test can cut,
//! for the suites of outages and for tests of what stands in front of a store.
//!
//! # What the deployment must guarantee
//!
//! Nothing: this crate is for tests. A case that races calls needs a multi-threaded Tokio runtime, which
//! the macros ask for.
//!
//! # Example
//!
//! ```
//! use remint_apikey::MemoryStore;
//!
//! remint_conformance::key_store_suite!(async || (MemoryStore::new(), ()));
//! # fn main() {}
//! ```
//!
//! # Features
//!
//! | feature | brings |
//! | --- | --- |
//! | `verdicts` | the verdict corpus, its runner, and the parties that it names |
//!
//! # What this crate is not
//!
//! It measures nothing, and it does not replace a backend's own tests: of its schema, its migrations, its
//! pool.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a suite is a test: it may panic")]

pub mod key_store;
pub mod logged_store;
pub mod quota_counter;
pub mod replay_store;
pub mod revocation_log;
mod severable;
pub mod shared_tier;
pub mod signer;
#[cfg(feature = "verdicts")]
pub mod verdicts;

pub use remint_core::ManualClock;

/// The examples of the README.
#[cfg(all(doctest, feature = "verdicts"))]
#[doc = include_str!("../README.md")]
struct Readme;
