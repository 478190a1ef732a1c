//! Endpoints against servers on this machine, and against ones that are not there.
#![expect(clippy::unwrap_used, reason = "it is for tests only")]

mod authentication;
mod support;
