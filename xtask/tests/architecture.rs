//! The workspace as it is keeps the rules between its crates.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use xtask::answers::written_by_hand;
use xtask::architecture::{RANKS, breaches, unlinted};
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

/// Each source file of the crates with its text.
fn sources() -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => collect(&path, found),
                Some(extension) if extension == "rs" => found.push(path),
                _ => {}
            }
        }
    }
    let mut files = Vec::new();
    for package in fs::read_dir(root().join("crates")).unwrap() {
        collect(&package.unwrap().path().join("src"), &mut files);
    }
    files.into_iter().map(|file| (file.clone(), fs::read_to_string(file).unwrap())).collect()
}
