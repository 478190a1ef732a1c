//! The store on a real PostgreSQL.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

mod audit;
mod bytes;
mod conformance;
mod connection;
mod contention;
mod database;
mod gateway;
mod gateways;
mod log_schema;
mod nodes;
mod pairing;
mod plans;
mod pooler;
mod proxy;
mod replays;
mod schema;
mod verified;
