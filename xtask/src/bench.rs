//! `cargo xtask bench`: the benchmarks, which print their own table at the end.

use std::path::Path;

use crate::peers;
use crate::report::Report;
use crate::servers::{self, Durability};
use crate::tools::cargo;

/// Runs the benchmarks whose names hold one of `filters`, or all; whether they ran to their end.
#[must_use]
pub fn run(root: &Path, filters: &[String]) -> bool {
    let mut command = cargo(root);
    command.args(["bench", "--package", "remint-benches"]);
    if !filters.is_empty() {
        command.arg("--").args(filters);
    }
    let mut report = Report::default();
    servers::install(&mut report);
    let Some(servers) = peers::start(Durability::Default, &mut report) else { return report.conclude() };
    report.program("benchmarks", command.envs(servers.environment()))
}
