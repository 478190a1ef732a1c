//! What the benchmarks share: the contestants, the tokens, and how a round is timed.
#![expect(clippy::expect_used, clippy::panic, reason = "a benchmark may panic")]

pub mod load;
pub mod measure;
pub mod million;
pub mod peers;
pub mod service;
pub mod token_server;
pub mod world;
