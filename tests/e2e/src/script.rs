use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

use crate::Outcome;

/// How long anything may take before the test fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A command for one of the scripts in `peers/`, which ends with this process's interest in it.
pub(crate) fn node(script: &str) -> Command {
    command(Path::new("node"), script)
}

/// The same for Python, in the environment that `cargo xtask test` made.
pub(crate) fn python(script: &str) -> Command {
    command(&package().join("../../.peers/venv/bin/python"), script)
}

/// Runs a script to its end.
pub(crate) async fn run(mut command: Command, input: &str) -> Outcome<Output> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes()).await?;
    }
    Ok(timeout(PATIENCE, child.wait_with_output()).await??)
}

fn command(program: &Path, script: &str) -> Command {
    let mut command = Command::new(program);
    command.arg(package().join("peers").join(script)).kill_on_drop(true);
    command
}

fn package() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
