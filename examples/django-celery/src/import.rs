//! The keys that the site issued before, brought along by the operator's own command.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::Outcome;
use crate::compute::Compute;
use crate::process::run;

/// `remint-gateway keys import` from the table of djangorestframework-api-key in the site's database, into
/// the compute server's store. What it says of it.
pub(crate) fn keys(compute: &Compute, site_database: &Path) -> Outcome<Value> {
    let config = compute.folder().join("gateway.toml");
    // Store and keys are beside this file, where the defaults look for them.
    std::fs::write(&config, "[api_keys]\naccept = [\"remint\", \"drf\"]\n")?;
    let mut gateway = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    gateway.current_dir(env!("CARGO_MANIFEST_DIR")).args([
        "run",
        "--quiet",
        "--package",
        "remint-gateway",
        "--",
        "--config",
    ]);
    gateway.arg(config).args(["keys", "import", "--json", "--user-column", "name", "--from"]);
    gateway.arg(format!("sqlite://{}", site_database.display()));
    Ok(serde_json::from_str(&run("remint-gateway keys import", &mut gateway)?)?)
}
