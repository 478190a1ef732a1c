//! Conformance suites and fakes for the tests of this workspace.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a suite is a test: it may panic")]

mod clock;
pub mod fakes;
mod folder;
pub mod key_store;
pub mod quota_counter;
pub mod replay_store;
pub mod revocation_log;
mod revoker;
pub mod shared_tier;
pub mod signer;

pub use clock::ManualClock;
pub use folder::private_folder;
pub use revoker::RecordingRevoker;
