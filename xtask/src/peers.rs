//! The programs that the end-to-end tests run against, installed from the ordinary registries.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::report::Report;
use crate::tools::folder;

/// Installs what is missing of the Node packages and the Python packages.
pub fn install(root: &Path, report: &mut Report) {
    let scripts = root.join("tests/e2e/peers");
    if !is_newer(&scripts.join("node_modules/.package-lock.json"), &scripts.join("package-lock.json")) {
        report.program("peers: Node packages", Command::new("npm").arg("ci").current_dir(&scripts));
    }

    let environment = folder(root).join("venv");
    let python = environment.join("bin/python");
    if !python.exists() {
        report.program("peers: Python environment", Command::new("python3").args(["-m", "venv"]).arg(&environment));
    }
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", "requirements.txt"]);
    report.program("peers: Python packages", pip.current_dir(&scripts));
}

fn is_newer(made: &Path, source: &Path) -> bool {
    let changed = |path: &Path| fs::metadata(path).and_then(|file| file.modified());
    matches!((changed(made), changed(source)), (Ok(made), Ok(source)) if made >= source)
}
