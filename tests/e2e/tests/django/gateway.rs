use std::path::Path;

use remint_e2e::Outcome;
use serde_json::Value;
use tokio::process::Command;

/// `remint-gateway keys import` from Django's database into the store and under the pepper of this folder,
/// each key for the user whose name it bears. What it says, and whether it says that all went well.
pub(crate) async fn import(folder: &Path, database: &Path, more: &[&str]) -> Outcome<(Value, bool)> {
    let config = folder.join("gateway.toml");
    std::fs::write(&config, "[api_keys]\naccept = [\"remint\", \"drf\"]\n")?;
    let mut command = Command::new("cargo");
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args([
        "run",
        "--quiet",
        "--package",
        "remint-gateway",
        "--",
        "--config",
    ]);
    command.arg(config).args(["keys", "import", "--json", "--user-column", "name"]).args(more);
    command.arg("--from").arg(format!("sqlite://{}", database.display())).kill_on_drop(true);
    let output = command.output().await?;
    let printed = serde_json::from_slice(&output.stdout);
    let printed =
        printed.map_err(|_| format!("remint-gateway keys import: {}", String::from_utf8_lossy(&output.stderr)))?;
    Ok((printed, output.status.success()))
}
