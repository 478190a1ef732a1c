//! `cargo xtask test`: everything a change must pass.

use std::path::Path;
use std::process::Command;

use crate::metadata::Workspace;
use crate::report::Report;
use crate::servers::{Durability, Servers};
use crate::tools::{CARGO_DENY, cargo, folder};
use crate::{archives, package, peers};

/// Runs the whole suite; whether everything held.
#[must_use]
pub fn run(root: &Path) -> bool {
    let mut report = Report::default();
    let mut step = |name: &str, arguments: &[&str]| {
        let mut command = cargo(root);
        command.args(arguments).env("RUSTDOCFLAGS", "-D warnings");
        report.program(name, &mut command)
    };
    step("dependencies", &["fetch", "--locked"]);
    step("format", &["fmt", "--all", "--check"]);
    step("lints", &["clippy", "--workspace", "--all-targets", "--all-features", "--quiet", "--", "-D", "warnings"]);
    step("documents", &["doc", "--workspace", "--all-features", "--no-deps", "--quiet"]);

    peers::install(root, &mut report);
    let mut tests = cargo(root);
    tests.args(["test", "--workspace", "--all-features", "--no-fail-fast"]);
    // Without them, the tests that need them fail and say so.
    let servers = peers::start(Durability::None, &mut report);
    tests.envs(servers.iter().flat_map(Servers::environment));
    report.program("tests, real peers included", &mut tests);
    report.program("django-celery", &mut django_celery(root, servers.as_ref()));
    drop(servers);
    report.program("quickstart", cargo(root).args(["run", "--quiet", "--package", "quickstart", "--", "--once"]));

    if CARGO_DENY.install(root, &mut report) {
        let mut deny = cargo(root);
        deny.args(["deny", "--offline", "check", "bans", "licenses", "sources"]);
        report.program("licences, sources and who brings in what", &mut deny);
    }
    match Workspace::read(root) {
        Ok(workspace) => {
            package::each_feature(root, &workspace, &mut report);
            archives::check(root, &workspace, &mut report);
        }
        Err(error) => _ = report.work("cargo metadata", || Err(error)),
    }
    let mut fuzz = cargo(root);
    fuzz.args(["check", "--quiet", "--manifest-path", "fuzz/Cargo.toml", "--target-dir", "target"]);
    report.program("fuzz targets compile", &mut fuzz);
    report.not_run("advisories", "the database is not part of the repository: cargo deny check advisories");
    report.not_run("fuzz targets for a minute each", "they need the nightly toolchain: cargo xtask fuzz");
    report.conclude()
}

/// The example's story, with the Redis that is there; without one it starts its own.
fn django_celery(root: &Path, servers: Option<&Servers>) -> Command {
    let mut command = cargo(root);
    command.args(["run", "--quiet", "--package", "django-celery", "--", "--once", "--python"]);
    command.arg(folder(root).join("venv/bin/python"));
    let variables = servers.map(Servers::environment).into_iter().flatten();
    for (_, redis) in variables.filter(|(name, _)| *name == "REMINT_E2E_REDIS") {
        command.arg("--redis").arg(redis);
    }
    command
}
