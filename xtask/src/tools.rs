//! The cargo subcommands that the project needs, each at one version, built into `.peers/`.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::report::Report;

/// A subcommand of cargo that does not come with Rust.
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    /// Its package.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// Checks licences, sources and who brings in what.
pub const CARGO_DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };

/// Runs fuzz targets.
pub const CARGO_FUZZ: Tool = Tool { name: "cargo-fuzz", version: "0.13.2" };

impl Tool {
    /// Builds it, unoptimised (a minute instead of five), unless this version is there; whether it
    /// is there now.
    pub fn install(self, root: &Path, report: &mut Report) -> bool {
        let installed = fs::read_to_string(folder(root).join(".crates.toml")).unwrap_or_default();
        if installed.contains(&format!("\"{} {} ", self.name, self.version)) {
            return true;
        }
        let mut command = Command::new("cargo");
        command.args(["install", "--quiet", "--locked", "--debug", "--version", self.version, self.name, "--root"]);
        command.arg(folder(root)).env("CARGO_PROFILE_DEV_DEBUG", "0").current_dir(root);
        report.program(&format!("{}: install", self.name), &mut command)
    }
}

/// `cargo` in the workspace's folder, with the tools on its path.
#[must_use]
pub fn cargo(root: &Path) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root).env("PATH", search_path(root));
    command
}

/// The folder for what is installed.
#[must_use]
pub fn folder(root: &Path) -> PathBuf {
    root.join(".peers")
}

fn search_path(root: &Path) -> OsString {
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let own = folder(root).join("bin");
    std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&inherited))).unwrap_or(inherited)
}
