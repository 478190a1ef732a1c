//! Trust by introspection (RFC 7662): who is asked about which token, and what an answer is worth.
#![expect(clippy::unwrap_used, clippy::panic, reason = "it is for tests only")]

mod accepted;
mod bound;
mod configuration;
mod line;
mod outages;
mod refusals;
mod several;
mod support;
mod whose;
