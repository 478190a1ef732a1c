//! `cargo xtask fuzz`: each fuzz target for a minute.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::report::Report;
use crate::tools::{CARGO_FUZZ, cargo};

/// Runs the named targets, or all; whether none of them found anything.
#[must_use]
pub fn run(root: &Path, named: &[String]) -> bool {
    let mut report = Report::default();
    let targets = match targets(root) {
        Ok(all) if named.is_empty() => all,
        Ok(_) => named.to_vec(),
        Err(error) => {
            report.work("fuzz_targets", || Err(error));
            vec![]
        }
    };
    if CARGO_FUZZ.install(root, &mut report) {
        for target in targets {
            let mut command = cargo(root);
            command.args(["+nightly", "fuzz", "run", &target]);
            match corpora(root, &target) {
                Ok(corpora) => command.args(corpora),
                Err(error) => {
                    report.work(&target, || Err(error));
                    continue;
                }
            };
            report.program(&target, command.args(["--", SECONDS, "-print_final_stats=1"]));
        }
    }
    report.conclude()
}

/// Where the inputs of a target are: those that the fuzzer finds, and the seeds, if there are any.
fn corpora(root: &Path, target: &str) -> io::Result<Vec<PathBuf>> {
    let [found, seeds] = ["corpus", "seeds"].map(|kind| root.join("fuzz").join(kind).join(target));
    fs::create_dir_all(&found)?;
    Ok([found, seeds].into_iter().filter(|folder| folder.is_dir()).collect())
}

/// The names of all targets, in order.
fn targets(root: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root.join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        if let Some(name) = path.file_stem()
            && path.extension().is_some_and(|extension| extension == "rs")
        {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

const SECONDS: &str = "-max_total_time=60";
