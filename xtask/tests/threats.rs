//! THREATS.md names tests: each of them exists, and the versions it speaks of are those we build.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use xtask::metadata::root;

/// The folder of the member of this name.
fn member(package: &str) -> PathBuf {
    let root = root();
    let e2e = package.strip_prefix("remint-").filter(|name| *name == "e2e").map(|name| root.join("tests").join(name));
    let places = [Some(root.join("crates").join(package)), Some(root.join("examples").join(package)), e2e];
    places.into_iter().flatten().find(|place| place.is_dir()).unwrap_or_else(|| root.join(package))
}

/// Whether a file of this name under `folder` holds the name of this test.
fn holds(folder: &Path, file: &str, test: &str) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.filter_map(Result::ok).any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return path.file_name().is_some_and(|name| name != "target") && holds(&path, file, test);
        }
        path.file_stem().is_some_and(|stem| stem == file)
            && path.extension().is_some_and(|extension| extension == "rs")
            && std::fs::read_to_string(&path)
                .unwrap()
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .any(|word| word == test)
    })
}

#[test]
fn every_test_that_the_table_of_threats_names_exists() {
    let text = std::fs::read_to_string(root().join("THREATS.md")).unwrap();
    let names: BTreeSet<&str> =
        text.split('`').skip(1).step_by(2).filter(|name| name.split("::").count() == 3).collect();
    assert!(names.len() > 100, "{} names: are they still written as `crate::file::test`?", names.len());
    let missing: Vec<_> = names
        .into_iter()
        .filter(|name| *name != "crate::file::test")
        .filter(|name| {
            let [package, file, test] = name.split("::").collect::<Vec<_>>().try_into().unwrap();
            !holds(&member(package), file, test)
        })
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn what_is_locked_is_past_the_known_floods() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for (package, least) in [("h2", [0, 4, 16]), ("hyper", [1, 0, 0]), ("tonic", [0, 12, 3])] {
        let versions: Vec<_> = lock.split(&format!("name = \"{package}\"\nversion = \"")).skip(1).collect();
        assert!(!versions.is_empty(), "{package} is not locked");
        for version in versions {
            let version = version.split('"').next().unwrap();
            let parts: Vec<u32> = version.split('.').map(|part| part.parse().unwrap()).collect();
            assert!(parts.as_slice() >= least.as_slice(), "{package} {version}");
        }
    }
}
