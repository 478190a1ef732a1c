//! `cargo xtask faults`: three nodes under load and faults.

use std::path::Path;

use crate::report::Report;
use crate::servers;
use crate::tools::cargo;

/// Runs the harness with these options; whether everything that is promised was kept.
#[must_use]
pub fn run(root: &Path, options: &[String]) -> bool {
    let mut report = Report::default();
    servers::install(&mut report);
    let mut harness = cargo(root);
    harness.args(["run", "--quiet", "--package", "remint-faults", "--", "run"]).args(options);
    report.program("faults", &mut harness);
    report.conclude()
}
