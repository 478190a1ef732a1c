//! Settings of the gateway: no text panics the reader, no complaint repeats a secret, and what is printed can be read
//! again and means the same.
#![no_main]
#![allow(dead_code, unused_imports, reason = "of the gateway only its settings are here")]

#[path = "../../crates/remint-gateway/src/failure.rs"]
mod failure;
#[path = "../../crates/remint-gateway/src/settings/mod.rs"]
mod settings;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use settings::Settings;
use tempfile::TempDir;

const SECRET: &str = "canary-canary-canary-canary-canary-1";

fn folder() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in [("gateway.toml", ""), ("secret", SECRET)] {
            let path = folder.path().join(name);
            fs::write(&path, text).expect("a file");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a file of ours");
        }
        folder
    });
    folder.path()
}

fn load(text: &str) -> Result<Settings, String> {
    let file = folder().join("gateway.toml");
    fs::write(&file, text).expect("a file");
    let variables = BTreeMap::from([("SECRET".to_owned(), SECRET.to_owned())]);
    Settings::load(Some(&file), variables).map_err(|problems| problems.to_string())
}

fuzz_target!(|text: &str| {
    // A path could name any file of this machine, and a fuzzer finds them.
    if text.len() > 16 * 1024 || text.contains("/dev") || text.contains("/proc") {
        return;
    }
    match load(text) {
        Err(problems) => assert!(!problems.is_empty() && !problems.contains("canary"), "{problems}"),
        Ok(settings) => {
            assert!(!settings.shown.contains("canary") && !format!("{settings:?}").contains("canary"));
            // A secret that stood there as text is masked, and a mask is no secret.
            if !settings.shown.contains("***") {
                let again = load(&settings.shown).expect("what is printed can be read");
                assert_eq!(again.shown, settings.shown);
            }
        }
    }
});
