//! `cargo xtask bench`: the benchmarks, which print their own table at the end.

use std::path::Path;

use crate::report::Report;
use crate::tools::cargo;

/// Runs the benchmarks whose names hold one of `filters`, or all; whether they ran to their end.
#[must_use]
pub fn run(root: &Path, filters: &[String]) -> bool {
    let mut command = cargo(root);
    command.args(["bench", "--package", "remint-benches"]);
    if !filters.is_empty() {
        command.arg("--").args(filters);
    }
    Report::default().program("benchmarks", &mut command)
}
