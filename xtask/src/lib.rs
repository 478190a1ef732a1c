//! The project's own commands, and the rules that hold between its crates.
//!
//! `cargo xtask test` runs everything a change must pass, `bench` the benchmarks, `fuzz` each fuzz
//! target for a minute. Whatever they need beyond Rust, Python and Node is installed into
//! `.peers/` (and `node_modules` beside the peers' scripts), which git ignores.

pub mod architecture;
pub mod archives;
pub mod bench;
pub mod fuzz;
pub mod metadata;
pub mod output;
pub mod package;
pub mod peers;
pub mod report;
pub mod suite;
pub mod tools;
