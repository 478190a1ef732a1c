//! Conformance suites and fakes for the tests of this workspace.

mod clock;

pub use clock::ManualClock;
