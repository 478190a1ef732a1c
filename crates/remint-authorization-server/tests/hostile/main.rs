//! An authorization server and edges before it, over loopback, under hostile traffic: no stranger's credential
//! opens a breaker, and no valid one is refused.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod breakers;
mod forged;
mod provider;
mod world;
