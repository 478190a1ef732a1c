//! Each crate by itself, with each of its features.

use std::path::Path;

use crate::metadata::{Package, Workspace};
use crate::report::Report;
use crate::tools::cargo;

/// Checks each crate alone with each of its features, which a build of the whole workspace hides.
pub fn each_feature(root: &Path, workspace: &Workspace, report: &mut Report) {
    for package in workspace.crates() {
        for flags in permutations(package) {
            let mut command = cargo(root);
            command.args(["clippy", "--quiet", "--package", &package.name]).args(&flags).args(["--", "-D", "warnings"]);
            let turn = flags.last().map_or("its defaults", |flag| flag.trim_start_matches('-'));
            report.program(&format!("{} alone, with {turn}", package.name), &mut command);
        }
    }
}

/// As it is by default; then without its defaults; then with each feature alone.
fn permutations(package: &Package) -> Vec<Vec<String>> {
    let mut permutations = vec![vec![]];
    let bare = "--no-default-features".to_owned();
    if package.features.contains_key("default") {
        permutations.push(vec![bare.clone()]);
    }
    for feature in package.features.keys().filter(|feature| *feature != "default") {
        permutations.push(vec![bare.clone(), "--features".to_owned(), feature.clone()]);
    }
    permutations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_feature_has_its_turn() {
        let package = Package {
            name: "remint".to_owned(),
            version: "0.1.0".to_owned(),
            manifest_path: "/w/crates/remint/Cargo.toml".into(),
            dependencies: vec![],
            features: [("default", vec!["a".to_owned()]), ("a", vec![]), ("b", vec![])]
                .map(|(name, enables)| (name.to_owned(), enables))
                .into(),
            publish: None,
        };
        let turns: Vec<String> = permutations(&package).iter().map(|flags| flags.join(" ")).collect();
        let expected =
            ["", "--no-default-features", "--no-default-features --features a", "--no-default-features --features b"];
        assert_eq!(turns, expected);
    }
}
