//! The workspace as it is keeps the rules between its crates.

use std::fs;

use xtask::architecture::{RANKS, breaches, unlinted};
use xtask::metadata::{Workspace, root};

#[test]
fn the_arrows_between_crates_point_down() {
    let workspace = Workspace::read(&root()).unwrap();
    assert_eq!(breaches(&workspace), [""; 0]);
}

#[test]
fn every_ranked_crate_exists() {
    let workspace = Workspace::read(&root()).unwrap();
    for (name, _) in RANKS {
        assert!(workspace.crates().any(|package| package.name == name), "{name}");
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
