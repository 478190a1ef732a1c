//! Endpoints against servers on this machine, and against ones that are not there.
#![expect(clippy::unwrap_used, clippy::panic, reason = "it is for tests only")]

mod answers;
mod authentication;
mod breaker;
mod discovery;
mod documents;
mod fake;
mod retries;
mod rotation;
mod support;
