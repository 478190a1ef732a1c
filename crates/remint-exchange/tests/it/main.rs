//! The exchange at a server on this machine, which says what each test wants it to.
#![expect(clippy::unwrap_used, clippy::panic, reason = "it is for tests only")]

mod answers;
mod foreign;
mod http_log;
mod line;
mod outages;
mod outbound;
mod permitted_log;
mod requests;
mod restrictions;
mod server_log;
mod support;
