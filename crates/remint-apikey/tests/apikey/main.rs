//! The crate as its users see it.

mod ending;
mod last_used;
mod secrets;
mod support;
mod verdicts;
