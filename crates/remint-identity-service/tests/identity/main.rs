//! The identity service through its router, as its callers see it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod act_for;
mod edge;
mod hanging_up;

mod bad_input;
mod creation;
mod descent;
mod leaks;
mod lifecycle;
mod limits;
mod matrix;
mod operators;
mod outage;
mod quota;
mod revocations;
mod rights;
mod shape;
mod usage;
