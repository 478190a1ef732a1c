//! The verdict of the gate.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod bound;
mod counts;
mod edits;
mod runtime;
mod support;
mod verdicts;
