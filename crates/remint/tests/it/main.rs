//! The whole edge, put together by the facade: real tokens, real keys, no network.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod audiences;
mod edge;
mod exchanging;
mod introspection;
mod legacy;
mod lifecycle;
mod mistakes;
mod narrowing;
mod pairing;
mod readiness;
mod sender_bound;
mod sessions;
mod signing;
mod support;
mod transactions;
