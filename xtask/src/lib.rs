//! The project's own commands, and the rules that hold between its crates.
//!
//! `cargo xtask test` runs everything a change must pass, `bench` the benchmarks, `fuzz` each fuzz
//! target for a minute, `faults` three nodes under load and faults, `peers` any command beside a
//! PostgreSQL and a Redis of its own. Whatever they need beyond Rust, Python and Node is installed
//! into `.peers/` (and `node_modules` beside the peers' scripts), which git ignores; PostgreSQL,
//! Redis and SoftHSM by Debian's package manager.

pub mod answers;
pub mod architecture;
pub mod archives;
pub mod bench;
pub mod circles;
pub mod faults;
pub mod fuzz;
pub mod metadata;
pub mod output;
pub mod package;
pub mod peers;
pub mod ports;
#[cfg(test)]
mod readme;
pub mod report;
pub mod servers;
pub mod suite;
pub mod tools;
mod uses;
