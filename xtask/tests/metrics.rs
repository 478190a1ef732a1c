//! Each metric has a text for people, and each text a metric.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const MACROS: [&str; 4] = ["counter!(", "gauge!(", "histogram!(", "outcomes!("];

#[test]
fn the_gateway_describes_each_metric_of_the_workspace_and_no_other() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut files = Vec::new();
    for member in fs::read_dir(&crates).unwrap() {
        sources(&member.unwrap().path().join("src"), &mut files);
    }
    let counted: BTreeSet<String> = files.iter().flat_map(|file| named(&fs::read_to_string(file).unwrap())).collect();
    assert!(counted.contains("remint_outcomes_total") && counted.contains("remint_verify_total"), "{counted:?}");
    let described = fs::read_to_string(crates.join("remint-gateway/src/serve/metrics.rs")).unwrap();
    let described: BTreeSet<String> = described
        .split('"')
        .filter(|text| text.starts_with("remint_") && text.chars().all(|c| c == '_' || c.is_ascii_lowercase()))
        .map(str::to_owned)
        .collect();
    assert_eq!(counted, described);
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The literals that follow the macros of metrics.
fn named(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    for found in MACROS {
        for after in source.split(found).skip(1) {
            let name = after.trim_start().strip_prefix('"').and_then(|name| name.split('"').next());
            names.extend(name.filter(|name| name.starts_with("remint_")).map(str::to_owned));
        }
    }
    names
}
