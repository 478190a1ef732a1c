//! The workspace as it is keeps the rules between its crates.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use xtask::answers::written_by_hand;
use xtask::architecture::{RANKS, breaches, unlinted};
use xtask::circles::{Modules, PAIRS};
use xtask::metadata::{Workspace, root};
use xtask::ports::default_bodies;

#[test]
fn the_arrows_between_crates_point_down() {
    let workspace = Workspace::read(&root()).unwrap();
    assert_eq!(breaches(&workspace), [""; 0]);
}

#[test]
fn every_ranked_crate_exists() {
    let workspace = Workspace::read(&root()).unwrap();
    for (name, _) in RANKS {
        assert!(workspace.crates().any(|package| package.name == *name), "{name}");
    }
}

#[test]
fn every_member_takes_the_lints_of_the_workspace() {
    let workspace = Workspace::read(&root()).unwrap();
    let unlinted: Vec<String> = workspace
        .packages
        .iter()
        .filter_map(|package| unlinted(&package.manifest_path, &fs::read_to_string(&package.manifest_path).unwrap()))
        .collect();
    assert_eq!(unlinted, [""; 0]);
}

#[test]
fn no_port_has_a_default_body() {
    let texts: Vec<_> = sources().into_iter().map(|(_, text)| text).collect();
    assert!(texts.iter().any(|text| text.contains("pub trait Revoker:")), "the ports are where this test looks");
    let found: Vec<_> = texts.iter().flat_map(|text| default_bodies(text)).collect();
    assert_eq!(found, [""; 0]);
}

#[test]
fn what_a_refused_caller_is_told_is_written_in_one_crate() {
    let (guards, others): (Vec<_>, Vec<_>) = sources().into_iter().partition(|(file, _)| {
        let is_test = file.ends_with("tests.rs") || file.components().any(|part| part.as_os_str() == "tests");
        file.components().any(|part| part.as_os_str() == "remint-guard") || is_test
    });
    assert!(guards.iter().any(|(_, text)| !written_by_hand(text).is_empty()), "this test finds what it looks for");
    let found: Vec<_> = others
        .iter()
        .flat_map(|(file, text)| {
            written_by_hand(text).into_iter().map(move |what| format!("{}: {what}", file.display()))
        })
        .collect();
    assert_eq!(found, [""; 0]);
}

#[test]
fn files_do_not_import_each_other_but_for_the_pairs_that_do_by_their_nature() {
    let mut wrong = Vec::new();
    for package in Workspace::read(&root()).unwrap().packages {
        let folder = package.manifest_path.parent().unwrap().join("src");
        let sources = sources_in(&folder);
        let below = |file: &Path| file.strip_prefix(&folder).unwrap().to_str().unwrap().replace('\\', "/");
        let files: Vec<_> = sources.iter().map(|(file, text)| (below(file), text.as_str())).collect();
        let modules = Modules::read(files.iter().map(|(file, text)| (file.as_str(), *text)));
        let (modules, idle) = modules.without(PAIRS.iter().filter(|pair| pair.package == package.name));
        wrong.extend(modules.circles().into_iter().map(|circle| format!("{}: {}", package.name, circle.join(", "))));
        wrong.extend(idle.into_iter().map(|pair| format!("no circle any more: {pair:?}")));
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn every_pair_is_of_a_package_that_exists() {
    let workspace = Workspace::read(&root()).unwrap();
    for pair in PAIRS {
        assert!(workspace.packages.iter().any(|package| package.name == pair.package), "{pair:?}");
    }
}

/// Each source file of the crates with its text.
fn sources() -> Vec<(PathBuf, String)> {
    let packages = fs::read_dir(root().join("crates")).unwrap();
    packages.flat_map(|package| sources_in(&package.unwrap().path().join("src"))).collect()
}

/// Each source file in a folder with its text; none if there is no such folder.
fn sources_in(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources_in(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            files.push((path, text));
        }
    }
    files
}
