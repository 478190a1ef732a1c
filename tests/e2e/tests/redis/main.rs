//! The shared tier and the shared counter on a real Redis. Each test has a server of its own.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod connection;
mod counter;
mod dump;
#[path = "../postgres/proxy.rs"]
mod proxy;
mod server;
mod tier;
