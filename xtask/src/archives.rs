//! The archives that would be published.
//!
//! `cargo package` can build them itself, but unpacks each into cargo's home once for ever: the second
//! time, in the same folder, it builds what the first time was packed. So they are unpacked here.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::{fs, io};

use crate::metadata::{Package, Workspace};
use crate::report::Report;
use crate::tools::cargo;

/// Packs every member, and builds those that may be published from their archives alone.
pub fn check(root: &Path, workspace: &Workspace, report: &mut Report) {
    let mut pack = cargo(root);
    pack.args(["package", "--workspace", "--no-verify", "--allow-dirty", "--quiet"]);
    report.program("archives", &mut pack);

    let published: Vec<&Package> = workspace.crates().filter(|package| !package.is_private()).collect();
    if report.work("archives: unpack", || unpack(root, &published)) {
        let mut check = cargo(root);
        check.args(["check", "--workspace", "--quiet", "--target-dir", "target", "--manifest-path"]);
        check.arg(Path::new(FOLDER).join("Cargo.toml"));
        report.program("published crates build from their archives", &mut check);
    }
}

fn unpack(root: &Path, packages: &[&Package]) -> io::Result<()> {
    let folder = root.join(FOLDER);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for package in packages {
        let archive = root.join("target/package").join(format!("{}.crate", unpacked(package)));
        // With the present time on each file: cargo would take the archive's fixed one for unchanged.
        let done = Command::new("tar").arg("-xzmf").arg(archive).arg("-C").arg(&folder).status()?;
        if !done.success() {
            return Err(io::Error::other(format!("the archive of {} cannot be unpacked", package.name)));
        }
    }
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let own = fs::read_to_string(root.join("Cargo.toml"))?;
    fs::write(folder.join("Cargo.toml"), manifest(packages, profiles(&own)))
}

/// The workspace's build profiles, which stand last in its manifest: with the same ones, what is
/// built already serves here too.
fn profiles(manifest: &str) -> &str {
    manifest.find("[profile.").and_then(|from| manifest.get(from..)).unwrap_or_default()
}

/// A workspace of the archives, each standing for what the registry would have.
fn manifest(packages: &[&Package], profiles: &str) -> String {
    let mut members = String::new();
    let mut patches = String::new();
    for package in packages {
        let (name, folder) = (&package.name, unpacked(package));
        _ = write!(members, "{folder:?}, ");
        _ = writeln!(patches, "{name} = {{ path = {folder:?} }}");
    }
    format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\n\n[patch.crates-io]\n{patches}\n{profiles}")
}

fn unpacked(package: &Package) -> String {
    format!("{}-{}", package.name, package.version)
}

const FOLDER: &str = "target/archives";
