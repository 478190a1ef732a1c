//! Three nodes as processes over one store, under load and faults, and a checker that judges what they answered.
//!
//! - [`history`]: what the harness saw, by one clock of its own.
//! - [`checker`]: whether that keeps what is promised, as a pure function.
//! - [`node`]: what a node is: the facade with a layer, or a service behind it that follows the store's log.
//! - [`run()`]: carries out a [`Plan`]: rounds of [faults](Fault) while credentials are revoked.
//!
//! Nodes 0, 1 and 2 are edges over one SQLite file or one PostgreSQL; beside them are a service behind them, an
//! authorization server over the same store, and an edge that exchanges there and follows its log over HTTP. All are
//! processes of this program. Each reaches PostgreSQL through a proxy of its own, which can be cut, silenced and slowed.
//! The provider is a real HTTP server of the harness.
//!
//! `cargo xtask faults` runs the short plan over each store, and `cargo xtask faults --long` the long one. A seed
//! decides what is done, to whom, and in which order; how the processes interleave, the machine decides.

pub mod checker;
mod database;
mod faults;
pub mod history;
mod http;
pub mod node;
mod plans;
mod process;
mod provider;
mod proxy;
mod random;
mod run;
mod summary;

pub use database::Kind;
pub use faults::Fault;
pub use run::{Plan, Progress, Seen, run};
pub use summary::summary;

/// A runtime for [`run()`]. Its threads stay as long as it: what they start ends with them.
///
/// # Errors
///
/// If the operating system gives no threads.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    let a_day = std::time::Duration::from_secs(24 * 3600);
    tokio::runtime::Builder::new_multi_thread().enable_all().thread_keep_alive(a_day).build()
}

/// What a step comes to; the error is for people.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
