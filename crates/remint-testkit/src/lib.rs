//! Fakes and clocks for the tests of this workspace.
#![expect(clippy::expect_used, reason = "it is for tests: it may panic")]

mod captured_log;
pub mod fakes;
mod folder;
mod revoker;

pub use captured_log::CapturedLog;
pub use folder::private_folder;
pub use remint_core::ManualClock;
pub use revoker::RecordingRevoker;
