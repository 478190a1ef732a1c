//! The layer at the edge decides nothing: its code names no requirement check, no preflight rule and no kind of a
//! denial. All of that is for the gate.

use std::path::Path;

#[test]
fn the_layer_names_nothing_that_a_request_is_refused_for() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/normalize");
    let mut files = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        files += 1;
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            for decision in DECISIONS {
                assert!(!line.contains(decision), "{}: `{decision}` in `{}`", path.display(), line.trim());
            }
        }
    }
    assert_eq!(files, 4, "mod, layer, service, future");
}

const DECISIONS: [&str; 13] = [
    "DeniedKind",
    "DeniedClass",
    "Denied",
    "Refusal",
    "Rejection",
    "StatusCode",
    "Mode",
    ".check(",
    ".admit(",
    ".respond(",
    "is_cors_preflight",
    "preflight_hint",
    "may_pass",
];
