//! The authorization server, from outside.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod acting;
mod bad_input;
mod clients;
mod delegation;
mod descent;
mod exchanged;
mod following;
mod grants;
mod id_tokens;
mod introspection;
mod lifecycle;
mod matrix;
mod meanwhile;
mod metadata;
mod narrowing;
mod order;
mod other_kinds;
mod revocation;
mod support;
mod telemetry;
mod transactions;
