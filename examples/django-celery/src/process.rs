//! Programs that end with this one.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Outcome;

/// A program of ours. It is stopped, by its pid, when this is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts it, with all it says in `<name>.log`.
    pub(crate) fn start(folder: &Path, name: &'static str, command: &mut Command) -> Outcome<Self> {
        let log = folder.join(format!("{name}.log"));
        let output = File::create(&log)?;
        let child = command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).spawn();
        let child = child.map_err(|error| format!("{name} cannot be started: {error}"))?;
        Ok(Self { name, child, log })
    }

    /// What it has said so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_else(|error| error.to_string())
    }

    /// Waits until this is so.
    ///
    /// # Errors
    ///
    /// With its log, if the program ends before that, or a minute is over.
    pub(crate) async fn until(&mut self, what: &str, mut is_so: impl AsyncFnMut(&Self) -> bool) -> Outcome<()> {
        for _ in 0..PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("{} ended with {status}:\n{}", self.name, self.log()).into());
            }
            if is_so(self).await {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(format!("{} did not come to this: {what}\n{}", self.name, self.log()).into())
    }

    /// Waits until it has said this.
    ///
    /// # Errors
    ///
    /// As [`until`](Self::until).
    pub(crate) async fn says(&mut self, text: &str) -> Outcome<()> {
        self.until(text, async |process| process.log().contains(text)).await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A warm shutdown would wait for what is gone by now.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Runs a program to its end, and returns what it printed.
///
/// # Errors
///
/// With all that it said, if it fails.
pub(crate) fn run(what: &str, command: &mut Command) -> Outcome<String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{what}: {error}"))?;
    let [printed, said] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    if output.status.success() {
        Ok(printed)
    } else {
        Err(format!("{what}: {}\n{printed}{said}", output.status).into())
    }
}

const PAUSE: Duration = Duration::from_millis(50);
/// A minute, in pauses.
const PATIENCE: u32 = 1200;
