//! The crate as its users see it.

mod conformance;
mod ending;
mod last_used;
mod secrets;
mod support;
mod verdicts;
