//! The programs that the end-to-end tests run against, installed from the ordinary registries.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use crate::report::Report;
use crate::servers::{self, Durability, Servers};
use crate::tools::folder;

/// `cargo xtask peers`: starts the servers, runs a command that finds them in its environment, and
/// stops them; whether the command succeeded.
#[must_use]
pub fn run(program: &str, arguments: &[String]) -> bool {
    let mut report = Report::default();
    servers::install(&mut report);
    let Some(servers) = start(Durability::None, &mut report) else { return report.conclude() };
    let mut command = Command::new(program);
    command.args(arguments).envs(servers.environment());
    match command.status() {
        Ok(status) => status.success(),
        Err(error) => report.work(program, || Err(error)),
    }
}

/// Starts the servers; `None` if they cannot be, and the report says why.
pub fn start(durability: Durability, report: &mut Report) -> Option<Servers> {
    let mut started = None;
    report.work("peers: PostgreSQL, PgBouncer, Redis and SoftHSM start", || {
        started = Some(Servers::start(durability)?);
        Ok::<_, io::Error>(())
    });
    started
}

/// Installs what is missing of the servers, the Node packages and the Python packages.
pub fn install(root: &Path, report: &mut Report) {
    servers::install(report);
    let scripts = root.join("tests/e2e/peers");
    if !is_newer(&scripts.join("node_modules/.package-lock.json"), &scripts.join("package-lock.json")) {
        report.program("peers: Node packages", Command::new("npm").arg("ci").current_dir(&scripts));
    }

    for (name, requirements) in ENVIRONMENTS {
        environment(root, name, requirements, report);
    }
}

/// The environments of Python, each with the files that say what must be in it.
const ENVIRONMENTS: [(&str, &[&str]); 3] = [
    ("venv", &["tests/e2e/peers/requirements.txt", "examples/django-celery/site/requirements.txt"]),
    ("django-api-key-2", &["tests/e2e/tests/django/issuer/requirements-2.txt"]),
    ("django-api-key-3", &["tests/e2e/tests/django/issuer/requirements-3.txt"]),
];

fn environment(root: &Path, name: &str, requirements: &[&str], report: &mut Report) {
    let environment = folder(root).join(name);
    let python = environment.join("bin/python");
    if !python.exists() {
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv", "--without-pip"]).arg(&environment);
        report.program(&format!("peers: Python environment {name}"), &mut venv);
    }
    let mut pip = pip(&python);
    pip.args(["install", "--quiet", "--disable-pip-version-check"]).current_dir(root);
    for file in requirements {
        pip.args(["--requirement", file]);
    }
    report.program(&format!("peers: Python packages of {name}"), &mut pip);
}

/// `pip` for that environment: the system's, or else the one that Python brings along. Debian has
/// each in a package of its own.
fn pip(python: &Path) -> Command {
    let has_pip = |program: &Path| {
        let asked = Command::new(program).args(["-m", "pip", "--version"]).output();
        asked.is_ok_and(|output| output.status.success())
    };
    let system = Path::new("python3");
    if has_pip(system) {
        let mut command = Command::new(system);
        command.args(["-m", "pip", "--python"]).arg(python);
        return command;
    }
    if !has_pip(python) {
        // What it could not do, the command after it says.
        _ = Command::new(python).args(["-m", "ensurepip"]).output();
    }
    let mut command = Command::new(python);
    command.args(["-m", "pip"]);
    command
}

fn is_newer(made: &Path, source: &Path) -> bool {
    let changed = |path: &Path| fs::metadata(path).and_then(|file| file.modified());
    matches!((changed(made), changed(source)), (Ok(made), Ok(source)) if made >= source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_of_python_packages_is_there_and_names_exact_versions() {
        for file in ENVIRONMENTS.iter().flat_map(|(_, requirements)| *requirements) {
            let text = fs::read_to_string(crate::metadata::root().join(file)).unwrap();
            for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
                assert!(line.contains("=="), "{file}: {line}");
            }
        }
    }
}
