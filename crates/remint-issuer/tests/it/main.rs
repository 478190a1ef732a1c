//! What the issuer mints, publishes and keeps, seen from outside.
#![expect(clippy::unwrap_used, reason = "tests")]

mod claims;
mod concurrency;
mod folder;
mod given;
mod lifetime;
mod one_rotator;
mod operator;
mod remote;
mod rotation;
mod settings;
mod support;
mod transactions;
