//! What the README says of the crates, held against their manifests.

use std::fs;

use crate::metadata::{self, Workspace};

#[test]
fn the_readme_names_each_feature_of_the_facade_and_the_version() {
    let root = metadata::root();
    let workspace = Workspace::read(&root).unwrap();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let facade = workspace.packages.iter().find(|package| package.name == "remint").unwrap();
    let by_default = facade.features.get("default").unwrap();
    for feature in facade.features.keys().filter(|feature| *feature != "default") {
        let default = if by_default.contains(feature) { " (default)" } else { "" };
        let row = format!("| `{feature}`{default} | ");
        assert!(readme.contains(&row), "README.md has no row {row}");
    }
    let (version, _) = facade.version.rsplit_once('.').unwrap();
    for line in [format!("remint = \"{version}\""), format!("remint-verify = {{ version = \"{version}\"")] {
        assert!(readme.contains(&line), "README.md has no {line}");
    }
}
