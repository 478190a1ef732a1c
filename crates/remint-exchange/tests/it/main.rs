//! The exchange at a server on this machine, which says what each test wants it to.
#![expect(clippy::unwrap_used, clippy::panic, reason = "it is for tests only")]

mod answers;
mod foreign;
mod line;
mod outages;
mod outbound;
mod requests;
mod restrictions;
mod support;
